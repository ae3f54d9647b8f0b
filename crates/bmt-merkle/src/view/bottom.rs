//! Bottom subtries that were read, leaf by leaf, and checked against their frontier entries.

use crate::bits::{bit_at, shared_bits};
use crate::error::MerkleError;
use crate::frontier::FrontierEntry;
use crate::source::LeafSource;
use bmt_core::{EMPTY_ROOT, Hash, Key, LeafValue, NodeKind, Scheme};
use std::ops::Range;

/// The leaves of a bottom subtrie.
#[derive(Debug)]
pub(super) struct Bottom<S: Scheme> {
    pub(super) entry: FrontierEntry<S::Key>,
    keys: Vec<S::Key>,
    preimages: Vec<[u8; 64]>,
    /// Of the leaves.
    hashes: Vec<Hash>,
}

/// Reads bottom subtries in one batch; the entries ascend.
pub(super) fn read<S: Scheme, L: LeafSource<S::Key>>(
    source: &L,
    entries: &[FrontierEntry<S::Key>],
) -> Result<Vec<Bottom<S>>, MerkleError> {
    let empty = |entry: &FrontierEntry<S::Key>| Bottom {
        entry: *entry,
        keys: Vec::new(),
        preimages: Vec::new(),
        hashes: Vec::new(),
    };
    let mut bottoms: Vec<Bottom<S>> = entries.iter().map(empty).collect();
    let prefixes: Vec<_> = entries.iter().map(|entry| entry.prefix).collect();
    source
        .leaf_entries(&prefixes, |at, leaf| {
            let Some(bottom) = bottoms.get_mut(at) else { return };
            let preimage = match leaf.value {
                LeafValue::Bytes(bytes) if S::value_is_hashed(leaf.value_len) => {
                    S::leaf_preimage(&leaf.key, LeafValue::Hashed(&S::hash_value(bytes)))
                }
                value => S::leaf_preimage(&leaf.key, value),
            };
            bottom.keys.push(leaf.key);
            bottom.preimages.push(preimage);
        })
        .map_err(MerkleError::Leaves)?;
    bottoms.iter_mut().for_each(Bottom::hash_leaves);
    match bottoms.iter().find(|bottom| !bottom.is_right()) {
        None => Ok(bottoms),
        Some(wrong) => Err(wrong.mismatch()),
    }
}

impl<S: Scheme> Bottom<S> {
    /// All leaves at once, in lanes.
    fn hash_leaves(&mut self) {
        self.hashes.resize(self.preimages.len(), EMPTY_ROOT);
        S::hash64_many(&self.preimages, &mut self.hashes);
        self.hashes.iter_mut().for_each(|hash| *hash = S::label(NodeKind::Leaf, *hash));
    }

    /// Whether the leaves are those of the entry.
    fn is_right(&self) -> bool {
        let prefix = &self.entry.prefix;
        !self.keys.is_empty()
            && self.keys.is_sorted_by(|a, b| a < b)
            && self.keys.iter().all(|key| prefix.contains(key))
            && self.hash(0..self.keys.len(), prefix.bits()) == self.entry.hash
    }

    /// The error that the leaf source presents another state.
    pub(super) fn mismatch(&self) -> MerkleError {
        let mut first_key = [0; 32];
        let prefix = &self.entry.prefix;
        first_key[..S::Key::LEN].copy_from_slice(prefix.first_key().as_bytes());
        MerkleError::LeafMismatch { first_key, prefix_bits: prefix.bits() }
    }

    pub(super) fn leaf_count(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, leaf: usize) -> &S::Key {
        &self.keys[leaf]
    }

    pub(super) fn preimage(&self, leaf: usize) -> &[u8; 64] {
        &self.preimages[leaf]
    }

    /// The bit in which the leaves of a range part, and the first one on the right; `None` for a single
    /// leaf.
    pub(super) fn split(&self, leaves: &Range<usize>) -> Option<(usize, usize)> {
        let keys = &self.keys[leaves.clone()];
        let [first, .., last] = keys else { return None };
        let split = shared_bits(first, last);
        let ones = keys.partition_point(|key| !bit_at(key.as_bytes(), split));
        Some((split, leaves.start + ones))
    }

    /// The hash of the subtrie over some leaves, its root at `depth`.
    pub(super) fn hash(&self, leaves: Range<usize>, depth: usize) -> Hash {
        let Some((split, middle)) = self.split(&leaves) else {
            return self.hashes[leaves.start];
        };
        let left = self.hash(leaves.start..middle, split + 1);
        let right = self.hash(middle..leaves.end, split + 1);
        let key = self.keys[leaves.start].as_bytes();
        let branch = S::hash_branch(&left, &right);
        (depth..split).rev().fold(branch, |below, bit| match bit_at(key, bit) {
            false => S::hash_branch(&below, &EMPTY_ROOT),
            true => S::hash_branch(&EMPTY_ROOT, &below),
        })
    }
}
