//! Entries that are made up whenever they are read, so that a hundred million need no memory.

use super::super::sample_keys::Numbers;
use super::workload::{Entries, Entry};
use bmt_core::{LeafValue, StateKey};
use bmt_merkle::{LeafEntry, LeafSource, Prefix, SourceError};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Buckets that are put into the trie in one batch when it is built.
const CHUNK: usize = 1 << 15;

/// Uniform keys: for each value of their first bits, as many as chance would have it.
pub(crate) struct Simulated {
    bucket_bits: u32,
    mean: f64,
    count: usize,
    /// Values that were changed.
    changed: HashMap<StateKey, [u8; 32]>,
}

impl Simulated {
    /// About so many entries.
    pub(crate) fn new(about: u32) -> Self {
        let bucket_bits = (about / 6).max(2).ilog2();
        let mean = f64::from(about) / f64::from(1_u32 << bucket_bits);
        let mut all = Self { bucket_bits, mean, count: 0, changed: HashMap::new() };
        all.count = (0..1 << bucket_bits).map(|bucket| all.count_in(&mut of(bucket))).sum();
        all
    }

    /// Entries in a bucket: a Poisson number, by inversion.
    fn count_in(&self, numbers: &mut Numbers) -> usize {
        let high = u32::try_from(numbers.next() >> 32).unwrap_or_default();
        let mut rest = f64::from(high) / 2.0_f64.powi(32);
        let mut chance = (-self.mean).exp();
        let mut count = 0;
        while rest > chance && count < 100 {
            rest -= chance;
            count += 1;
            chance *= self.mean / f64::from(count);
        }
        usize::try_from(count).unwrap_or_default()
    }

    /// The entries of a bucket, in order.
    fn bucket(&self, bucket: u32, out: &mut Vec<Entry>) {
        let from = out.len();
        let mut numbers = of(bucket);
        for _ in 0..self.count_in(&mut numbers) {
            let mut key = numbers.key().to_bytes();
            let head = u32::from_be_bytes([key[0], key[1], key[2], key[3]]);
            let head = bucket << (u32::BITS - self.bucket_bits) | head >> self.bucket_bits;
            key[..4].copy_from_slice(&head.to_be_bytes());
            let key = StateKey::new(key);
            out.push((key, self.changed.get(&key).copied().unwrap_or([1; 32])));
        }
        out[from..].sort_unstable();
    }

    /// The buckets that have the keys under a prefix, and maybe others.
    fn buckets(&self, prefix: &Prefix<StateKey>) -> Range<u32> {
        let key = prefix.first_key().to_bytes();
        let head = u32::from_be_bytes([key[0], key[1], key[2], key[3]]);
        let first = head >> (u32::BITS - self.bucket_bits);
        let bits = u32::try_from(prefix.bits()).unwrap_or(u32::MAX);
        first..first + (1 << self.bucket_bits.saturating_sub(bits))
    }
}

fn of(bucket: u32) -> Numbers {
    Numbers::new(u64::from(bucket) << 20)
}

impl Entries for Simulated {
    fn count(&self) -> usize {
        self.count
    }

    fn chunk(&self, number: usize) -> Option<Vec<Entry>> {
        let all = (0..1 << self.bucket_bits).skip(number * CHUNK).take(CHUNK);
        let mut entries = Vec::new();
        let is_any = all.map(|bucket| self.bucket(bucket, &mut entries)).count() > 0;
        is_any.then_some(entries)
    }

    fn any(&self, number: u64) -> StateKey {
        let mut numbers = Numbers::new(number);
        let mut entries = Vec::new();
        while entries.is_empty() {
            let number = u32::try_from(numbers.next() >> 32).unwrap_or_default();
            self.bucket(number >> (u32::BITS - self.bucket_bits), &mut entries);
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        entries[usize::try_from(numbers.next() % count).unwrap_or_default()].0
    }

    fn count_below(&self, prefix: &Prefix<StateKey>) -> usize {
        if self.buckets(prefix).len() > 1000 {
            return usize::MAX;
        }
        self.entries_below(prefix).len()
    }

    fn entries_below(&self, prefix: &Prefix<StateKey>) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.buckets(prefix).for_each(|bucket| self.bucket(bucket, &mut entries));
        entries.retain(|(key, _)| prefix.contains(key));
        entries
    }

    fn set(&mut self, key: &StateKey, value: [u8; 32]) {
        self.changed.insert(*key, value);
    }
}

impl LeafSource<StateKey> for Simulated {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        let mut entries = Vec::new();
        for (at, prefix) in prefixes.iter().enumerate() {
            entries.clear();
            self.buckets(prefix).for_each(|bucket| self.bucket(bucket, &mut entries));
            for (key, value) in entries.iter().filter(|(key, _)| prefix.contains(key)) {
                each(at, LeafEntry { key: *key, value_len: 32, value: LeafValue::Bytes(value) });
            }
        }
        Ok(())
    }

    fn values(&self, keys: &[StateKey]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        let value = |key| {
            let entries = self.entries_below(&Prefix::new(key, 248));
            entries.first().map(|(_, value)| Arc::from(*value))
        };
        Ok(keys.iter().map(value).collect())
    }
}
