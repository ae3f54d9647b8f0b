//! How much an update hashes, and how full pages are: the figures that `cargo xtask bench merkle` holds large tries
//! to, for tries of a size that a test can build.

use crate::world::{Changes, Random, as_changes};
use bmt_core::{GrayPaper, StateKey};
use bmt_merkle::memory::{MemoryLeaves, MemoryPages};
use bmt_merkle::{Merkle, MerkleOptions, PageStats, Shape, Step, StepId, Version};
use std::collections::BTreeMap;

const ENTRY_WEIGHT: u32 = 66;
const ENTRIES_MAX: usize = 16;

/// A trie of entries with values of 32 bytes.
struct Trie {
    merkle: Merkle<GrayPaper>,
    version: Version<GrayPaper>,
    leaves: MemoryLeaves<StateKey>,
    counter: u64,
}

impl Trie {
    fn of(keys: impl Iterator<Item = StateKey>) -> Self {
        let weight_max = ENTRY_WEIGHT * u32::try_from(ENTRIES_MAX).unwrap();
        let shape = Shape::new(0, weight_max, |_| ENTRY_WEIGHT);
        let merkle = Merkle::new(shape, MerkleOptions::default()).unwrap();
        let version = merkle.empty();
        let leaves = MemoryLeaves { entries: BTreeMap::new() };
        let mut trie = Self { merkle, version, leaves, counter: 0 };
        trie.commit(&keys.map(|key| (key, Some(vec![1; 32]))).collect());
        trie
    }

    fn commit(&mut self, changes: &Changes) -> Step<GrayPaper> {
        self.counter += 1;
        let birth = StepId { generation: 1, counter: self.counter };
        let list = as_changes(changes);
        let pages = MemoryPages::default();
        let step = self.merkle.update(&self.version, birth, &list, &pages, &self.leaves).unwrap();
        self.version = step.version.clone();
        crate::world::apply(&mut self.leaves, changes);
        step
    }

    fn stats(&self) -> PageStats {
        self.merkle.page_stats(&self.version, &MemoryPages::default()).unwrap()
    }
}

fn uniform(random: &mut Random) -> StateKey {
    StateKey::new(random.bytes())
}

/// A storage item of one of some services.
fn jam(random: &mut Random, services: usize) -> StateKey {
    let service = u32::try_from(random.below(services)).unwrap().wrapping_mul(0x9e37_79b9);
    StateKey::service_storage(service, &random.bytes::<8>())
}

/// Services of the keys of a trie; none for uniform keys.
const KINDS: [Option<usize>; 3] = [None, Some(1000), Some(1)];

fn key(random: &mut Random, services: Option<usize>) -> StateKey {
    match services {
        None => uniform(random),
        Some(services) => jam(random, services),
    }
}

fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

#[test]
fn an_update_hashes_what_it_must_and_in_full_lanes() {
    for services in KINDS {
        let mut random = Random::new(1);
        let mut trie = Trie::of((0..40_000).map(|_| key(&mut random, services)));
        let keys: Vec<StateKey> = trie.leaves.entries.keys().copied().collect();
        let mut change = || (keys[random.below(keys.len())], Some(vec![2; 32]));
        let changes: Changes = (0..1000).map(|_| change()).collect();
        let touched: Vec<StateKey> = changes.keys().copied().collect();
        let counts = trie.commit(&changes).hash_counts;
        let needed = u64::try_from(needed(&keys, &touched, 0)).unwrap();
        let (nodes, full) = (as_f64(counts.nodes), as_f64(counts.nodes_in_full_lanes));
        assert!(counts.nodes >= needed, "{services:?}: {needed} needed, {counts:?}");
        assert!(nodes <= 1.02 * as_f64(needed), "{services:?}: {needed} needed, {counts:?}");
        assert!(full >= 0.85 * nodes, "{services:?}: {counts:?}");
    }
}

#[test]
fn pages_of_jam_keys_are_as_full_as_those_of_uniform_keys() {
    for count in [20_000, 30_000, 50_000] {
        let entries_per_page = KINDS.map(|services| {
            let mut random = Random::new(1);
            let stats = Trie::of((0..count).map(|_| key(&mut random, services))).stats();
            let count = |count: usize| as_f64(u64::try_from(count).unwrap());
            count(stats.entry_count) / count(stats.page_count)
        });
        let [uniform, jam @ ..] = entries_per_page;
        for jam in jam {
            let ratio = jam / uniform;
            assert!((0.9..=1.1).contains(&ratio), "{count} keys: {entries_per_page:?}");
        }
    }
}

/// Growth and shrinking of a trie of many pages; no slack but the quarter.
#[test]
fn the_page_count_after_any_history_is_within_a_quarter_of_that_from_scratch() {
    for services in KINDS {
        let mut random = Random::new(3);
        let mut trie = Trie::of((0..12_000).map(|_| key(&mut random, services)));
        for round in 0..24 {
            let is_growing = round % 12 < 7;
            let insert_count = if is_growing { 6000 } else { 1000 };
            let keys: Vec<StateKey> = trie.leaves.entries.keys().copied().collect();
            let delete_count = if is_growing { 500 } else { keys.len() / 4 };
            let new = (0..insert_count).map(|_| (key(&mut random, services), Some(vec![1; 32])));
            let mut changes: Changes = new.collect();
            // All of a stretch, or here and there.
            let from = random.below(keys.len());
            changes.extend((0..delete_count).map(|at| match round % 3 {
                0 => (keys[(from + at) % keys.len()], None),
                _ => (keys[random.below(keys.len())], None),
            }));
            trie.commit(&changes);
            let fresh = Trie::of(trie.leaves.entries.keys().copied()).stats();
            let stats = trie.stats();
            let what = format!("{services:?}, round {round}: {stats:?}, from scratch {fresh:?}");
            let (old, new) = (stats.page_count, fresh.page_count);
            assert!(old > 10 && 4 * old.max(new) <= 5 * old.min(new), "{what}");
            assert!(4 * stats.items_bytes_min.unwrap() >= PageStats::ITEMS_BYTES_MAX, "{what}");
        }
    }
}

/// The nodes that an update of `touched` must hash: all those of the bottom subtries, and the distinct ones above.
/// Counted from the keys alone.
fn needed(entries: &[StateKey], touched: &[StateKey], depth: usize) -> usize {
    let is_whole = entries.len() <= ENTRIES_MAX;
    match (touched.len(), entries.len()) {
        (0, _) => 0,
        (_, 0 | 1) => entries.len(),
        _ => {
            let ([left, right], [low, high]) = (halves(entries, depth), halves(touched, depth));
            // Below a bottom subtrie's root everything is hashed, touched or not.
            let (low, high) = if is_whole { (left, right) } else { (low, high) };
            1 + needed(left, low, depth + 1) + needed(right, high, depth + 1)
        }
    }
}

fn halves(keys: &[StateKey], depth: usize) -> [&[StateKey]; 2] {
    let is_left = |key: &StateKey| key.to_bytes()[depth / 8] & (0x80 >> (depth % 8)) == 0;
    let (left, right) = keys.split_at(keys.partition_point(is_left));
    [left, right]
}
