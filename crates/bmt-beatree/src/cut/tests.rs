//! Tests of the cut: pages fit, are not too small, and no small subtrie is cut.

use super::*;
use crate::key::{Key, Prefix, shared_bits};
use crate::page::leaf::cells::CellList;
use crate::sample::Random;
use crate::weight::WHOLE_SUBTRIE_BYTES;
use quickcheck::quickcheck;

/// Keys in clusters, so that prefixes of all lengths occur.
fn clustered(random: &mut Random, count: usize) -> Vec<Key> {
    let mut keys = std::collections::BTreeSet::new();
    while keys.len() < count {
        let center = random.key(0);
        let share = random.below(32);
        for _ in 0..=random.below(80) {
            let mut key = center;
            key[share..].copy_from_slice(&random.bytes(32 - share));
            keys.insert(key);
        }
    }
    keys.into_iter().take(count).collect()
}

fn cells(random: &mut Random, keys: &[Key], len_max: usize) -> CellList {
    let mut cells = CellList::default();
    for key in keys {
        let len = random.below(len_max + 1);
        cells.push_value(*key, &random.bytes(len), &[0; 32]);
    }
    cells
}

fn ends(pieces: &impl Pieces) -> Vec<usize> {
    let mut ends = vec![0];
    while *ends.last().unwrap() < pieces.count() {
        ends.push(page_end(pieces, *ends.last().unwrap()));
    }
    ends
}

fn weight(cells: &CellList, index: usize) -> usize {
    Pieces::bytes(cells, index)
}

/// Whether a cut falls into a subtrie of at most this weight.
fn cuts_a_subtrie(cells: &CellList, cut: usize, weight_max: usize) -> bool {
    if cut == 0 || cut == cells.len() {
        return false;
    }
    // The least subtrie with both neighbours of the cut in it.
    let bits = shared_bits(cells.key(cut - 1), cells.key(cut));
    let subtrie = Prefix::new(*cells.key(cut), bits);
    let inside = (0..cells.len()).filter(|index| subtrie.contains(cells.key(*index)));
    inside.map(|index| weight(cells, index)).sum::<usize>() <= weight_max
}

quickcheck! {
    fn pages_fit_and_cut_no_small_subtrie(seed: u64, count: u16, large: bool, uniform: bool) -> bool {
        let mut random = Random(seed);
        let count = usize::from(count % 800) + 1;
        let keys = if uniform { random.keys(count, 0) } else { clustered(&mut random, count) };
        let cells = cells(&mut random, &keys, if large { 1280 } else { 60 });
        let ends = ends(&cells);
        ends.windows(2).all(|pair| {
            let bytes = cells.leaf_bytes(pair[0]..pair[1]);
            bytes <= NODE_ROOM_BYTES && !cuts_a_subtrie(&cells, pair[1], WHOLE_SUBTRIE_BYTES)
        })
    }
}

#[test]
fn uniform_pages_are_at_least_a_quarter_full() {
    let mut random = Random(3);
    let keys = random.keys(5000, 0);
    let cells = cells(&mut random, &keys, 60);
    for pair in ends(&cells).windows(2) {
        assert!(cells.leaf_bytes(pair[0]..pair[1]) > NODE_ROOM_BYTES / 4);
    }
}

#[test]
fn pages_of_a_long_list_are_filled() {
    let mut random = Random(5);
    for value_bytes in [0, 32, 128] {
        let mut cells = CellList::default();
        for key in random.keys(20_000, 0) {
            cells.push_value(key, &random.bytes(value_bytes), &[0; 32]);
        }
        let ends = ends(&cells);
        let total = cells.leaf_bytes(0..cells.len());
        let share = total as f64 / ((ends.len() - 1) * NODE_ROOM_BYTES) as f64;
        assert!(share > 0.80, "values of {value_bytes} bytes: {share}");
    }
}

#[test]
fn a_prefix_that_shrinks_at_once_leaves_a_small_page() {
    // 600 keys that share 30 bytes and then one that shares nothing.
    let mut keys: Vec<Key> = (0..600_u16)
        .map(|n| {
            let mut key = [1; 32];
            key[30..].copy_from_slice(&n.to_be_bytes());
            key
        })
        .collect();
    keys.push([2; 32]);
    let cells = cells(&mut Random(1), &keys, 0);
    assert_eq!(ends(&cells), [0, 600, 601]);
}

#[test]
fn bytes_are_counted_up_to_the_limit() {
    let keys = Random(4).keys(100, 3);
    let cells = cells(&mut Random(1), &keys, 30);
    let bytes = cells.leaf_bytes(20..100);
    assert_eq!(bytes_up_to(&cells, 20, bytes), Some(bytes));
    assert_eq!(bytes_up_to(&cells, 20, bytes - 1), None);
    assert_eq!(bytes_up_to(&cells, 100, 0), Some(0));
}
