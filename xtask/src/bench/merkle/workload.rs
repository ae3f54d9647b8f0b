//! The workload of the suite `merkle`: sorted entries in memory, random updates, and a count of the
//! hashes that an update needs by definition.

use bmt_core::{GrayPaper, Key, LeafValue, StateKey};
use bmt_merkle::memory::MemoryPages;
use bmt_merkle::{
    Change, FrontierEntry, LeafEntry, LeafSource, Merkle, MerkleError, MerkleOptions, NewValue,
    Prefix, Shape, SourceError, Step, StepId, Version,
};
use std::collections::HashSet;
use std::sync::Arc;

/// Entries to a bucket, about.
const BUCKET_ENTRIES: usize = 2;
/// The weight of an entry with a value of 32 bytes.
pub(crate) const ENTRY_WEIGHT: u32 = 66;

/// Entries in key order with values of 32 bytes, side by side as in a leaf page.
pub(crate) struct Leaves {
    pub(crate) entries: Vec<(StateKey, [u8; 32])>,
    /// For each value of a key's first bits, the first entry at or above it.
    buckets: Vec<u32>,
    bucket_bits: u32,
}

impl Leaves {
    pub(crate) fn new(mut keys: Vec<StateKey>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let entries: Vec<_> = keys.into_iter().map(|key| (key, [1; 32])).collect();
        let bucket_bits = (entries.len() / BUCKET_ENTRIES).max(2).ilog2();
        let mut leaves = Self { entries, buckets: Vec::new(), bucket_bits };
        let mut next = 0;
        let count = 1 << bucket_bits;
        for bucket in 0..=count {
            while leaves.entries.get(next).is_some_and(|(key, _)| leaves.bucket(key) < bucket) {
                next += 1;
            }
            leaves.buckets.push(u32::try_from(next).unwrap_or(u32::MAX));
        }
        leaves
    }

    /// The first entry that is not below a key.
    fn from(&self, low: &StateKey) -> usize {
        let bucket = self.bucket(low);
        let (from, to) = (self.buckets[bucket] as usize, self.buckets[bucket + 1] as usize);
        let head = |key: &StateKey| key.to_bytes().first_chunk().copied().map(u64::from_be_bytes);
        let is_below =
            |key: &StateKey| head(key).cmp(&head(low)).then_with(|| key.cmp(low)).is_lt();
        from + self.entries[from..to].partition_point(|(key, _)| is_below(key))
    }

    fn bucket(&self, key: &StateKey) -> usize {
        let bytes = key.to_bytes();
        let head = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        (head >> (u32::BITS - self.bucket_bits)) as usize
    }

    pub(crate) fn key(&self, place: usize) -> StateKey {
        self.entries[place].0
    }
}

impl LeafSource<StateKey> for Leaves {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        // All places first, so that the processor looks for many at a time.
        let from: Vec<usize> = prefixes.iter().map(|prefix| self.from(prefix.first_key())).collect();
        for (at, (prefix, from)) in prefixes.iter().zip(from).enumerate() {
            for (key, value) in &self.entries[from..] {
                if !prefix.contains(key) {
                    break;
                }
                each(at, LeafEntry { key: *key, value_len: 32, value: LeafValue::Bytes(value) });
            }
        }
        Ok(())
    }

    fn values(&self, keys: &[StateKey]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        let place = |key: &StateKey| self.entries.binary_search_by_key(key, |(key, _)| *key);
        let value = |key| place(key).ok().map(|at| Arc::from(self.entries[at].1));
        Ok(keys.iter().map(value).collect())
    }
}

/// A trie over [`Leaves`].
pub(crate) struct Bench {
    pub(crate) merkle: Merkle<GrayPaper>,
    pub(crate) version: Version<GrayPaper>,
    pub(crate) leaves: Leaves,
    pub(crate) pages: MemoryPages,
    counter: u64,
}

