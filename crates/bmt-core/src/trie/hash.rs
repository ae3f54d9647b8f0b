//! Hashing what changed, and the one-sided branches that path compression leaves out.

use super::Node;
use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};
use alloc::sync::Arc;

/// The hash of `node` as a child at `depth` bits, computed and kept where it is missing.
pub(super) fn at_depth<S: Scheme>(node: &mut Arc<Node<S>>, depth: usize) -> Hash {
    if let Some(hash) = known(node, depth) {
        return hash;
    }
    match Arc::make_mut(node) {
        Node::Leaf(leaf) => {
            let hash = S::hash_leaf(&leaf.key, LeafValue::Bytes(&leaf.value));
            leaf.hash = Some(hash);
            hash
        }
        Node::Branch(branch) => {
            let below = branch.split_bit + 1;
            let own = match branch.hash {
                Some(hash) => hash,
                None => S::hash_branch(
                    &at_depth(&mut branch.left, below),
                    &at_depth(&mut branch.right, below),
                ),
            };
            branch.hash = Some(own);
            let hash = raise::<S>(own, &branch.key, branch.split_bit, depth);
            branch.hash_above = Some((depth, hash));
            hash
        }
    }
}

fn known<S: Scheme>(node: &Node<S>, depth: usize) -> Option<Hash> {
    match node {
        Node::Leaf(leaf) => leaf.hash,
        Node::Branch(branch) if branch.split_bit == depth => branch.hash,
        Node::Branch(branch) => {
            branch.hash_above.and_then(|(above, hash)| (above == depth).then_some(hash))
        }
    }
}

/// As [`at_depth`], but keeps nothing.
pub(super) fn peek<S: Scheme>(node: &Node<S>, depth: usize) -> Hash {
    if let Some(hash) = known(node, depth) {
        return hash;
    }
    match node {
        Node::Leaf(leaf) => S::hash_leaf(&leaf.key, LeafValue::Bytes(&leaf.value)),
        Node::Branch(branch) => {
            let below = branch.split_bit + 1;
            let own = branch.hash.unwrap_or_else(|| {
                S::hash_branch(&peek(&branch.left, below), &peek(&branch.right, below))
            });
            raise::<S>(own, &branch.key, branch.split_bit, depth)
        }
    }
}

/// The hash at `depth` over one-sided branches down to a subtrie at depth `from` on `key`'s path.
fn raise<S: Scheme>(mut hash: Hash, key: &S::Key, from: usize, depth: usize) -> Hash {
    for bit in (depth..from).rev() {
        hash = if bit_at(key.as_bytes(), bit) {
            S::hash_branch(&EMPTY_ROOT, &hash)
        } else {
            S::hash_branch(&hash, &EMPTY_ROOT)
        };
    }
    hash
}
