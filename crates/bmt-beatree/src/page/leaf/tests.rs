//! Tests of the leaf codec: what goes in comes out, and damage is a typed error.

use super::cells::CellList;
use super::*;
use crate::cut;
use crate::page::leaf::encode::encode;
use crate::sample::Random;
use bmt_io::checksum;
use quickcheck::quickcheck;

const SEAL: Seal = Seal::new(3);

/// A list of cells of every kind, as many as are asked for.
fn cells(random: &mut Random, count: usize, shared: usize) -> CellList {
    let mut cells = CellList::default();
    for key in random.keys(count, shared) {
        let hash = [9; 32];
        match random.below(10) {
            0 => {
                let head = PageRef { page: 7, checksum: random.next() };
                cells.push_overflow(key, &OverflowRef { hash, len_bytes: 5000, head });
            }
            1 => {
                let len = 129 + random.below(300);
                cells.push_value(key, &random.bytes(len), &hash);
            }
            _ => {
                let len = random.below(129);
                cells.push_value(key, &random.bytes(len), &hash);
            }
        }
    }
    cells
}

fn page_of(cells: &CellList, range: Range<usize>) -> (PageRef, Vec<u8>) {
    let mut bytes = vec![0xee; PAGE_SIZE];
    (encode(SEAL, 5, cells, range, &mut bytes), bytes)
}

quickcheck! {
    fn cells_survive_a_page(seed: u64, count: u8, shared: u8) -> bool {
        let (count, shared) = (usize::from(count % 30) + 1, usize::from(shared % 31));
        let cells = cells(&mut Random(seed), count, shared);
        let end = cut::page_end(&cells, 0);
        let (place, bytes) = page_of(&cells, 0..end);
        let leaf = Leaf::open(SEAL, place, &bytes).unwrap();
        let expected = NODE_HEADER_BYTES + cells.leaf_bytes(0..end);
        let mut copy = CellList::default();
        (0..end).for_each(|index| copy.push_cells(&leaf, index..index + 1));
        leaf.cell_count() == end
            && leaf.end == expected
            && (0..end).all(|index| {
                leaf.key(index) == *cells.key(index)
                    && leaf.cell(index) == (cells.kind(index), cells.payloads(index..index + 1))
                    && leaf.find(cells.key(index)) == Ok(index)
            })
            && page_of(&copy, 0..end).1 == bytes
    }

    fn absent_keys_are_found_in_their_place(seed: u64, count: u8) -> bool {
        let mut random = Random(seed);
        let cells = cells(&mut random, usize::from(count % 20) + 1, random_share(seed));
        let end = cut::page_end(&cells, 0);
        let (place, bytes) = page_of(&cells, 0..end);
        let leaf = Leaf::open(SEAL, place, &bytes).unwrap();
        (0..50).all(|_| {
            let share = random.below(31);
            let key = random.key(share);
            let expected = (0..end).position(|index| leaf.key(index) >= key).unwrap_or(end);
            matches!(leaf.find(&key), Ok(at) | Err(at) if at == expected)
        })
    }

    fn damaged_pages_are_typed_errors_or_harmless(seed: u64) -> bool {
        let mut random = Random(seed);
        let cells = cells(&mut random, 20, 4);
        let (_, bytes) = page_of(&cells, 0..cut::page_end(&cells, 0));
        (0..200).all(|_| {
            let mut bytes = bytes.clone();
            for _ in 0..=random.below(3) {
                // Most of it in the header and the slots, where it matters.
                let at = 16 + { let bound = random.pick(&[16, 1000, 4080]); random.below(bound) };
                bytes[at] ^= 1 << random.below(8);
            }
            // Without the checksum: the layout alone must keep every access within bounds.
            match Leaf::parse(&bytes) {
                Err(_) => true,
                Ok(leaf) => (0..leaf.cell_count()).all(|index| {
                    let key = leaf.key(index);
                    let range = leaf.value_range(index);
                    range.is_none_or(|range| leaf.bytes(range).len() <= PAGE_SIZE)
                        && leaf.find(&key).is_ok_and(|at| leaf.key(at) == key)
                            | leaf.find(&key).is_err()
                        && leaf.cell(index).1.len() <= PAGE_SIZE
                }),
            }
        })
    }
}

fn random_share(seed: u64) -> usize {
    usize::try_from(seed % 31).unwrap()
}

#[test]
fn a_leaf_is_golden() {
    let cells = cells(&mut Random(42), 60, 2);
    let end = cut::page_end(&cells, 0);
    let (place, bytes) = page_of(&cells, 0..end);
    assert_eq!(&bytes[..8], b"BTLF\x01\0\0\0");
    assert_eq!(
        (end, place.checksum, checksum(0, &bytes)),
        (30, 3_522_155_910_130_927_684, 1_875_006_688_301_992_458)
    );
}

#[test]
fn cells_weigh_no_more_than_their_weight() {
    let mut random = Random(8);
    for _ in 0..200 {
        let share = random.below(20);
        let cells = cells(&mut random, 12, share);
        let weight: usize = (0..cells.len())
            .map(|index| {
                let payload = cells.payloads(index..index + 1).len();
                let len = match cells.kind(index) {
                    CellKind::Plain => payload,
                    CellKind::Hashed => payload - 32,
                    CellKind::Overflow => 5000,
                };
                to_usize(crate::cell_weight(len))
            })
            .sum();
        assert!(cells.leaf_bytes(0..cells.len()) <= weight);
    }
}

#[test]
fn keys_out_of_order_or_bounds_are_found() {
    let cells = cells(&mut Random(3), 20, 2);
    let end = cut::page_end(&cells, 0);
    let (place, mut bytes) = page_of(&cells, 0..end);
    let leaf = Leaf::open(SEAL, place, &bytes).unwrap();
    let (first, last) = (leaf.key(0), leaf.key(end - 1));
    assert_eq!(leaf.check_keys(&first, None), Ok(()));
    assert_eq!(leaf.check_keys(&[0; 32], Some(&[0xff; 32])), Ok(()));
    assert!(leaf.check_keys(&last, None).is_err());
    assert!(leaf.check_keys(&first, Some(&last)).is_err());
    let (at, len) = (leaf.keys_at, 32 - leaf.prefix_len);
    let (left, right) = bytes[at + 3 * len..at + 5 * len].split_at_mut(len);
    left.swap_with_slice(right);
    let leaf = Leaf::parse(&bytes).unwrap();
    assert!(leaf.check_keys(&first, None).is_err());
    // A single cell has all of its key as prefix.
    let (place, bytes) = page_of(&cells, 0..1);
    assert_eq!(Leaf::open(SEAL, place, &bytes).unwrap().check_keys(&first, None), Ok(()));
}
