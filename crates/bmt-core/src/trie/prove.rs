//! Path proofs from the in-memory trie.

use super::{Node, Trie, hash};
use crate::bits::bit_at;
use crate::key::Key;
use crate::proof::{PathProof, Terminal};
use crate::scheme::{EMPTY_ROOT, LeafValue, Scheme};
use alloc::vec::Vec;

impl<S: Scheme> Trie<S> {
    /// A proof of what [`Trie::get`] says of `key`, against [`Trie::root`].
    ///
    /// Hashes what changed since the last root and keeps the hashes; then O(depth).
    pub fn prove(&mut self, key: &S::Key) -> PathProof<S> {
        self.root();
        self.prove_hashed(key)
    }

    /// As [`Trie::prove`], but keeps nothing: cheap when [`Trie::root`] was called after the last
    /// write; otherwise it hashes every changed node that the proof needs, each time.
    #[must_use]
    pub fn prove_hashed(&self, key: &S::Key) -> PathProof<S> {
        let mut siblings = Vec::new();
        let Some(mut node) = self.root.as_deref() else {
            return PathProof::from_path(siblings, Terminal::Empty, key);
        };
        loop {
            match node {
                Node::Leaf(leaf) if leaf.key == *key => {
                    return PathProof::from_path(siblings, Terminal::Included, key);
                }
                Node::Leaf(leaf) => {
                    let preimage = S::leaf_preimage(&leaf.key, LeafValue::Bytes(&leaf.value));
                    return PathProof::from_path(siblings, Terminal::OtherLeaf(preimage), key);
                }
                Node::Branch(branch) => {
                    if let Some(bit) = leaves_at(&branch.key, key, siblings.len(), branch.split_bit)
                    {
                        siblings.resize(bit, EMPTY_ROOT);
                        siblings.push(hash::peek(node, bit + 1));
                        return PathProof::from_path(siblings, Terminal::Empty, key);
                    }
                    siblings.resize(branch.split_bit, EMPTY_ROOT);
                    siblings.push(hash::peek(branch.other_side(key), branch.split_bit + 1));
                    node = branch.side(key);
                }
            }
        }
    }
}

/// The first bit of `from..to` in which the two keys differ.
fn leaves_at<K: Key>(prefix: &K, key: &K, from: usize, to: usize) -> Option<usize> {
    (from..to).find(|bit| bit_at(key.as_bytes(), *bit) != bit_at(prefix.as_bytes(), *bit))
}
