//! Seeded keys, values and damage for unit tests.

use crate::key::Key;

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or_default()
    }

    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }

    /// A key whose first `shared` bytes are sevens.
    pub(crate) fn key(&mut self, shared: usize) -> Key {
        let mut key = [7; 32];
        key[shared..].copy_from_slice(&self.bytes(32 - shared));
        key
    }

    /// So many different keys in order.
    pub(crate) fn keys(&mut self, count: usize, shared: usize) -> Vec<Key> {
        let mut keys = std::collections::BTreeSet::new();
        while keys.len() < count {
            keys.insert(self.key(shared));
        }
        keys.into_iter().collect()
    }
}
