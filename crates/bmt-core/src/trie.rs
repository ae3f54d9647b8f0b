//! An incremental in-memory trie: insert, delete, root, range and proof, with O(1) snapshots.
//!
//! Nodes are path-compressed in memory (one branch per pair of neighbours) and shared between
//! clones; a write copies only the nodes on its path that a clone still holds. Hashes are computed
//! when asked for and kept until something below them changes.

mod hash;
mod prove;
mod range;
mod walk;
mod write;

pub use range::Range;
pub use walk::SubTrie;

use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Hash, Scheme};
use alloc::sync::Arc;
use core::fmt;

/// A keyed binary Merkle trie in memory.
///
/// `Clone` is O(1): both copies share all nodes. A write costs O(depth), the next [`Trie::root`]
/// one hash for each node on the paths written. About 350 bytes of memory an entry beside its value.
#[derive(Clone)]
pub struct Trie<S: Scheme> {
    root: Option<Arc<Node<S>>>,
    count: usize,
}

/// A node of the path-compressed trie.
#[derive(Clone)]
enum Node<S: Scheme> {
    Leaf(Leaf<S>),
    Branch(Branch<S>),
}

#[derive(Clone)]
struct Leaf<S: Scheme> {
    key: S::Key,
    value: Arc<[u8]>,
    hash: Option<Hash>,
}

#[derive(Clone)]
struct Branch<S: Scheme> {
    /// Some key that was below when the branch was made: it has the prefix all keys below share.
    key: S::Key,
    /// The first bit in which the keys below differ.
    split_bit: usize,
    left: Arc<Node<S>>,
    right: Arc<Node<S>>,
    /// The hash at depth `split_bit`.
    hash: Option<Hash>,
    /// The hash at a depth above, over one-sided branches: that depth and the hash.
    hash_above: Option<(usize, Hash)>,
}

impl<S: Scheme> Trie<S> {
    /// The empty trie.
    #[must_use]
    pub fn new() -> Self {
        Self { root: None, count: 0 }
    }

    /// How many keys are present.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether no key is present.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The value of `key`, or `None` when it is absent. O(depth).
    #[must_use]
    pub fn get(&self, key: &S::Key) -> Option<&Arc<[u8]>> {
        let mut node = self.root.as_deref()?;
        loop {
            match node {
                Node::Leaf(leaf) => return (leaf.key == *key).then_some(&leaf.value),
                Node::Branch(branch) => node = branch.side(key),
            }
        }
    }

    /// Sets the value of `key` and returns the one it had. An empty value is a present value.
    pub fn insert(&mut self, key: S::Key, value: impl Into<Arc<[u8]>>) -> Option<Arc<[u8]>> {
        let before = write::insert(&mut self.root, key, value.into());
        self.count += usize::from(before.is_none());
        before
    }

    /// Removes `key` and returns the value it had.
    pub fn remove(&mut self, key: &S::Key) -> Option<Arc<[u8]>> {
        let before = write::remove(&mut self.root, key);
        self.count -= usize::from(before.is_some());
        before
    }

    /// The root; hashes what changed since the last call.
    pub fn root(&mut self) -> Hash {
        match &mut self.root {
            Some(node) => hash::root(node),
            None => EMPTY_ROOT,
        }
    }
}

impl<S: Scheme> Branch<S> {
    fn side(&self, key: &S::Key) -> &Node<S> {
        if bit_at(key.as_bytes(), self.split_bit) { &self.right } else { &self.left }
    }
}

impl<S: Scheme> Default for Trie<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Scheme> fmt::Debug for Trie<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trie").field("scheme", &S::NAME).field("count", &self.count).finish()
    }
}

impl<S: Scheme, V: Into<Arc<[u8]>>> FromIterator<(S::Key, V)> for Trie<S> {
    fn from_iter<I: IntoIterator<Item = (S::Key, V)>>(entries: I) -> Self {
        let mut trie = Self::new();
        for (key, value) in entries {
            trie.insert(key, value);
        }
        trie
    }
}

#[cfg(test)]
pub(crate) mod tests;
