//! The waiting nodes of one depth, and where their hashes go.

use crate::scheme::{EMPTY_ROOT, Hash, NodeKind, Scheme};
use alloc::vec::Vec;

/// Nodes hashed in one call: a few lane groups, whose hashes stay in the first-level cache.
const BATCH: usize = 64;

/// The nodes of one depth in the order of their keys.
#[derive(Debug)]
pub(super) struct Level<T> {
    preimages: Vec<[u8; 64]>,
    places: Vec<Place>,
    tags: Vec<T>,
}

impl<T> Default for Level<T> {
    fn default() -> Self {
        Self { preimages: Vec::new(), places: Vec::new(), tags: Vec::new() }
    }
}

impl<T> Level<T> {
    pub(super) fn len(&self) -> usize {
        self.preimages.len()
    }

    pub(super) fn push(&mut self, preimage: [u8; 64], place: Place, tag: T) {
        self.preimages.push(preimage);
        self.places.push(place);
        self.tags.push(tag);
    }

    pub(super) fn preimage_mut(&mut self, index: usize) -> &mut [u8; 64] {
        &mut self.preimages[index]
    }

    /// The halves of the preimages of the last level, two a node.
    pub(super) fn parents(levels: &mut [Self]) -> &mut [Hash] {
        match levels.last_mut() {
            Some(level) => level.preimages.as_flattened_mut().as_chunks_mut().0,
            None => &mut [],
        }
    }

    /// Hashes the first `count` nodes and puts each hash where it belongs.
    pub(super) fn hash_first<S: Scheme>(
        &mut self,
        count: usize,
        parents: &mut [Hash],
        roots: &mut [Hash],
        mut visit: impl FnMut(T, &Hash),
    ) {
        let mut batch = [EMPTY_ROOT; BATCH];
        let mut tags = self.tags.drain(..count);
        let places = self.places[..count].chunks(BATCH);
        for (nodes, places) in self.preimages[..count].chunks(BATCH).zip(places) {
            let hashes = &mut batch[..nodes.len()];
            S::hash64_many(nodes, hashes);
            for ((hash, place), tag) in hashes.iter().zip(places).zip(&mut tags) {
                let hash = S::label(place.kind(), *hash);
                visit(tag, &hash);
                place.put::<S>(hash, parents, roots);
            }
        }
    }

    /// Drops the first `count` nodes, whose tags are gone already, and keeps the last one if it is
    /// not among them. Its parent will be kept so as well.
    pub(super) fn drop_first(&mut self, count: usize) {
        let kept = self.len() - count;
        self.preimages.copy_within(count.., 0);
        self.preimages.truncate(kept);
        self.places.copy_within(count.., 0);
        self.places.truncate(kept);
        self.places.iter_mut().for_each(Place::under_first);
    }

    pub(super) fn clear(&mut self) {
        self.preimages.clear();
        self.places.clear();
        self.tags.clear();
    }
}

/// Where a node's hash goes, and the node's kind: bit 31 set for a leaf; bit 30 set for a root, then
/// the index of the root; else the index of the parent in its level, then a bit set for right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place(u32);

impl Place {
    const LEAF: u32 = 1 << 31;
    const ROOT: u32 = 1 << 30;

    /// Of a branch that is a root.
    pub(super) fn root(index: usize) -> Self {
        Self(Self::index(index) | Self::ROOT)
    }

    /// Of a branch that is a child.
    pub(super) fn child(parent: usize, right: bool) -> Self {
        Self(Self::index(2 * parent + usize::from(right)))
    }

    /// The same place, of a leaf.
    pub(super) fn of_leaf(self) -> Self {
        Self(self.0 | Self::LEAF)
    }

    fn index(index: usize) -> u32 {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        assert!(index < Self::ROOT, "a wave is flushed before it has 2^29 nodes at one depth");
        index
    }

    pub(super) fn kind(self) -> NodeKind {
        if self.0 & Self::LEAF == 0 { NodeKind::Branch } else { NodeKind::Leaf }
    }

    /// Puts the labelled hash into the parent's half, or among the roots.
    pub(super) fn put<S: Scheme>(self, mut hash: Hash, parents: &mut [Hash], roots: &mut [Hash]) {
        let index = (self.0 & (Self::ROOT - 1)) as usize;
        if self.0 & Self::ROOT != 0 {
            roots[index] = hash;
            return;
        }
        hash[0] &= if self.0 & 1 == 0 { S::LEFT_FIRST_BYTE_MASK } else { 0xff };
        parents[index] = hash;
    }

    /// The parent, if there is one, has become the first of its level.
    fn under_first(&mut self) {
        if self.0 & Self::ROOT == 0 {
            self.0 &= Self::LEAF | 1;
        }
    }
}
