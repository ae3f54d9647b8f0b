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

/// Bits of a key by which its bucket is found.
const BUCKET_BITS: u32 = 20;
/// The weight of an entry with a value of 32 bytes.
pub(crate) const ENTRY_WEIGHT: u32 = 66;

/// Entries in key order with values of 32 bytes.
pub(crate) struct Leaves {
    pub(crate) keys: Vec<StateKey>,
    values: Vec<[u8; 32]>,
    /// For each value of a key's first bits, the first entry at or above it.
    buckets: Vec<usize>,
}

impl Leaves {
    pub(crate) fn new(mut keys: Vec<StateKey>) -> Self {
        keys.sort_unstable();
        keys.dedup();
        let values = vec![[1; 32]; keys.len()];
        let mut buckets = vec![0; (1 << BUCKET_BITS) + 2];
        keys.iter().for_each(|key| buckets[bucket(key) + 1] += 1);
        let mut sum = 0;
        for count in &mut buckets {
            sum += *count;
            *count = sum;
        }
        Self { keys, values, buckets }
    }

    fn from(&self, low: &StateKey) -> usize {
        let bucket = bucket(low);
        let (from, to) = (self.buckets[bucket], self.buckets[bucket + 1]);
        let head = |key: &StateKey| key.to_bytes().first_chunk().copied().map(u64::from_be_bytes);
        let is_below =
            |key: &StateKey| head(key).cmp(&head(low)).then_with(|| key.cmp(low)).is_lt();
        from + self.keys[from..to].partition_point(is_below)
    }
}

fn bucket(key: &StateKey) -> usize {
    let bytes = key.to_bytes();
    let head = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    (head >> (32 - BUCKET_BITS)) as usize
}

impl LeafSource<StateKey> for Leaves {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        for (at, prefix) in prefixes.iter().enumerate() {
            let from = self.from(prefix.first_key());
            for (key, value) in self.keys[from..].iter().zip(&self.values[from..]) {
                if !prefix.contains(key) {
                    break;
                }
                each(at, LeafEntry { key: *key, value_len: 32, value: LeafValue::Bytes(value) });
            }
        }
        Ok(())
    }

    fn values(&self, keys: &[StateKey]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        let value = |key| self.keys.binary_search(key).ok().map(|at| Arc::from(self.values[at]));
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
        for (keys, values) in all.keys.chunks(1 << 18).zip(all.values.chunks(1 << 18)) {
            // The entries before these are read where they share a subtrie with the first ones.
            let step = bench.step(&all, keys, values)?;
            bench.version = step.version;
        }
        bench.leaves = all;
        Ok(bench)
    }

    fn step(
        &mut self,
        all: &Leaves,
        keys: &[StateKey],
        values: &[[u8; 32]],
    ) -> Result<Step<GrayPaper>, MerkleError> {
        self.counter += 1;
        let birth = StepId { generation: 1, counter: self.counter };
        let changes = changes(keys, values);
        let before = Before { leaves: all, end: keys[0] };
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
        let keys: Vec<StateKey> = places.iter().map(|at| self.leaves.keys[*at]).collect();
        let values = vec![value; keys.len()];
        let changes = changes(&keys, &values);
        self.merkle.update(&self.version, birth, &changes, &self.pages, &self.leaves)
    }

    /// Makes a step the newest version.
    pub(crate) fn keep(&mut self, step: Step<GrayPaper>, places: &[usize], value: [u8; 32]) {
        self.version = step.version;
        places.iter().for_each(|at| self.leaves.values[*at] = value);
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
                let key = &self.leaves.keys[*at];
                frontier.partition_point(|entry| entry.prefix.first_key() <= key) - 1
            })
            .collect();
        touched.dedup();
        let mut count = 0;
        let mut above = HashSet::new();
        for at in touched {
            let prefix = frontier[at].prefix;
            let from = self.leaves.from(prefix.first_key());
            let own = self.leaves.keys[from..].partition_point(|key| prefix.contains(key));
            count += nodes(&self.leaves.keys[from..from + own], prefix.bits());
            above.extend((0..prefix.bits()).map(|bits| Prefix::new(prefix.first_key(), bits)));
        }
        Ok(count + above.len())
    }
}

/// Nodes of the subtrie over some keys, its root at `depth`.
fn nodes(keys: &[StateKey], depth: usize) -> usize {
    if keys.len() < 2 {
        return keys.len();
    }
    let bit = |key: &StateKey| key.as_bytes()[depth / 8] & (0x80 >> (depth % 8)) != 0;
    let ones = keys.partition_point(|key| !bit(key));
    1 + nodes(&keys[..ones], depth + 1) + nodes(&keys[ones..], depth + 1)
}

fn changes<'a>(keys: &[StateKey], values: &'a [[u8; 32]]) -> Vec<Change<'a, StateKey>> {
    let change = |(key, value): (&StateKey, &'a [u8; 32])| Change {
        key: *key,
        value: Some(NewValue::of(value)),
    };
    keys.iter().zip(values).map(change).collect()
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
