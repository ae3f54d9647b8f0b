//! Hashing bottom subtries: where they are, and what their roots are.

use super::locate::Region;
use super::read::Leaves;
use super::subtries::Subtries;
use crate::bits::{Prefix, bit_at, shared_bits};
use crate::frontier::{FrontierChange, FrontierEntry};
use bmt_core::wave::HashCounts;
use bmt_core::{EMPTY_ROOT, Hash, Key, LeafValue, NodeKind, Scheme};
use std::ops::Range;

/// Leaves that are hashed together: many enough for full lanes, and little enough to stay in the
/// second-level cache with the branches over them.
const LEAVES_TOGETHER: usize = 2048;

/// Hashes the bottom subtries of some regions.
#[derive(Debug)]
pub(crate) struct BottomHasher<S: Scheme> {
    waiting: Subtries<S>,
    roots: Vec<Hash>,
    subtries: Vec<Subtrie>,
    value_count: u64,
    weight_max: u64,
}

/// A bottom subtrie of a region.
#[derive(Debug)]
struct Subtrie {
    /// The region's place.
    region: usize,
    top: usize,
    leaves: Range<usize>,
    weight: u32,
}

impl<S: Scheme> BottomHasher<S> {
    pub(crate) fn new(weight_max: u32) -> Self {
        Self {
            waiting: Subtries::new(),
            roots: Vec::new(),
            subtries: Vec::new(),
            value_count: 0,
            weight_max: u64::from(weight_max),
        }
    }

    /// What was hashed so far.
    pub(crate) fn counts(&self) -> HashCounts {
        let mut counts = self.waiting.counts();
        counts.values += self.value_count;
        counts
    }

    /// The edits that the regions' new leaves make, appended in ascending order.
    pub(crate) fn edits(
        &mut self,
        regions: &[Region<S::Key>],
        mut leaves: Leaves<S>,
        edits: &mut Vec<FrontierChange<S::Key>>,
    ) {
        self.hash_values(&mut leaves);
        self.roots.clear();
        self.subtries.clear();
        let (mut from, mut hashed) = (0, 0);
        for (at, (region, to)) in regions.iter().zip(&leaves.ends).enumerate() {
            let known = self.subtries.len();
            self.cut(&leaves, (at, region.prefix.bits()), from..*to);
            for subtrie in &self.subtries[known..] {
                self.waiting.add(subtrie.top, &leaves.keys[subtrie.leaves.clone()]);
            }
            from = *to;
            if self.waiting.leaf_count() >= LEAVES_TOGETHER {
                self.waiting.finish(&leaves.preimages[hashed..from], &mut self.roots);
                hashed = from;
            }
        }
        self.waiting.finish(&leaves.preimages[hashed..from], &mut self.roots);
        self.push_edits(regions, &leaves, edits);
    }

    /// The edits of all regions, when everything is hashed.
    fn push_edits(
        &self,
        regions: &[Region<S::Key>],
        leaves: &Leaves<S>,
        edits: &mut Vec<FrontierChange<S::Key>>,
    ) {
        edits.reserve(self.subtries.len());
        let mut rest = self.subtries.iter().zip(&self.roots).peekable();
        for (at, region) in regions.iter().enumerate() {
            let mut is_kept = false;
            let from = edits.len();
            while let Some((subtrie, hash)) = rest.next_if(|(subtrie, _)| subtrie.region == at) {
                let first = subtrie.leaves.start;
                let prefix = match subtrie.top == region.prefix.bits() {
                    true => region.prefix,
                    false => Prefix::new(&leaves.keys[first], subtrie.top),
                };
                is_kept |= region.old.is_some_and(|old| old.prefix == prefix);
                let kind =
                    if subtrie.leaves.len() == 1 { NodeKind::Leaf } else { NodeKind::Branch };
                let entry = FrontierEntry { prefix, kind, weight: subtrie.weight, hash: *hash };
                if region.old != Some(entry) {
                    edits.push(FrontierChange::Set(entry));
                }
            }
            if let Some(old) = region.old.filter(|_| !is_kept) {
                edits.insert(from, FrontierChange::Remove(old.prefix));
            }
        }
    }

    /// Hashes the values that have to be.
    fn hash_values(&mut self, leaves: &mut Leaves<S>) {
        if leaves.unhashed.is_empty() {
            return;
        }
        let values: Vec<&[u8]> =
            leaves.unhashed.iter().map(|(_, range)| &leaves.values[range.clone()]).collect();
        let mut hashes = vec![EMPTY_ROOT; values.len()];
        S::hash_values_many(&values, &mut hashes);
        self.value_count += values.len() as u64;
        for ((leaf, _), hash) in leaves.unhashed.iter().zip(&hashes) {
            let value = LeafValue::Hashed(hash);
            leaves.preimages[*leaf] = S::leaf_preimage(&leaves.keys[*leaf], value);
        }
    }

    /// Cuts the leaves of `range`, which share their first `top` bits, into bottom subtries.
    fn cut(&mut self, leaves: &Leaves<S>, (region, top): (usize, usize), range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let weight: u64 = leaves.weights[range.clone()].iter().map(|w| u64::from(*w)).sum();
        if range.len() == 1 || weight <= self.weight_max {
            let Ok(weight) = u32::try_from(weight) else {
                unreachable!("a bottom subtrie weighs less than 2^32")
            };
            self.subtries.push(Subtrie { region, top, leaves: range, weight });
            return;
        }
        let keys = &leaves.keys[range.clone()];
        let split = shared_bits(&keys[0], &keys[keys.len() - 1]);
        let ones = keys.partition_point(|key| !bit_at(key.as_bytes(), split));
        let middle = range.start + ones;
        self.cut(leaves, (region, split + 1), range.start..middle);
        self.cut(leaves, (region, split + 1), middle..range.end);
    }
}
