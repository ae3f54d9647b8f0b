//! Entries in memory, as a leaf source.

use super::workload::{Entries, Entry};
use bmt_core::{LeafValue, StateKey};
use bmt_merkle::{LeafEntry, LeafSource, Prefix, SourceError};
use std::sync::Arc;

/// Entries that are put into the trie in one batch when it is built.
const CHUNK: usize = 1 << 18;
/// Entries to a bucket, about.
const BUCKET_ENTRIES: usize = 2;
/// Entries in key order with values of 32 bytes, side by side as in a leaf page.
pub(crate) struct Leaves {
    entries: Vec<Entry>,
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

    fn below(&self, prefix: &Prefix<StateKey>) -> &[Entry] {
        let from = &self.entries[self.from(prefix.first_key())..];
        &from[..from.partition_point(|(key, _)| prefix.contains(key))]
    }
}

impl LeafSource<StateKey> for Leaves {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        // All places first, so that the processor looks for many at a time.
        let from: Vec<usize> =
            prefixes.iter().map(|prefix| self.from(prefix.first_key())).collect();
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

impl Entries for Leaves {
    fn count(&self) -> usize {
        self.entries.len()
    }

    fn chunk(&self, number: usize) -> Option<Vec<Entry>> {
        self.entries.chunks(CHUNK).nth(number).map(<[Entry]>::to_vec)
    }

    fn any(&self, number: u64) -> StateKey {
        let count = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        self.entries[usize::try_from(number % count).unwrap_or_default()].0
    }

    fn count_below(&self, prefix: &Prefix<StateKey>) -> usize {
        self.below(prefix).len()
    }

    fn entries_below(&self, prefix: &Prefix<StateKey>) -> Vec<Entry> {
        self.below(prefix).to_vec()
    }

    fn set(&mut self, key: &StateKey, value: [u8; 32]) {
        if let Ok(at) = self.entries.binary_search_by_key(key, |(key, _)| *key) {
            self.entries[at].1 = value;
        }
    }
}
