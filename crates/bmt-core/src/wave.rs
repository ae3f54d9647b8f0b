//! Waves: the nodes of whole tries, bottom subtries or upper tries, hashed deepest first in full
//! lanes.
//!
//! Nodes are added in preorder, that is depth first and left before right, each with its depth.
//! Nothing is hashed then: a node goes to the end of the array of its depth as a 64-byte preimage,
//! with the place of its hash, which is one half of the last preimage of the depth above. A *wave*
//! ([`Wave::flush`]) walks the depths upwards; it hashes each array in full lanes, and every hash
//! goes straight into its parent. So a node moves once, there is no allocation per node, and the
//! memory is bounded by flushing when [`Wave::is_full`]; the nodes on the path last added to, which
//! still wait for children, stay.
//!
//! One-sided branches (shared bits of keys) are nodes like the others.
//!
//! ```
//! use bmt_core::wave::Wave;
//! use bmt_core::{GrayPaper, StateKey, reference};
//!
//! let entries: Vec<_> = (0..9).map(|i| (StateKey::component(i), [i; 32])).collect();
//! let mut wave = Wave::<GrayPaper>::new();
//! // Two subtries of one trie: keys that begin with the bits 00000000 and 00001.
//! wave.add_sorted(8, &entries[..1]);
//! wave.add_sorted(5, &entries[8..]);
//! let roots = wave.finish(|(), _| {});
//! assert_eq!(roots.len(), 2);
//!
//! wave.clear();
//! wave.add_sorted(0, &entries);
//! assert_eq!(wave.finish(|(), _| {}), [reference::root::<GrayPaper, _>(&entries)]);
//! ```

mod counts;
mod frontier;
mod level;
mod sorted;
mod values;

pub use counts::HashCounts;
pub use frontier::FrontierEntry;

use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};
use alloc::vec::Vec;
use core::ops::Range;
use level::{Level, Place};
use values::Values;

/// Nodes that fill a wave: enough for full lanes at most depths, and little enough to stay in the
/// second-level cache, at 68 bytes a node.
const FULL: usize = 4096;

/// Nodes waiting to be hashed, and the roots of the subtries that have been.
///
/// `'v` is the lifetime of values that wait for their hash. `T` is handed back with a node's hash.
#[derive(Debug)]
pub struct Wave<'v, S: Scheme, T = ()> {
    /// By depth; one more than there are bits in a key.
    levels: Vec<Level<T>>,
    values: Values<'v, S>,
    /// Depths of the branches that can still get children, each the last node of its level. The
    /// first is the depth of the current subtrie's root.
    open: Range<usize>,
    /// No level from here on has a node.
    end: usize,
    waiting: usize,
    roots: Vec<Hash>,
    counts: HashCounts,
}

impl<'v, S: Scheme, T> Wave<'v, S, T> {
    /// A wave without nodes.
    #[must_use]
    pub fn new() -> Self {
        let mut levels = Vec::new();
        levels.resize_with(8 * S::Key::LEN + 1, Level::default);
        Self {
            levels,
            values: Values::default(),
            open: 0..0,
            end: 0,
            waiting: 0,
            roots: Vec::new(),
            counts: HashCounts::default(),
        }
    }

    /// Begins a subtrie whose root stands at `depth`, and ends the one before. Returns the index of
    /// its root in what [`Wave::finish`] gives; a subtrie without nodes has [`EMPTY_ROOT`].
    pub fn begin(&mut self, depth: usize) -> usize {
        assert!(depth < self.levels.len(), "a key has {} bits", 8 * S::Key::LEN);
        self.open = depth..depth;
        self.roots.push(EMPTY_ROOT);
        self.roots.len() - 1
    }

