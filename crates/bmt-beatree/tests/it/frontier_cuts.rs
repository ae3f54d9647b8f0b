//! How often a leaf boundary cuts a bottom subtrie: never after inserts and churn, seldom after deletes.

#![expect(clippy::print_stdout, reason = "the shares are for people to read")]

use crate::key_sets::KeySet;
use crate::model::{Model, value_hash};
use crate::random::Random;
use crate::world::options;
use bmt_beatree::{
    Buffer, Change, FlushOptions, Key, LEAF_WEIGHT_MAX, Prefix, Run, Tree, Version, cell_weight,
};
use bmt_io::SimDisk;
use std::sync::Arc;

/// The limit of a state database: sixteen entries of 66 bytes.
const BOTTOM_SUBTRIE: u32 = 1056;

/// Maximal subtries of weight at most `weight_max`, or of one entry.
fn frontier(entries: &[(Key, u32)], bits: u16, weight_max: u32, found: &mut Vec<Prefix>) {
    let Some((first, _)) = entries.first() else { return };
    let weight: u32 = entries.iter().map(|(_, weight)| weight).sum();
    if entries.len() == 1 || weight <= weight_max {
        found.push(Prefix::new(*first, bits));
        return;
    }
    let is_left = |(key, _): &(Key, u32)| key[usize::from(bits / 8)] & (0x80 >> (bits % 8)) == 0;
    let (left, right) = entries.split_at(entries.partition_point(is_left));
    frontier(left, bits + 1, weight_max, found);
    frontier(right, bits + 1, weight_max, found);
}

struct Forest {
    tree: Tree,
    version: Version,
    model: Model,
}

impl Forest {
    fn new() -> Self {
        let (tree, index) = Tree::create(SimDisk::new(1).directory(), options()).unwrap();
        Self { tree, version: Version::new(Buffer::new(), index), model: Model::new() }
    }

    /// Writes these changes into pages.
    fn apply(&mut self, changes: Vec<(Key, Option<Arc<[u8]>>)>) {
        let mut sorted = changes;
        sorted.sort_by_key(|(key, _)| *key);
        sorted.dedup_by_key(|(key, _)| *key);
        let run = sorted
            .iter()
            .map(|(key, value)| (*key, value.as_deref().map_or(Change::Delete, Change::Put)));
        let run = Arc::new(Run::new(run, value_hash).unwrap());
        let buffer = Buffer::new().with_run(run).freeze().unwrap();
        let mut flush = self.tree.flush(self.version.index(), &buffer, FlushOptions::default());
        while let Some(slice) = flush.next_slice().unwrap() {
            self.version = Version::new(Buffer::new(), flush.stored(slice));
        }
        for (key, value) in sorted {
            match value {
                Some(value) => self.model.insert(key, value),
                None => self.model.remove(&key),
            };
        }
    }

    /// The share of bottom subtries that more than one leaf has a part of, in percent.
    fn cut_percent(&self, weight_max: u32) -> f64 {
        let entries: Vec<(Key, u32)> =
            self.model.iter().map(|(key, value)| (*key, cell_weight(value.len()))).collect();
        let mut prefixes = Vec::new();
        frontier(&entries, 0, weight_max, &mut prefixes);
        let before = self.tree.stats();
        let mut found = 0;
        let mut keys = self.model.keys();
        self.version
            .leaf_entries(&prefixes, |_, entry| {
                assert_eq!(Some(&entry.key), keys.next());
                found += 1;
            })
            .unwrap();
        assert_eq!(found, self.model.len());
        let after = self.tree.stats();
        let cut = after.cut_prefix_count - before.cut_prefix_count;
        100.0 * cut as f64 / (after.prefix_count - before.prefix_count) as f64
    }
}

fn value(random: &mut Random) -> Arc<[u8]> {
    let len = random.pick(&[8, 32, 32, 32, 33, 100, 300]);
    random.bytes(len).into()
}

/// A leaf that changed is cut anew if its boundary cuts a subtrie, but the one before it may not have changed: so a
/// subtrie that has just become smaller may be cut, if it is about as large as what is kept whole.
fn cut_max(limit: u32) -> f64 {
    if limit <= BOTTOM_SUBTRIE { 0.0 } else { 0.5 }
}

fn with_keys(set: KeySet) {
    let (mut forest, mut random) = (Forest::new(), Random(1));
    let key_count = 40_000;
    let limits = [BOTTOM_SUBTRIE, LEAF_WEIGHT_MAX / 3];
    let key = |random: &mut Random| set.key(random.next() % key_count);
    for _ in 0..20 {
        let changes = (0..2500).map(|_| (key(&mut random), Some(value(&mut random)))).collect();
        forest.apply(changes);
    }
    for limit in limits {
        let cut = forest.cut_percent(limit);
        println!("{set:?}, inserts, limit {limit}: {cut:.2} %");
        assert!(cut <= cut_max(limit), "{set:?} after inserts, limit {limit}: {cut} %");
    }
    for _ in 0..20 {
        let live: Vec<Key> = forest.model.keys().copied().collect();
        let mut changes: Vec<_> = (0..1200).map(|_| (random.pick(&live), None)).collect();
        changes.extend((0..1200).map(|_| (key(&mut random), Some(value(&mut random)))));
        forest.apply(changes);
    }
    for limit in limits {
        let cut = forest.cut_percent(limit);
        println!("{set:?}, churn, limit {limit}: {cut:.2} %");
        assert!(cut <= cut_max(limit), "{set:?} after churn, limit {limit}: {cut} %");
    }
    // Three quarters of the keys, in checkpoints that each change a few leaves only.
    let rest = forest.model.len() / 4;
    while forest.model.len() > rest {
        let live: Vec<Key> = forest.model.keys().copied().collect();
        forest.apply((0..150).map(|_| (random.pick(&live), None)).collect());
    }
    for limit in limits {
        let cut = forest.cut_percent(limit);
        println!("{set:?}, three quarters deleted, limit {limit}: {cut:.2} %");
        assert!(cut < 5.0, "{set:?} after deletes, limit {limit}: {cut} %");
    }
}

#[test]
fn uniform_keys() {
    with_keys(KeySet::Uniform);
}

#[test]
fn jam_keys() {
    with_keys(KeySet::Jam);
}
