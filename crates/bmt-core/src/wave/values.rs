//! Values that wait to be hashed into their leaves' preimages.

use super::counts::HashCounts;
use super::level::Level;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};
use alloc::vec::Vec;

/// Values and, in the same order, the leaves they belong to.
#[derive(Debug)]
pub(super) struct Values<'v, S: Scheme> {
    values: Vec<&'v [u8]>,
    leaves: Vec<Leaf<S::Key>>,
    hashes: Vec<Hash>,
}

#[derive(Debug)]
struct Leaf<K> {
    key: K,
    depth: usize,
    /// In the level of that depth.
    index: usize,
}

impl<S: Scheme> Default for Values<'_, S> {
    fn default() -> Self {
        Self { values: Vec::new(), leaves: Vec::new(), hashes: Vec::new() }
    }
}

impl<'v, S: Scheme> Values<'v, S> {
    pub(super) fn push(&mut self, key: &S::Key, depth: usize, index: usize, value: &'v [u8]) {
        self.values.push(value);
        self.leaves.push(Leaf { key: *key, depth, index });
    }

    /// Hashes all values and completes their leaves' preimages.
    pub(super) fn hash_into<T>(&mut self, levels: &mut [Level<T>], counts: &mut HashCounts) {
        counts.add_values(self.values.len());
        self.hashes.resize(self.values.len(), EMPTY_ROOT);
        S::hash_values_many(&self.values, &mut self.hashes);
        for (leaf, hash) in self.leaves.iter().zip(&self.hashes) {
            let preimage = levels[leaf.depth].preimage_mut(leaf.index);
            *preimage = S::leaf_preimage(&leaf.key, LeafValue::Hashed(hash));
        }
        self.clear();
    }

    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.leaves.clear();
    }
}
