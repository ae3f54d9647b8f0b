//! Walking a trie from its root, whatever keeps it: what proofs and witnesses are built from.
//!
//! [`TrieView`] is implemented by [`&Trie`](crate::Trie); a database implements it over its pages.
//! Every builder of this crate that takes a view gives the same bytes for the same state.

mod scan;

use crate::scheme::{Hash, Scheme};
use alloc::sync::Arc;
pub(crate) use scan::Scan;

/// The key type of a view's scheme.
pub type KeyOf<V> = <<V as TrieView>::Scheme as Scheme>::Key;

/// A trie in one state that can be walked from its root.
///
/// A node is a non-empty subtrie at some depth; one-sided branches are nodes like any other. All
/// answers are of one state: a view does not change while it is walked.
pub trait TrieView {
    /// What the trie hashes and how.
    type Scheme: Scheme;
    /// Names one non-empty subtrie.
    type Node;
    /// Why a node can't be read; [`core::convert::Infallible`] in memory.
    type Error;

    /// The whole trie, or `None` when it is empty.
    ///
    /// # Errors
    /// When the top can't be read.
    fn top(&self) -> Result<Option<Self::Node>, Self::Error>;

    /// What `node` is, and the nodes right below it.
    ///
    /// # Errors
    /// When the node can't be read.
    fn open(&self, node: &Self::Node) -> Result<Opened<KeyOf<Self>, Self::Node>, Self::Error>
    where
        Self: Sized;

    /// The hash of `node`.
    ///
    /// # Errors
    /// When the node can't be read.
    fn hash(&self, node: &Self::Node) -> Result<Hash, Self::Error>;

    /// The 64 bytes of which the hash of `leaf`, a node that opens to a leaf, is taken.
    ///
    /// # Errors
    /// When the leaf can't be read.
    fn leaf_preimage(&self, leaf: &Self::Node) -> Result<[u8; 64], Self::Error>;

    /// The value of `leaf`, a node that opens to a leaf.
    ///
    /// # Errors
    /// When the value can't be read.
    fn leaf_value(&self, leaf: &Self::Node) -> Result<Arc<[u8]>, Self::Error>;
}

/// A node, opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened<K, N> {
    /// The only entry of the subtrie has this key.
    Leaf(K),
    /// Two or more entries: those whose next bit is 0, and those whose next bit is 1.
    Branch {
        /// The subtrie of the next bit 0, `None` when empty.
        left: Option<N>,
        /// The subtrie of the next bit 1, `None` when empty.
        right: Option<N>,
    },
}
