//! A page in memory: its items with their hashes, and the hashes of the branches over them.

use super::cost::Item;
use super::handle::PageHandle;
use super::outline::{Outline, Side};
use crate::bits::Prefix;
use crate::residency::Residency;
use bmt_core::{EMPTY_ROOT, Hash, Key};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a page holds; it never changes.
#[derive(Debug)]
pub(crate) struct Body<K> {
    pub(crate) outline: Arc<Outline<K>>,
    pub(crate) items: Vec<Item>,
    /// Of each item, then of each branch between neighbours, right below the branch that it hangs from.
    pub(crate) hashes: Vec<Hash>,
    pub(crate) children: Vec<Arc<PageHandle<K>>>,
    residency: Arc<Residency>,
    /// Counted among those of pages that were not written.
    is_unwritten: AtomicBool,
}

impl<K: Key> Body<K> {
    pub(crate) fn new(
        outline: Arc<Outline<K>>,
        items: Vec<Item>,
        hashes: Vec<Hash>,
        children: Vec<Arc<PageHandle<K>>>,
        residency: &Arc<Residency>,
    ) -> Self {
        let residency = Arc::clone(residency);
        let is_unwritten = AtomicBool::new(false);
        let body = Self { outline, items, hashes, children, residency, is_unwritten };
        body.residency.add(body.bytes());
        body
    }

    /// The hash of everything, at the page's prefix.
    pub(crate) fn hash(&self) -> Hash {
        if self.items.is_empty() {
            return EMPTY_ROOT;
        }
        *self.hash_of(self.outline.tree.root())
    }

    /// The hash of an item or a branch.
    pub(crate) fn hash_of(&self, side: Side) -> &Hash {
        &self.hashes[side.place(self.items.len())]
    }

    pub(crate) fn prefix(&self, item: usize) -> Prefix<K> {
        Prefix::of_parts(self.outline.keys[item], self.outline.bits[item])
    }

    /// The child that an item is.
    pub(crate) fn child(&self, item: usize) -> Option<&Arc<PageHandle<K>>> {
        match self.items[item] {
            Item::Entry { .. } => None,
            Item::Page { child } => self.children.get(child as usize),
        }
    }
}

impl<K> Body<K> {
    /// Whether the page is one that was not written.
    pub(crate) fn set_unwritten(&self, is_unwritten: bool) {
        match (self.is_unwritten.swap(is_unwritten, Ordering::Relaxed), is_unwritten) {
            (false, true) => self.residency.add_unwritten(self.bytes()),
            (true, false) => self.residency.remove_unwritten(self.bytes()),
            _ => {}
        }
    }

    /// Bytes in memory, without the children.
    pub(crate) fn bytes(&self) -> usize {
        let per_item = size_of::<Item>() + 2 * size_of::<Hash>() + size_of::<K>() + 10;
        let per_child = size_of::<PageHandle<K>>() + size_of::<Arc<PageHandle<K>>>();
        size_of::<Self>() + per_item * self.items.len() + per_child * self.children.len()
    }
}

impl<K> Drop for Body<K> {
    fn drop(&mut self) {
        self.set_unwritten(false);
        self.residency.remove(self.bytes());
    }
}
