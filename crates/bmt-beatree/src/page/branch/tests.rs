//! Tests of the branch codec.

use super::*;
use crate::cut::page_end;
use crate::key::separator;
use crate::sample::Random;
use bmt_io::checksum;
use quickcheck::quickcheck;

const SEAL: Seal = Seal::new(4);

fn children(random: &mut Random, count: usize, shared: usize) -> Vec<(Key, PageRef)> {
    let keys = random.keys(count + 1, shared);
    let mut page = 0;
    let mut place = |random: &mut Random| {
        page += 1;
        PageRef { page, checksum: random.next() }
    };
    let mut children: Vec<(Key, PageRef)> =
        keys.windows(2).map(|pair| (separator(&pair[0], &pair[1]), place(random))).collect();
    if random.below(2) == 0 {
        children[0].0 = [0; 32];
    }
    children
}

fn fitting(children: &[(Key, PageRef)]) -> Vec<Child> {
    let end = page_end(&Separators(children), 0);
    children[..end]
        .iter()
        .map(|(separator, place)| Child { separator: *separator, place: *place })
        .collect()
}

quickcheck! {
    fn children_survive_a_page(seed: u64, count: u16, shared: u8) -> bool {
        let (count, shared) = (usize::from(count % 500) + 1, usize::from(shared % 30));
        let children = fitting(&children(&mut Random(seed), count, shared));
        let mut bytes = vec![0xee; PAGE_SIZE];
        let place = encode(SEAL, 8, 3, &children, &mut bytes);
        open(SEAL, place, &bytes) == Ok(Branch { level: 3, children })
    }

    fn damaged_pages_are_typed_errors_or_in_order(seed: u64) -> bool {
        let mut random = Random(seed);
        let children = fitting(&children(&mut random, 200, 1));
        let mut original = vec![0; PAGE_SIZE];
        encode(SEAL, 8, 1, &children, &mut original);
        (0..200).all(|_| {
            let mut bytes = original.clone();
            let at = 16 + { let bound = random.pick(&[16, 4080]); random.below(bound) };
            bytes[at] ^= 1 << random.below(8);
            parse(&bytes).map_or(true, |branch| {
                branch.children.windows(2).all(|pair| pair[0].separator < pair[1].separator)
            })
        })
    }
}

#[test]
fn a_branch_page_is_golden() {
    let children = fitting(&children(&mut Random(42), 400, 2));
    let mut bytes = vec![0; PAGE_SIZE];
    let place = encode(SEAL, 8, 1, &children, &mut bytes);
    assert_eq!(&bytes[..8], b"BTBR\x01\0\0\0");
    assert_eq!(
        (children.len(), place.checksum, checksum(0, &bytes)),
        (216, 8_434_228_622_038_933_799, 14_653_215_843_399_741_038)
    );
}