impl Bench {
    /// The trie over these keys, with subtries of at most `entries_max` entries.
    pub(crate) fn build(
        keys: Vec<StateKey>,
        entries_max: u32,
        threads: usize,
    ) -> Result<Self, MerkleError> {
        let mut options = MerkleOptions::default();
        options.threads = threads;
        options.cache_bytes = usize::MAX;
        let shape = Shape::new(0, entries_max * ENTRY_WEIGHT, |_| ENTRY_WEIGHT);
        let merkle = Merkle::new(shape, options)?;
        let version = merkle.empty();
        let leaves = Leaves::new(Vec::new());
        let mut bench = Self { merkle, version, leaves, pages: MemoryPages::default(), counter: 0 };
        let all = Leaves::new(keys);
        for entries in all.entries.chunks(1 << 18) {
            // The entries before these are read where they share a subtrie with the first ones.
            let step = bench.step(&all, entries)?;
            bench.version = step.version;
        }
        bench.leaves = all;
        Ok(bench)
    }

    fn step(
        &mut self,
        all: &Leaves,
        entries: &[(StateKey, [u8; 32])],
    ) -> Result<Step<GrayPaper>, MerkleError> {
        self.counter += 1;
        let birth = StepId { generation: 1, counter: self.counter };
        let changes = changes(entries);
        let before = Before { leaves: all, end: entries[0].0 };
        self.merkle.update(&self.version, birth, &changes, &self.pages, &before)
    }

    /// New values for the entries at these places, ascending; the step is not kept.
    pub(crate) fn update(
        &mut self,
        places: &[usize],
        value: [u8; 32],
    ) -> Result<Step<GrayPaper>, MerkleError> {
        self.counter += 1;
        let birth = StepId { generation: 1, counter: self.counter };
        let entries: Vec<_> = places.iter().map(|at| (self.leaves.key(*at), value)).collect();
        let changes = changes(&entries);
        self.merkle.update(&self.version, birth, &changes, &self.pages, &self.leaves)
    }

    /// Makes a step the newest version.
    pub(crate) fn keep(&mut self, step: Step<GrayPaper>, places: &[usize], value: [u8; 32]) {
        self.version = step.version;
        places.iter().for_each(|at| self.leaves.entries[*at].1 = value);
    }

    /// The nodes that an update of the entries at these places, ascending, must hash: all those of the
    /// bottom subtries, and the distinct ones above.
    pub(crate) fn nodes_needed(&self, places: &[usize]) -> Result<usize, MerkleError> {
        let mut frontier: Vec<FrontierEntry<StateKey>> = Vec::new();
        let keep = |entry| frontier.push(entry);
        self.merkle.for_each_frontier_entry(&self.version, &self.pages, keep)?;
        let mut touched: Vec<usize> = places
            .iter()
            .map(|at| {
                let key = &self.leaves.key(*at);
                frontier.partition_point(|entry| entry.prefix.first_key() <= key) - 1
            })
            .collect();
        touched.dedup();
        let mut count = 0;
        let mut above = HashSet::new();
        for at in touched {
            let prefix = frontier[at].prefix;
            let from = self.leaves.from(prefix.first_key());
            let below = &self.leaves.entries[from..];
            let own = below.partition_point(|(key, _)| prefix.contains(key));
            count += nodes(&below[..own], prefix.bits());
            above.extend((0..prefix.bits()).map(|bits| Prefix::new(prefix.first_key(), bits)));
        }
        Ok(count + above.len())
    }
}

/// Nodes of the subtrie over some keys, its root at `depth`.
fn nodes(entries: &[(StateKey, [u8; 32])], depth: usize) -> usize {
    if entries.len() < 2 {
        return entries.len();
    }
    let bit = |key: &StateKey| key.as_bytes()[depth / 8] & (0x80 >> (depth % 8)) != 0;
    let ones = entries.partition_point(|(key, _)| !bit(key));
    1 + nodes(&entries[..ones], depth + 1) + nodes(&entries[ones..], depth + 1)
}

fn changes(entries: &[(StateKey, [u8; 32])]) -> Vec<Change<'_, StateKey>> {
    let pairs = entries.iter().map(|(key, value)| (*key, value));
    pairs.map(|(key, value)| Change { key, value: Some(NewValue::of(value)) }).collect()
}

/// The entries below a key: those that are there while the trie is built from the left.
struct Before<'a> {
    leaves: &'a Leaves,
    end: StateKey,
}

impl LeafSource<StateKey> for Before<'_> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        self.leaves.leaf_entries(prefixes, |at, entry| {
            if entry.key < self.end {
                each(at, entry);
            }
        })
    }

    fn values(&self, keys: &[StateKey]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        self.leaves.values(keys)
    }
}
