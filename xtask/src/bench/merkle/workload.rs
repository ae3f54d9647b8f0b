//! The workload of the suite `merkle`: a trie over some entries, random updates, and a count of the hashes
//! that an update needs by definition.

use bmt_core::{GrayPaper, Key, StateKey};
use bmt_merkle::memory::MemoryPages;
use bmt_merkle::{
    Change, LeafEntry, LeafSource, Merkle, MerkleError, MerkleOptions, NewValue, Prefix, Shape,
    SourceError, Step, StepId, Version,
};
use std::collections::HashSet;
use std::sync::Arc;

/// The weight of an entry with a value of 32 bytes.
const ENTRY_WEIGHT: u32 = 66;

/// A key and its value.
pub(crate) type Entry = (StateKey, [u8; 32]);

/// Where the entries are.
pub(crate) trait Entries: LeafSource<StateKey> {
    fn count(&self) -> usize;

    /// All entries in order, in as many batches as they fill.
    fn chunk(&self, number: usize) -> Option<Vec<Entry>>;

    /// One of the keys.
    fn any(&self, number: u64) -> StateKey;

    fn count_below(&self, prefix: &Prefix<StateKey>) -> usize;

    fn entries_below(&self, prefix: &Prefix<StateKey>) -> Vec<Entry>;

    /// Changes the value of a key that is there.
    fn set(&mut self, key: &StateKey, value: [u8; 32]);
}

/// A trie over some entries, its pages in memory.
pub(crate) struct Bench<E> {
    pub(crate) merkle: Merkle<GrayPaper>,
    pub(crate) version: Version<GrayPaper>,
    pub(crate) entries: E,
    pub(crate) pages: MemoryPages,
    entries_max: u32,
    counter: u64,
}

impl<E: Entries> Bench<E> {
    /// The trie over these entries, with subtries of at most `entries_max` of them.
    pub(crate) fn build(entries: E, entries_max: u32, threads: usize) -> Result<Self, MerkleError> {
        let mut options = MerkleOptions::default();
        options.threads = threads;
        options.cache_bytes = usize::MAX;
        let shape = Shape::new(0, entries_max * ENTRY_WEIGHT, |_| ENTRY_WEIGHT);
        let merkle = Merkle::new(shape, options)?;
        let (version, pages) = (merkle.empty(), MemoryPages::default());
        let mut bench = Self { merkle, version, entries, pages, entries_max, counter: 0 };
        for number in 0.. {
            let Some(chunk) = bench.entries.chunk(number) else { break };
            let Some((end, _)) = chunk.first() else { continue };
            // The entries before these are read where they share a subtrie with the first ones.
            let before = Before { entries: &bench.entries, end: *end };
            bench.counter += 1;
            let birth = StepId { generation: 1, counter: bench.counter };
            let (base, pages) = (&bench.version, &bench.pages);
            let step = bench.merkle.update(base, birth, &changes(&chunk), pages, &before)?;
            bench.version = step.version;
        }
        Ok(bench)
    }

    /// A new value for some keys, ascending; the step is not kept.
    pub(crate) fn update(
        &mut self,
        keys: &[StateKey],
        value: [u8; 32],
    ) -> Result<Step<GrayPaper>, MerkleError> {
        self.counter += 1;
        let birth = StepId { generation: 1, counter: self.counter };
        let change = |key: &StateKey| Change { key: *key, value: Some(NewValue::of(&value)) };
        let changes: Vec<_> = keys.iter().map(change).collect();
        self.merkle.update(&self.version, birth, &changes, &self.pages, &self.entries)
    }

    /// Makes a step the newest version.
    pub(crate) fn keep(&mut self, step: Step<GrayPaper>, keys: &[StateKey], value: [u8; 32]) {
        self.version = step.version;
        keys.iter().for_each(|key| self.entries.set(key, value));
    }

    /// The nodes that an update of some keys, ascending, must hash: all those of the bottom subtries,
    /// and the distinct ones above. Counted from the entries alone.
    pub(crate) fn nodes_needed(&self, keys: &[StateKey]) -> usize {
        let mut count = 0;
        let mut above = HashSet::new();
        let mut last = None;
        for key in keys {
            if last.is_some_and(|last: Prefix<StateKey>| last.contains(key)) {
                continue;
            }
            let prefix = self.bottom(key);
            count += nodes(&self.entries.entries_below(&prefix), prefix.bits());
            above.extend((0..prefix.bits()).map(|bits| Prefix::new(key, bits)));
            last = Some(prefix);
        }
        count + above.len()
    }

    /// The prefix of the bottom subtrie that a key belongs to.
    fn bottom(&self, key: &StateKey) -> Prefix<StateKey> {
        let is_light = |bits| {
            let count = self.entries.count_below(&Prefix::new(key, bits));
            u32::try_from(count).is_ok_and(|count| count <= self.entries_max)
        };
        let (mut heavy, mut light) = (0, 8 * StateKey::LEN);
        if is_light(heavy) {
            return Prefix::new(key, heavy);
        }
        while light - heavy > 1 {
            let middle = heavy.midpoint(light);
            *(if is_light(middle) { &mut light } else { &mut heavy }) = middle;
        }
        Prefix::new(key, light)
    }
}

/// Nodes of the subtrie over some entries, its root at `depth`.
fn nodes(entries: &[Entry], depth: usize) -> usize {
    if entries.len() < 2 {
        return entries.len();
    }
    let bit = |key: &StateKey| key.as_bytes()[depth / 8] & (0x80 >> (depth % 8)) != 0;
    let ones = entries.partition_point(|(key, _)| !bit(key));
    1 + nodes(&entries[..ones], depth + 1) + nodes(&entries[ones..], depth + 1)
}

fn changes(entries: &[Entry]) -> Vec<Change<'_, StateKey>> {
    let pairs = entries.iter().map(|(key, value)| (*key, value));
    pairs.map(|(key, value)| Change { key, value: Some(NewValue::of(value)) }).collect()
}

/// The entries below a key: those that are there while the trie is built from the left.
struct Before<'a, E> {
    entries: &'a E,
    end: StateKey,
}

impl<E: Entries> LeafSource<StateKey> for Before<'_, E> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        self.entries.leaf_entries(prefixes, |at, entry| {
            if entry.key < self.end {
                each(at, entry);
            }
        })
    }

    fn values(&self, keys: &[StateKey]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        self.entries.values(keys)
    }
}
