//! The in-memory trie as a [`TrieView`].

use super::{Node, Trie, hash};
use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{Hash, LeafValue, Scheme};
use crate::view::{Opened, TrieView};
use alloc::sync::Arc;
use core::convert::Infallible;
use core::fmt;

/// A non-empty subtrie of a [`Trie`], at some depth.
pub struct SubTrie<'a, S: Scheme> {
    node: &'a Node<S>,
    depth: usize,
}

impl<S: Scheme> fmt::Debug for SubTrie<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubTrie").field("depth", &self.depth).finish_non_exhaustive()
    }
}

/// Hashes are cheap when [`Trie::root`] was called after the last write; otherwise every changed
/// node is hashed again each time it is asked for.
impl<'a, S: Scheme> TrieView for &'a Trie<S> {
    type Scheme = S;
    type Node = SubTrie<'a, S>;
    type Error = Infallible;

    fn top(&self) -> Result<Option<SubTrie<'a, S>>, Infallible> {
        Ok(self.root.as_deref().map(|node| SubTrie { node, depth: 0 }))
    }

    fn open(&self, at: &SubTrie<'a, S>) -> Result<Opened<S::Key, SubTrie<'a, S>>, Infallible> {
        let depth = at.depth + 1;
        Ok(match at.node {
            Node::Leaf(leaf) => Opened::Leaf(leaf.key),
            Node::Branch(branch) if branch.split_bit == at.depth => Opened::Branch {
                left: Some(SubTrie { node: &branch.left, depth }),
                right: Some(SubTrie { node: &branch.right, depth }),
            },
            Node::Branch(branch) => {
                let below = Some(SubTrie { node: at.node, depth });
                match bit_at(branch.key.as_bytes(), at.depth) {
                    false => Opened::Branch { left: below, right: None },
                    true => Opened::Branch { left: None, right: below },
                }
            }
        })
    }

    fn hash(&self, at: &SubTrie<'a, S>) -> Result<Hash, Infallible> {
        Ok(hash::peek(at.node, at.depth))
    }

    fn leaf_preimage(&self, at: &SubTrie<'a, S>) -> Result<[u8; 64], Infallible> {
        let leaf = at.leaf();
        Ok(S::leaf_preimage(&leaf.key, LeafValue::Bytes(&leaf.value)))
    }

    fn leaf_value(&self, at: &SubTrie<'a, S>) -> Result<Arc<[u8]>, Infallible> {
        Ok(Arc::clone(&at.leaf().value))
    }
}

impl<'a, S: Scheme> SubTrie<'a, S> {
    fn leaf(&self) -> &'a super::Leaf<S> {
        let mut node = self.node;
        loop {
            match node {
                Node::Leaf(leaf) => return leaf,
                Node::Branch(branch) => {
                    debug_assert!(false, "only a leaf is asked for its value");
                    node = &branch.left;
                }
            }
        }
    }
}
