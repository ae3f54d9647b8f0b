//! Hashing many small subtries at once: first all leaves, then the branches, deepest first.
//!
//! What `bmt_core::wave` does for tries of any size, for subtries of which all leaves are at hand: their
//! preimages lie in one array, so that nothing but branches is stored here, and every hash is written once,
//! into its parent.

use crate::bits::{bit_at, index_u32, shared_bits, stored_bits};
use bmt_core::wave::HashCounts;
use bmt_core::{EMPTY_ROOT, Hash, Key, NodeKind, Scheme};
use std::marker::PhantomData;

/// Nodes hashed in one call: a few groups of lanes, whose hashes stay in the first-level cache.
const BATCH: usize = 64;

/// Where a node's hash goes: bit 31 set for a root, then its index; else twice the index of the parent
/// among those of its depth, and one more for its right side.
#[derive(Debug, Clone, Copy)]
struct Place(u32);

impl Place {
    const ROOT: u32 = 1 << 31;

    fn root(index: usize) -> Self {
        Self(index_u32(index) | Self::ROOT)
    }

    fn child(parent: usize, is_right: bool) -> Self {
        Self(index_u32(2 * parent) | u32::from(is_right))
    }
}

/// The branches of one depth, in the order of their keys.
#[derive(Debug, Default)]
struct Level {
    /// The halves are filled in as the children are hashed.
    preimages: Vec<[u8; 64]>,
    places: Vec<Place>,
}

impl Level {
    /// Adds a branch whose hash goes to `place`; the place of its child on one side.
    #[inline]
    fn push(&mut self, place: Place, is_right: bool) -> Place {
        let index = self.places.len();
        self.places.push(place);
        self.preimages.push([0; 64]);
        Place::child(index, is_right)
    }
}

/// The bits of a key, the first 64 in a register.
struct Path<'a> {
    head: u64,
    bytes: &'a [u8],
}

impl<'a> Path<'a> {
    fn of<K: Key>(key: &'a K) -> Self {
        let bytes = key.as_bytes();
        let head = bytes.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default();
        Self { head, bytes }
    }

    #[inline]
    fn is_right(&self, depth: usize) -> bool {
        match depth {
            0..64 => self.head << depth >> 63 != 0,
            _ => bit_at(self.bytes, depth),
        }
    }
}

/// Subtries that wait to be hashed.
#[derive(Debug)]
pub(super) struct Subtries<S: Scheme> {
    /// By depth.
    levels: Vec<Level>,
    /// Of each leaf, the depth of its parent and its place there.
    leaves: Vec<(u16, Place)>,
    /// No level from here on has a branch.
    end: usize,
    roots: Vec<Hash>,
    counts: HashCounts,
    scheme: PhantomData<S>,
}

impl<S: Scheme> Subtries<S> {
    pub(super) fn new() -> Self {
        let mut levels = Vec::new();
        levels.resize_with(8 * S::Key::LEN, Level::default);
        Self {
            levels,
            leaves: Vec::new(),
            end: 0,
            roots: Vec::new(),
            counts: HashCounts::default(),
            scheme: PhantomData,
        }
    }

    /// What was hashed so far.
    pub(super) fn counts(&self) -> HashCounts {
        self.counts
    }

    /// Leaves that wait.
    pub(super) fn leaf_count(&self) -> usize {
        self.leaves.len()
    }

    /// Adds the subtrie over some keys, ascending, which share their first `top` bits.
    pub(super) fn add(&mut self, top: usize, keys: &[S::Key]) {
        let root = Place::root(self.roots.len());
        self.roots.push(EMPTY_ROOT);
        // Of the branches on a key's path, those above `from` were added for the keys before.
        let mut from = top;
        for (at, key) in keys.iter().enumerate() {
            let to = keys.get(at + 1).map_or(top, |next| 1 + shared_bits(key, next));
            let path = Path::of(key);
            let mut place = match from.checked_sub(1).filter(|_| from > top) {
                Some(above) => self.last_child(above, path.is_right(above)),
                None => root,
            };
            if from < to {
                for (level, depth) in self.levels[from..to].iter_mut().zip(from..) {
                    place = level.push(place, path.is_right(depth));
                }
                self.end = self.end.max(to);
            }
            let depth = from.max(to);
            self.leaves.push((stored_bits(depth.saturating_sub(1)), place));
            from = to;
        }
    }

    /// A side of the last branch at a depth.
    fn last_child(&self, depth: usize, is_right: bool) -> Place {
        Place::child(self.levels[depth].places.len() - 1, is_right)
    }

    /// Hashes everything that was added since the last call; `leaves` are the preimages of all leaves,
    /// in the order in which they were added. The hashes of the subtries' roots go to the end of `roots`.
    pub(super) fn finish(&mut self, leaves: &[[u8; 64]], roots: &mut Vec<Hash>) {
        assert_eq!(leaves.len(), self.leaves.len(), "every leaf has its preimage");
        self.hash_leaves(leaves);
        for depth in (0..self.end).rev() {
            self.hash_level(depth);
        }
        self.leaves.clear();
        self.end = 0;
        roots.append(&mut self.roots);
    }

    fn hash_leaves(&mut self, leaves: &[[u8; 64]]) {
        let mut hashes = [EMPTY_ROOT; BATCH];
        for (nodes, places) in leaves.chunks(BATCH).zip(self.leaves.chunks(BATCH)) {
            let hashes = &mut hashes[..nodes.len()];
            S::hash64_many(nodes, hashes);
            for (hash, (depth, place)) in hashes.iter().zip(places) {
                let hash = S::label(NodeKind::Leaf, *hash);
                let parents = &mut self.levels[usize::from(*depth)].preimages;
                put::<S>(hash, *place, parents, &mut self.roots);
            }
        }
        count(&mut self.counts, leaves.len(), S::lane_count());
    }

    fn hash_level(&mut self, depth: usize) {
        let mut hashes = [EMPTY_ROOT; BATCH];
        let (above, below) = self.levels.split_at_mut(depth);
        let Some(level) = below.first_mut().filter(|level| !level.places.is_empty()) else {
            return;
        };
        let mut none = Vec::new();
        let parents = above.last_mut().map_or(&mut none, |level| &mut level.preimages);
        for (nodes, places) in level.preimages.chunks(BATCH).zip(level.places.chunks(BATCH)) {
            let hashes = &mut hashes[..nodes.len()];
            S::hash64_many(nodes, hashes);
            for (hash, place) in hashes.iter().zip(places) {
                put::<S>(S::label(NodeKind::Branch, *hash), *place, parents, &mut self.roots);
            }
        }
        count(&mut self.counts, level.places.len(), S::lane_count());
        level.preimages.clear();
        level.places.clear();
    }
}

/// Writes a hash into its parent. What of it the parent does not commit to is cut off there, not before: a
/// copy that was changed in one byte can't be copied on at once.
#[inline]
fn put<S: Scheme>(hash: Hash, place: Place, parents: &mut [[u8; 64]], roots: &mut [Hash]) {
    let index = (place.0 & !Place::ROOT) as usize;
    if place.0 & Place::ROOT != 0 {
        roots[index] = hash;
        return;
    }
    let halves: &mut [Hash] = parents.as_flattened_mut().as_chunks_mut().0;
    halves[index] = hash;
    if index.is_multiple_of(2) {
        halves[index][0] &= S::LEFT_FIRST_BYTE_MASK;
    }
}

fn count(counts: &mut HashCounts, nodes: usize, lane_count: usize) {
    counts.nodes += nodes as u64;
    counts.nodes_in_full_lanes += (nodes - nodes % lane_count.max(1)) as u64;
}
