//! Adding the subtrie over sorted entries.

use super::Wave;
use super::level::Place;
use crate::bits::{bit_at, shared_prefix_bits};
use crate::key::Key;
use crate::scheme::{LeafValue, Scheme};
use core::ops::Range;

/// Keys that are compared in one go, ahead of adding nodes: so the processor fetches them together,
/// and not one by one behind mispredicted jumps.
const BLOCK: usize = 256;

impl<'v, S: Scheme> Wave<'v, S> {
    /// Begins the subtrie over `entries` with its root at `depth`, adds all its nodes, and flushes
    /// as often as the wave is full. Returns the index of its root.
    ///
    /// # Panics
    /// When the keys are not strictly ascending, or differ in their first `depth` bits.
    pub fn add_sorted<V: AsRef<[u8]>>(
        &mut self,
        depth: usize,
        entries: &'v [(S::Key, V)],
    ) -> usize {
        let root = self.begin(depth);
        // Of the branches on a key's path, those above `from` were added for the keys before.
        let mut from = depth;
        for (index, block) in entries.chunks(BLOCK).enumerate() {
            let depths = parting_depths(&entries[BLOCK * index..], depth);
            for ((key, value), to) in block.iter().zip(depths) {
                self.branches(key, from..to);
                self.leaf(key, from.max(to), LeafValue::Bytes(value.as_ref()), ());
                from = to;
            }
            if self.is_full() {
                self.flush(|(), _| {});
            }
        }
        root
    }

    /// As [`Wave::branch`] at each of `depths`.
    pub(super) fn branches(&mut self, key: &S::Key, depths: Range<usize>) {
        if depths.is_empty() {
            return;
        }
        let mut place = self.place(key, depths.start);
        for (depth, level) in depths.clone().zip(&mut self.levels[depths.clone()]) {
            let below = Place::child(level.len(), bit_at(key.as_bytes(), depth));
            level.push([0; 64], place, ());
            place = below;
        }
        self.open.end = depths.end;
        self.added(depths);
    }
}

/// For the first entries, up to a block of them: the depth below the branch at which each parts
/// from the next one, or `depth` for the last of all.
fn parting_depths<K: Key, V>(entries: &[(K, V)], depth: usize) -> [usize; BLOCK] {
    let mut depths = [depth; BLOCK];
    for (to, pair) in depths.iter_mut().zip(entries.windows(2)) {
        *to = 1 + parting_bit(&pair[0].0, &pair[1].0, depth);
    }
    depths
}

/// The first bit in which `key` and `next` differ.
pub(super) fn parting_bit<K: Key>(key: &K, next: &K, depth: usize) -> usize {
    let shared = shared_prefix_bits(key.as_bytes(), next.as_bytes());
    assert!(bit_at(next.as_bytes(), shared), "keys are strictly ascending");
    assert!(shared >= depth, "the keys of a subtrie at depth {depth} share their first bits");
    shared
}
