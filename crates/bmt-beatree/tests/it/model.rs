//! The judge: a sorted map, and the comparison of a version with it.

use crate::random::Random;
use bmt_beatree::{EntryValue, Key, LeafEntry, Prefix, Value, Version};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Keys and values as they should be.
pub(crate) type Model = BTreeMap<Key, Arc<[u8]>>;

/// The hash that the tests store beside values.
pub(crate) fn value_hash(value: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    for (seed, part) in (0..).zip(hash.chunks_exact_mut(8)) {
        part.copy_from_slice(&bmt_io::checksum(seed, value).to_le_bytes());
    }
    hash
}

fn same(found: Option<&Value>, expected: Option<&Arc<[u8]>>) -> bool {
    found.map(|value| &**value) == expected.map(|value| &**value)
}

/// Compares everything, forwards and backwards.
pub(crate) fn check_all(version: &Version, model: &Model) {
    let mut found = version.iter();
    for (key, value) in model {
        let (found_key, found_value) = found.next().unwrap().unwrap();
        assert_eq!(found_key, *key);
        assert!(same(Some(&found_value), Some(value)), "value of {key:02x?}");
    }
    assert!(found.next().is_none());
    let backwards = version.iter().rev().map(|entry| entry.unwrap().0);
    assert!(backwards.eq(model.keys().rev().copied()));
}

/// Compares some keys, ranges and prefixes.
pub(crate) fn check_some(version: &Version, model: &Model, random: &mut Random, keys: &[Key]) {
    let values = version.get_many(keys).unwrap();
    for (key, value) in keys.iter().zip(&values) {
        assert!(same(value.as_ref(), model.get(key)), "get_many of {key:02x?}");
    }
    for key in keys.iter().take(20) {
        let value = version.get(key).unwrap();
        assert!(same(value.as_ref(), model.get(key)), "get of {key:02x?}");
    }
    let mut ends = [random.pick(keys), random.pick(keys)];
    ends.sort_unstable();
    check_range(version, model, random, ends[0], ends[1]);
    version.prefetch(&keys[..keys.len().min(10)]).unwrap();
    check_prefixes(version, model, random, keys);
}

/// A range walked from both ends at random, for some steps.
fn check_range(version: &Version, model: &Model, random: &mut Random, low: Key, high: Key) {
    let mut expected = model.range(low..=high);
    let mut found = version.range(low..=high);
    for _ in 0..300 {
        let (found, expected) = match random.below(2) {
            0 => (found.next(), expected.next()),
            _ => (found.next_back(), expected.next_back()),
        };
        let found = found.map(Result::unwrap);
        assert_eq!(found.as_ref().map(|(key, _)| key), expected.map(|(key, _)| key));
        if expected.is_none() {
            return;
        }
        assert!(same(found.as_ref().map(|(_, value)| value), expected.map(|(_, value)| value)));
    }
}

fn check_prefixes(version: &Version, model: &Model, random: &mut Random, keys: &[Key]) {
    let mut prefixes: Vec<Prefix> = (0..30)
        .map(|_| {
            let bits = random.pick(&[8_u16, 12, 16, 20, 60, 241, 250, 256]);
            Prefix::new(random.pick(keys), bits)
        })
        .collect();
    if random.below(2) == 0 {
        prefixes.sort_unstable();
    }
    if model.len() < 2000 {
        prefixes.push(Prefix::EMPTY);
    }
    let mut found: Vec<Vec<(Key, usize, Vec<u8>)>> = vec![Vec::new(); prefixes.len()];
    version
        .leaf_entries(&prefixes, |at, LeafEntry { key, value_len, value, .. }| {
            let bytes = match value {
                EntryValue::Bytes(bytes) => bytes.to_vec(),
                EntryValue::Hash(hash) => hash.to_vec(),
            };
            found[at].push((key, value_len, bytes));
        })
        .unwrap();
    let mut fetched: Vec<Vec<Key>> = vec![Vec::new(); prefixes.len()];
    let leaves = version.fetch_leaves(&prefixes).unwrap();
    leaves.entries(|at, entry| fetched[at].push(entry.key)).unwrap();
    for (fetched, found) in fetched.iter().zip(&found) {
        assert!(fetched.iter().eq(found.iter().map(|(key, ..)| key)));
    }
    for (prefix, found) in prefixes.iter().zip(found) {
        let expected =
            model.range(prefix.first_key()..).take_while(|(key, _)| prefix.contains(key));
        let expected = expected.map(|(key, value)| {
            let is_short = value.len() <= 128;
            (*key, value.len(), if is_short { value.to_vec() } else { value_hash(value).to_vec() })
        });
        assert!(expected.eq(found), "entries under {prefix:?}");
    }
}
