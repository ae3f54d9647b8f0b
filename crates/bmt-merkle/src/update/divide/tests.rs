//! How much work makes a piece.

use super::{KEYS_MAX, REGIONS_MAX, divide, region_count};
use crate::bits::Prefix;
use crate::update::locate::Region;
use bmt_core::{Key, StateKey};

/// Empty regions with these numbers of keys.
fn regions(key_counts: &[usize]) -> Vec<Region<StateKey>> {
    let mut from = 7;
    let mut region = |count: &usize| {
        let keys = from..from + count;
        from = keys.end;
        Region { prefix: Prefix::empty(), old: None, keys }
    };
    key_counts.iter().map(&mut region).collect()
}

#[test]
fn a_piece_has_many_regions_or_many_keys() {
    assert_eq!(region_count(&regions(&[1; 3])), 3);
    assert_eq!(region_count(&regions(&[1; 3 * REGIONS_MAX])), REGIONS_MAX);
    assert_eq!(region_count(&regions(&[KEYS_MAX / 4; 100])), 4);
    assert_eq!(region_count(&regions(&[KEYS_MAX, 1])), 1);
    assert_eq!(region_count(&regions(&[KEYS_MAX + 1, 1])), 1);
    assert_eq!(region_count(&regions(&[1, KEYS_MAX + 1, 1])), 1);
    assert_eq!(region_count(&regions(&[])), 0);
}

#[test]
fn a_region_of_many_keys_is_divided_where_they_part() {
    // Keys that share 100 bits, two of them far from the others.
    let key = |number: u32| {
        let mut bytes = [0xa5; 31];
        bytes[13..17].copy_from_slice(&number.wrapping_mul(0x0001_0003).to_be_bytes());
        StateKey::new(bytes)
    };
    let mut keys: Vec<StateKey> = (0..5 * 4096).map(key).collect();
    keys.extend([StateKey::new([0xa4; 31]), StateKey::new([0xff; 31])]);
    keys.sort_unstable();
    let mut parts = Vec::new();
    divide(&keys, 0..keys.len(), Prefix::new(&keys[0], 1), &mut parts);
    assert!(parts.len() >= 7, "{} parts", parts.len());
    let mut end = 0;
    for (prefix, range) in parts {
        assert_eq!(range.start, end);
        end = range.end;
        assert!(!range.is_empty() && range.len() <= KEYS_MAX);
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(prefix.contains(key), range.contains(&at), "{prefix:?}");
        }
        assert!(prefix.bits() <= 8 * StateKey::LEN);
    }
    assert_eq!(end, keys.len());
}
