//! Inserting into and removing from the path-compressed trie.

use super::{Branch, Leaf, Node};
use crate::bits::{bit_at, shared_prefix_bits};
use crate::key::Key;
use crate::scheme::Scheme;
use alloc::sync::Arc;

type Place<S> = Option<Arc<Node<S>>>;

pub(super) fn insert<S: Scheme>(
    root: &mut Place<S>,
    key: S::Key,
    value: Arc<[u8]>,
) -> Option<Arc<[u8]>> {
    let Some(node) = root else {
        *root = Some(leaf(key, value));
        return None;
    };
    insert_below(node, key, value)
}

fn insert_below<S: Scheme>(
    mut place: &mut Arc<Node<S>>,
    key: S::Key,
    value: Arc<[u8]>,
) -> Option<Arc<[u8]>> {
    loop {
        if let Some(split_bit) = divergence(place, &key) {
            let other = Arc::clone(place);
            *place = branch(split_bit, other, key, value);
            return None;
        }
        match Arc::make_mut(place) {
            Node::Leaf(leaf) => {
                leaf.hash = None;
                return Some(core::mem::replace(&mut leaf.value, value));
            }
            Node::Branch(branch) => place = branch.open(&key),
        }
    }
}

/// The first bit in which `key` differs from what all keys below `node` share.
fn divergence<S: Scheme>(node: &Node<S>, key: &S::Key) -> Option<usize> {
    let (other, shared_by_all) = match node {
        Node::Leaf(leaf) => (&leaf.key, 8 * S::Key::LEN),
        Node::Branch(branch) => (&branch.key, branch.split_bit),
    };
    let shared = shared_prefix_bits(other.as_bytes(), key.as_bytes());
    (shared < shared_by_all).then_some(shared)
}

fn leaf<S: Scheme>(key: S::Key, value: Arc<[u8]>) -> Arc<Node<S>> {
    Arc::new(Node::Leaf(Leaf { key, value, hash: None }))
}

fn branch<S: Scheme>(
    split_bit: usize,
    other: Arc<Node<S>>,
    key: S::Key,
    value: Arc<[u8]>,
) -> Arc<Node<S>> {
    let new = leaf(key, value);
    let (left, right) = if bit_at(key.as_bytes(), split_bit) { (other, new) } else { (new, other) };
    Arc::new(Node::Branch(Branch { key, split_bit, left, right, hash: None, hash_above: None }))
}

pub(super) fn remove<S: Scheme>(root: &mut Place<S>, key: &S::Key) -> Option<Arc<[u8]>> {
    // Look first: a key that is absent must not copy or un-hash the nodes on its path.
    let node = root.as_mut()?;
    if !contains(node, key) {
        return None;
    }
    if let Node::Leaf(leaf) = node.as_ref() {
        let value = Arc::clone(&leaf.value);
        *root = None;
        return Some(value);
    }
    remove_below(node, key)
}

fn contains<S: Scheme>(mut node: &Node<S>, key: &S::Key) -> bool {
    loop {
        match node {
            Node::Leaf(leaf) => return leaf.key == *key,
            Node::Branch(branch) => node = branch.side(key),
        }
    }
}

/// Removes a key that is below `place`, which is a branch, and lets its sibling move up.
fn remove_below<S: Scheme>(mut place: &mut Arc<Node<S>>, key: &S::Key) -> Option<Arc<[u8]>> {
    loop {
        let risen = match place.as_ref() {
            Node::Branch(branch) => match branch.side(key) {
                Node::Leaf(leaf) => {
                    Some((Arc::clone(branch.other_side(key)), Arc::clone(&leaf.value)))
                }
                Node::Branch(_) => None,
            },
            Node::Leaf(_) => return None,
        };
        if let Some((sibling, value)) = risen {
            *place = sibling;
            return Some(value);
        }
        match Arc::make_mut(place) {
            Node::Branch(branch) => place = branch.open(key),
            Node::Leaf(_) => return None,
        }
    }
}

impl<S: Scheme> Branch<S> {
    /// The side of `key`, about to change, so that the hashes over it are forgotten.
    fn open(&mut self, key: &S::Key) -> &mut Arc<Node<S>> {
        self.hash = None;
        self.hash_above = None;
        if bit_at(key.as_bytes(), self.split_bit) { &mut self.right } else { &mut self.left }
    }

    pub(super) fn other_side(&self, key: &S::Key) -> &Arc<Node<S>> {
        if bit_at(key.as_bytes(), self.split_bit) { &self.left } else { &self.right }
    }
}
