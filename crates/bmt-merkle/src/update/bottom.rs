//! Hashing bottom subtries: all leaves at once, then the branches over them in waves.

use super::locate::Region;
use super::read::Leaves;
use crate::bits::{Prefix, bit_at, shared_bits};
use crate::frontier::{FrontierChange, FrontierEntry};
use bmt_core::wave::{self, HashCounts, Wave};
use bmt_core::{EMPTY_ROOT, Hash, Key, LeafValue, NodeKind, Scheme};
use std::ops::Range;

/// Hashes the bottom subtries of some regions.
#[derive(Debug)]
pub(crate) struct BottomHasher<S: Scheme> {
    wave: Wave<'static, S>,
    hashes: Vec<Hash>,
    counts: HashCounts,
    weight_max: u64,
}

/// A bottom subtrie of a region.
struct Subtrie {
    top: usize,
    leaves: Range<usize>,
    weight: u32,
}

impl<S: Scheme> BottomHasher<S> {
    pub(crate) fn new(weight_max: u32) -> Self {
        Self {
            wave: Wave::new(),
            hashes: Vec::new(),
            counts: HashCounts::default(),
            weight_max: u64::from(weight_max),
        }
    }

    /// What was hashed so far.
    pub(crate) fn counts(&self) -> HashCounts {
        let mut counts = self.counts;
        counts += self.wave.counts();
        counts
    }

    /// The edits that the regions' new leaves make, appended in ascending order.
    pub(crate) fn edits(
        &mut self,
        regions: &[Region<S::Key>],
        mut leaves: Leaves<S>,
        edits: &mut Vec<FrontierChange<S::Key>>,
    ) {
        self.hash_leaves(&mut leaves);
        self.wave.clear();
        let mut subtries = Vec::new();
        let mut ends = Vec::with_capacity(regions.len());
        let mut from = 0;
        for (region, to) in regions.iter().zip(&leaves.ends) {
            self.cut(&leaves, region.prefix.bits(), from..*to, &mut subtries);
            ends.push(subtries.len());
            from = *to;
        }
        for subtrie in &subtries {
            self.add(&leaves, subtrie);
        }
        let roots = self.wave.finish(|(), _| {});
        let mut roots = roots.iter();
        let mut from = 0;
        for (region, to) in regions.iter().zip(ends) {
            let own = subtries[from..to].iter().map(|subtrie| {
                let first = subtrie.leaves.start;
                let prefix = match subtrie.top == region.prefix.bits() {
                    true => region.prefix,
                    false => Prefix::new(&leaves.keys[first], subtrie.top),
                };
                let (kind, hash) = match subtrie.leaves.len() {
                    1 => (NodeKind::Leaf, self.hashes[first]),
                    _ => (NodeKind::Branch, roots.next().copied().unwrap_or(EMPTY_ROOT)),
                };
                FrontierEntry { prefix, kind, weight: subtrie.weight, hash }
            });
            push_edits(region, own, edits);
            from = to;
        }
    }

    /// The hash of every leaf.
    fn hash_leaves(&mut self, leaves: &mut Leaves<S>) {
        if !leaves.unhashed.is_empty() {
            let values: Vec<&[u8]> =
                leaves.unhashed.iter().map(|(_, range)| &leaves.values[range.clone()]).collect();
            let mut hashes = vec![EMPTY_ROOT; values.len()];
            S::hash_values_many(&values, &mut hashes);
            self.counts.values += values.len() as u64;
            for ((leaf, _), hash) in leaves.unhashed.iter().zip(&hashes) {
                let value = LeafValue::Hashed(hash);
                leaves.preimages[*leaf] = S::leaf_preimage(&leaves.keys[*leaf], value);
            }
        }
        let count = leaves.keys.len();
        self.hashes.clear();
        self.hashes.resize(count, EMPTY_ROOT);
        S::hash64_many(&leaves.preimages, &mut self.hashes);
        self.hashes.iter_mut().for_each(|hash| *hash = S::label(NodeKind::Leaf, *hash));
        self.counts.nodes += count as u64;
        self.counts.nodes_in_full_lanes += (count - count % S::lane_count().max(1)) as u64;
    }

    /// Cuts the leaves of `range`, which share their first `top` bits, into bottom subtries.
    fn cut(&self, leaves: &Leaves<S>, top: usize, range: Range<usize>, out: &mut Vec<Subtrie>) {
        if range.is_empty() {
            return;
        }
        let weight: u64 = leaves.weights[range.clone()].iter().map(|w| u64::from(*w)).sum();
        if range.len() == 1 || weight <= self.weight_max {
            let Ok(weight) = u32::try_from(weight) else {
                unreachable!("a bottom subtrie weighs less than 2^32")
            };
            out.push(Subtrie { top, leaves: range, weight });
            return;
        }
        let keys = &leaves.keys[range.clone()];
        let split = shared_bits(&keys[0], &keys[keys.len() - 1]);
        let ones = keys.partition_point(|key| !bit_at(key.as_bytes(), split));
        let middle = range.start + ones;
        self.cut(leaves, split + 1, range.start..middle, out);
        self.cut(leaves, split + 1, middle..range.end, out);
    }

    fn add(&mut self, leaves: &Leaves<S>, subtrie: &Subtrie) {
        if subtrie.leaves.len() < 2 {
            return;
        }
        let keys = leaves.keys[subtrie.leaves.clone()].iter();
        let entries =
            keys.zip(&self.hashes[subtrie.leaves.clone()]).map(|(key, hash)| wave::FrontierEntry {
                prefix: *key,
                prefix_bits: 8 * S::Key::LEN,
                kind: NodeKind::Leaf,
                hash: *hash,
            });
        self.wave.add_frontier(subtrie.top, entries);
    }
}

/// The edits that turn a region's old entry into its new ones.
fn push_edits<K: Key>(
    region: &Region<K>,
    mut own: impl ExactSizeIterator<Item = FrontierEntry<K>>,
    edits: &mut Vec<FrontierChange<K>>,
) {
    match region.old {
        Some(old) if own.len() == 1 => {
            edits.extend(own.next().filter(|entry| *entry != old).map(FrontierChange::Set));
        }
        old => {
            edits.extend(old.map(|old| FrontierChange::Remove(old.prefix)));
            edits.extend(own.map(FrontierChange::Set));
        }
    }
}
