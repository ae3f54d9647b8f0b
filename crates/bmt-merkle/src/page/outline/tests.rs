//! Searching an outline, and packed sides.

use super::{Outline, PackedSide, Side, SplitTree};
use crate::page::cost::ITEM_COUNT_MAX;
use bmt_core::StateKey;

#[test]
fn a_search_counts_what_is_at_or_below_also_among_equal_heads() {
    for page_bits in [0_usize, 5, 8, 200, 231, 240] {
        let mut keys: Vec<StateKey> = Vec::new();
        for first in [0, 1, 2] {
            for last in [0, 3, 7] {
                let mut bytes = [0; 31];
                // Some keys part in the first bits after the page's prefix, some past its head.
                let at = page_bits.div_ceil(8);
                bytes[at] = first;
                bytes[30] |= last;
                keys.push(StateKey::new(bytes));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        let outline = Outline::new(page_bits, keys.clone(), vec![248; keys.len()]);
        for probe in keys.iter().flat_map(|key| {
            let mut above = key.to_bytes();
            above[30] += 1;
            [*key, StateKey::new(above)]
        }) {
            let count = keys.iter().filter(|key| **key <= probe).count();
            assert_eq!(outline.count_to(&probe), count, "{page_bits} bits");
        }
    }
    assert_eq!(Outline::new(0, Vec::new(), Vec::new()).count_to(&StateKey::MAX), 0);
}

#[test]
fn sides_come_back_from_both_forms() {
    for index in 0..ITEM_COUNT_MAX {
        for side in [Side::Item(index), Side::Inner(index)] {
            assert_eq!(u8::pack(side).unpack(), side);
            assert_eq!(u32::pack(side).unpack(), side);
        }
    }
}

#[test]
fn an_item_stands_beside_the_one_that_hangs_from_its_branch() {
    // Parting at bits 2, 5, 1 and 3: ((0, (1, 2)), (3, 4)).
    let tree = SplitTree::<u8>::new(vec![2, 5, 1, 3]);
    let beside: Vec<Option<usize>> = (0..5).map(|item| tree.beside(item)).collect();
    assert_eq!(beside, [None, Some(2), Some(1), Some(4), Some(3)]);
    assert_eq!(SplitTree::<u8>::new(Vec::new()).beside(0), None);
}
