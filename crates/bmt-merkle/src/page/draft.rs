//! A page under construction: some of its hashes are still to be computed.

use super::body::Body;
use super::cost::Item;
use super::handle::PageHandle;
use super::outline::Outline;
use crate::bits::Prefix;
use bmt_core::{EMPTY_ROOT, Hash, Key, NodeKind};
use std::ops::Range;
use std::sync::Arc;

/// A set of small indices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct IndexSet(u128);

impl IndexSet {
    pub(crate) fn insert(&mut self, index: usize) {
        self.0 |= 1 << index;
    }

    pub(crate) fn has(self, index: usize) -> bool {
        self.0 >> index & 1 != 0
    }

    /// Whether any index from `from` up to, not including, `to` is in the set.
    pub(crate) fn has_any(self, from: usize, to: usize) -> bool {
        let below = |end: usize| if end < 128 { (1_u128 << end) - 1 } else { u128::MAX };
        self.0 & below(to) & !below(from) != 0
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let index = rest.trailing_zeros();
            // Takes the lowest bit away, or leaves 0.
            rest &= rest.wrapping_sub(1);
            (index < u128::BITS).then_some(index as usize)
        })
    }
}

/// A former frontier entry that has become part of a merged one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<K> {
    pub(crate) prefix: Prefix<K>,
    pub(crate) kind: NodeKind,
    pub(crate) hash: Hash,
}

/// A child of a page under construction.
#[derive(Debug, Clone)]
pub(crate) enum ChildDraft<K> {
    /// A page that is there already.
    Kept(Arc<PageHandle<K>>),
    /// The draft with this place among those of the step.
    New(usize),
}

/// A page under construction.
#[derive(Debug)]
pub(crate) struct PageDraft<K> {
    pub(crate) prefix: Prefix<K>,
    pub(crate) outline: Arc<Outline<K>>,
    pub(crate) items: Vec<Item>,
    /// Of the items, then of the branches.
    pub(crate) hashes: Vec<Hash>,
    pub(crate) children: Vec<ChildDraft<K>>,
    /// Items that changed, or whose hash is of another depth.
    pub(crate) dirty_items: IndexSet,
    /// Branches that are new, or hang from another depth.
    pub(crate) dirty_inner: IndexSet,
    /// Entries whose prefix was not in the frontier before.
    pub(crate) new_entries: IndexSet,
    /// Entries whose hash is to be made of others.
    pub(crate) merged: Vec<(usize, Vec<Part<K>>)>,
    pub(crate) items_bytes: u16,
}

impl<K: Key> PageDraft<K> {
    /// A copy of a page, so far without a change.
    pub(crate) fn of(page: &PageHandle<K>, body: &Body<K>) -> Self {
        Self {
            prefix: *page.prefix(),
            outline: Arc::clone(&body.outline),
            items: body.items.clone(),
            hashes: body.hashes.clone(),
            children: body.children.iter().cloned().map(ChildDraft::Kept).collect(),
            dirty_items: IndexSet::default(),
            dirty_inner: IndexSet::default(),
            new_entries: IndexSet::default(),
            merged: Vec::new(),
            items_bytes: page.items_bytes(),
        }
    }

    /// Whether the hash over the items of `range`, one at least, is to be computed.
    pub(crate) fn is_dirty(&self, range: &Range<usize>) -> bool {
        let (from, to) = (range.start, range.end);
        self.dirty_items.has_any(from, to) || self.dirty_inner.has_any(from, to - 1)
    }

    pub(crate) fn item_prefix(&self, item: usize) -> Prefix<K> {
        Prefix::of_parts(self.outline.keys[item], self.outline.bits[item])
    }

    /// The hash of everything, when all have been computed.
    pub(crate) fn hash(&self) -> Hash {
        if self.items.is_empty() {
            return EMPTY_ROOT;
        }
        self.hashes[self.outline.tree.root().place(self.items.len())]
    }
}
