//! A page in memory: its items with their hashes, and the hashes of the branches over them.

use super::cost::Item;
use super::handle::PageHandle;
use super::outline::{Outline, Side};
use crate::bits::Prefix;
use bmt_core::{EMPTY_ROOT, Hash, Key};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a page holds; it never changes.
#[derive(Debug)]
pub(crate) struct Body<K> {
    pub(crate) outline: Arc<Outline<K>>,
    pub(crate) items: Vec<Item>,
    /// Of each item, right below the branch that it hangs from.
    pub(crate) hashes: Vec<Hash>,
    /// Of each branch between neighbours, right below the branch that it hangs from.
    pub(crate) inner: Vec<Hash>,
    pub(crate) children: Vec<Arc<PageHandle<K>>>,
    /// Bytes in memory of all bodies of the trie.
    resident: Arc<AtomicUsize>,
}

impl<K: Key> Body<K> {
    pub(crate) fn new(
        outline: Arc<Outline<K>>,
        items: Vec<Item>,
        [hashes, inner]: [Vec<Hash>; 2],
        children: Vec<Arc<PageHandle<K>>>,
        resident: &Arc<AtomicUsize>,
    ) -> Self {
        let body = Self { outline, items, hashes, inner, children, resident: Arc::clone(resident) };
        body.resident.fetch_add(body.bytes(), Ordering::Relaxed);
        body
    }

    /// The hash of everything, at the page's prefix.
    pub(crate) fn hash(&self) -> Hash {
        if self.items.is_empty() {
            return EMPTY_ROOT;
        }
        match self.outline.tree.root() {
            Side::Item(item) => self.hashes[item],
            Side::Inner(inner) => self.inner[inner],
        }
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
    /// Bytes in memory, without the children.
    pub(crate) fn bytes(&self) -> usize {
        let per_item = size_of::<Item>() + 2 * size_of::<Hash>() + size_of::<K>() + 10;
        let per_child = size_of::<PageHandle<K>>() + size_of::<Arc<PageHandle<K>>>();
        size_of::<Self>() + per_item * self.items.len() + per_child * self.children.len()
    }
}

impl<K> Drop for Body<K> {
    fn drop(&mut self) {
        self.resident.fetch_sub(self.bytes(), Ordering::Relaxed);
    }
}
