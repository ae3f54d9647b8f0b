//! Iteration in key order, forwards and backwards.

use super::{Node, Trie};
use crate::bits::{bit_at, shared_prefix_bits};
use crate::key::Key;
use crate::scheme::Scheme;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::ops::{Bound, RangeBounds};

/// Entries of a [`Trie`] in a key range, in key order; see [`Trie::range`].
///
/// It holds the nodes that it has yet to visit, so it outlives the trie it came from and does not
/// see later writes.
#[derive(Clone)]
pub struct Range<S: Scheme> {
    lower: Bound<S::Key>,
    upper: Bound<S::Key>,
    /// Nodes to visit from the front, the nearest last.
    ascending: Vec<Arc<Node<S>>>,
    /// Nodes to visit from the back, the nearest last.
    descending: Vec<Arc<Node<S>>>,
}

impl<S: Scheme> Trie<S> {
    /// The entries with keys in `bounds`, ascending; reversible. An empty or inverted range yields
    /// nothing. O(depth) for the first entry, O(1) amortised for the next ones.
    pub fn range(&self, bounds: impl RangeBounds<S::Key>) -> Range<S> {
        let stack: Vec<_> = self.root.iter().cloned().collect();
        Range {
            lower: bounds.start_bound().cloned(),
            upper: bounds.end_bound().cloned(),
            ascending: stack.clone(),
            descending: stack,
        }
    }

    /// All entries, ascending; reversible.
    pub fn iter(&self) -> Range<S> {
        self.range(..)
    }
}

impl<S: Scheme> Iterator for Range<S> {
    type Item = (S::Key, Arc<[u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(node) = self.ascending.pop() {
            match node.as_ref() {
                Node::Leaf(leaf) if below(&leaf.key, &self.lower) => {}
                Node::Leaf(leaf) if above(&leaf.key, &self.upper) => self.ascending.clear(),
                Node::Leaf(leaf) => {
                    self.lower = Bound::Excluded(leaf.key);
                    return Some((leaf.key, Arc::clone(&leaf.value)));
                }
                Node::Branch(branch) => {
                    if !all_on_side(&branch.key, branch.split_bit, &self.lower, true) {
                        self.ascending.push(Arc::clone(&branch.right));
                        self.ascending.push(Arc::clone(&branch.left));
                    }
                }
            }
        }
        None
    }
}

impl<S: Scheme> DoubleEndedIterator for Range<S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        while let Some(node) = self.descending.pop() {
            match node.as_ref() {
                Node::Leaf(leaf) if above(&leaf.key, &self.upper) => {}
                Node::Leaf(leaf) if below(&leaf.key, &self.lower) => self.descending.clear(),
                Node::Leaf(leaf) => {
                    self.upper = Bound::Excluded(leaf.key);
                    return Some((leaf.key, Arc::clone(&leaf.value)));
                }
                Node::Branch(branch) => {
                    if !all_on_side(&branch.key, branch.split_bit, &self.upper, false) {
                        self.descending.push(Arc::clone(&branch.left));
                        self.descending.push(Arc::clone(&branch.right));
                    }
                }
            }
        }
        None
    }
}

impl<S: Scheme> FusedIterator for Range<S> {}

impl<S: Scheme> core::fmt::Debug for Range<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Range").field("lower", &self.lower).field("upper", &self.upper).finish()
    }
}

fn below<K: Ord>(key: &K, lower: &Bound<K>) -> bool {
    match lower {
        Bound::Included(bound) => key < bound,
        Bound::Excluded(bound) => key <= bound,
        Bound::Unbounded => false,
    }
}

fn above<K: Ord>(key: &K, upper: &Bound<K>) -> bool {
    match upper {
        Bound::Included(bound) => key > bound,
        Bound::Excluded(bound) => key >= bound,
        Bound::Unbounded => false,
    }
}

/// Whether all keys with the first `prefix_bits` bits of `key` are below (or, not `less`, above)
/// the bound, so that none of them can be in range.
fn all_on_side<K: Key>(key: &K, prefix_bits: usize, bound: &Bound<K>, less: bool) -> bool {
    let (Bound::Included(limit) | Bound::Excluded(limit)) = bound else {
        return false;
    };
    let shared = shared_prefix_bits(key.as_bytes(), limit.as_bytes());
    shared < prefix_bits && bit_at(limit.as_bytes(), shared) == less
}