    /// Adds the branch at `depth` on `key`'s path; its children come next. Either may be left out.
    ///
    /// # Panics
    /// When the branch that is its parent was not added, or is closed by a later node.
    pub fn branch(&mut self, key: &S::Key, depth: usize, tag: T) {
        let place = self.place(key, depth);
        self.levels[depth].push([0; 64], place, tag);
        self.added(depth..depth + 1);
        self.open.end = depth + 1;
    }

    /// Adds the leaf of `key` as a node at `depth`. A value that must be hashed waits, too.
    ///
    /// # Panics
    /// As [`Wave::branch`].
    pub fn leaf(&mut self, key: &S::Key, depth: usize, value: LeafValue<'v>, tag: T) {
        let preimage = match value {
            LeafValue::Bytes(bytes) if S::value_is_hashed(bytes.len()) => {
                self.values.push(key, depth, self.levels[depth].len(), bytes);
                [0; 64]
            }
            value => S::leaf_preimage(key, value),
        };
        let place = self.place(key, depth).of_leaf();
        self.levels[depth].push(preimage, place, tag);
        self.added(depth..depth + 1);
        self.open.end = depth;
    }

    /// Adds a subtrie at `depth` on `key`'s path of which the (labelled) hash is known.
    ///
    /// # Panics
    /// As [`Wave::branch`].
    pub fn known(&mut self, key: &S::Key, depth: usize, hash: &Hash) {
        let place = self.place(key, depth);
        place.put::<S>(*hash, Level::parents(&mut self.levels[..depth]), &mut self.roots);
        self.open.end = depth;
    }

    /// Nodes that wait to be hashed.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether it is time to [`Wave::flush`].
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.waiting >= FULL
    }

    /// Hashes every node that has all its children. `visit` gets each node's tag and labelled hash,
    /// children before parents. Nodes can be added to the current subtrie afterwards.
    pub fn flush(&mut self, mut visit: impl FnMut(T, &Hash)) {
        self.values.hash_into(&mut self.levels, &mut self.counts);
        for depth in (0..self.end).rev() {
            let (above, below) = self.levels.split_at_mut(depth);
            let level = &mut below[0];
            if level.len() > 0 {
                let parents = Level::parents(above);
                let done = level.len() - usize::from(self.open.contains(&depth));
                level.hash_first::<S>(done, parents, &mut self.roots, &mut visit);
                level.drop_first(done);
                self.waiting -= done;
                self.counts.add_nodes(done, S::lane_count());
            }
        }
        self.end = self.end.min(self.open.end);
    }

    /// Ends the current subtrie and hashes everything; `visit` as for [`Wave::flush`]. The roots
    /// are those of the subtries begun since [`Wave::clear`], in their order.
    pub fn finish(&mut self, visit: impl FnMut(T, &Hash)) -> &[Hash] {
        self.open = 0..0;
        self.flush(visit);
        &self.roots
    }

    /// Forgets all nodes and roots, but not the memory they took and the counts.
    pub fn clear(&mut self) {
        self.levels.iter_mut().for_each(Level::clear);
        self.values.clear();
        self.roots.clear();
        self.open = 0..0;
        self.end = 0;
        self.waiting = 0;
    }

    /// How much was hashed since the wave was made.
    #[must_use]
    pub fn counts(&self) -> HashCounts {
        self.counts
    }

    /// One node was added at each of these depths.
    fn added(&mut self, depths: Range<usize>) {
        self.waiting += depths.len();
        self.end = self.end.max(depths.end);
    }

    /// Where the hash of a branch at `depth` on `key`'s path goes, when it is added now.
    fn place(&self, key: &S::Key, depth: usize) -> Place {
        let Range { start, end } = self.open;
        assert!(start <= depth && depth <= end, "a node comes after its parent, in preorder");
        if depth == start {
            return Place::root(self.roots.len() - 1);
        }
        let parent = self.levels[depth - 1].len() - 1;
        Place::child(parent, bit_at(key.as_bytes(), depth - 1))
    }
}

impl<S: Scheme, T> Default for Wave<'_, S, T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
