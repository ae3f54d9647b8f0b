//! Hashing what changed, and the one-sided branches that path compression leaves out.
//!
//! A few nodes are hashed on the way up, one by one; more of them in waves.

use super::{Branch, Leaf, Node};
use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};
use crate::wave::Wave;
use alloc::sync::Arc;

/// From so many changed nodes on, a wave is worth its arrays.
const MANY: usize = 64;

/// The hash of the whole trie, computed and kept where it is missing.
pub(super) fn root<S: Scheme>(node: &mut Arc<Node<S>>) -> Hash {
    if count_changed(node, 0, MANY) < MANY {
        return at_depth(node, 0);
    }
    let mut wave = Wave::new();
    let root = wave.begin(0);
    add_changed(node, 0, &mut wave);
    wave.finish(Keep::put)[root]
}

/// Leaves and two-sided branches without a hash, with `node` as a child at `depth`; up to `enough`.
/// One-sided branches do not count: those of one run wait for each other.
fn count_changed<S: Scheme>(node: &Node<S>, depth: usize, enough: usize) -> usize {
    match node {
        Node::Branch(branch) if branch.hash.is_none() && enough > 1 => {
            let below = branch.split_bit + 1;
            let left = 1 + count_changed(&branch.left, below, enough - 1);
            left + count_changed(&branch.right, below, enough.saturating_sub(left))
        }
        node => usize::from(enough > 0 && known(node, depth).is_none()),
    }
}

/// What a node's hash is kept in.
#[derive(Debug)]
enum Keep<'t> {
    Nothing,
    Own(&'t mut Option<Hash>),
    Above(usize, &'t mut Option<(usize, Hash)>),
}

impl Keep<'_> {
    fn put(self, hash: &Hash) {
        match self {
            Self::Nothing => {}
            Self::Own(place) => *place = Some(*hash),
            Self::Above(depth, place) => *place = Some((depth, *hash)),
        }
    }
}

/// Adds the nodes without a hash to the wave, with `node` as a child at `depth`, and the hashes
/// beside them.
fn add_changed<'t, S: Scheme>(
    node: &'t mut Arc<Node<S>>,
    depth: usize,
    wave: &mut Wave<'t, S, Keep<'t>>,
) {
    if let Some(hash) = known(node, depth) {
        return wave.known(node.key(), depth, &hash);
    }
    match Arc::make_mut(node) {
        Node::Leaf(Leaf { key, value, hash }) => {
            wave.leaf(key, depth, LeafValue::Bytes(value), Keep::Own(hash));
        }
        Node::Branch(Branch { key, split_bit, left, right, hash, hash_above }) => {
            let mut above = Keep::Above(depth, hash_above);
            for bit in depth..*split_bit {
                wave.branch(key, bit, core::mem::replace(&mut above, Keep::Nothing));
            }
            if let Some(own) = hash {
                wave.known(key, *split_bit, own);
            } else {
                wave.branch(key, *split_bit, Keep::Own(hash));
                add_changed(left, *split_bit + 1, wave);
                add_changed(right, *split_bit + 1, wave);
            }
        }
    }
    if wave.is_full() {
        wave.flush(Keep::put);
    }
}

/// The hash of `node` as a child at `depth` bits, computed and kept where it is missing.
fn at_depth<S: Scheme>(node: &mut Arc<Node<S>>, depth: usize) -> Hash {
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

impl<S: Scheme> Node<S> {
    fn key(&self) -> &S::Key {
        match self {
            Self::Leaf(leaf) => &leaf.key,
            Self::Branch(branch) => &branch.key,
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

#[cfg(test)]
mod tests;
