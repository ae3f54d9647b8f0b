//! The leaves of a view, in key order from some key on.

use super::{KeyOf, Opened, TrieView};
use crate::outline::Position;
use alloc::vec::Vec;

/// Leaves in key order from a first key on, opened one by one.
pub(crate) struct Scan<'v, V: TrieView> {
    view: &'v V,
    from: KeyOf<V>,
    /// Nodes to visit, the next one last.
    ahead: Vec<(V::Node, Position)>,
}

/// One leaf that a scan came to.
pub(crate) struct Scanned<V: TrieView> {
    pub(crate) key: KeyOf<V>,
    pub(crate) leaf: V::Node,
    /// How many branches are above the leaf.
    pub(crate) depth: usize,
}

impl<'v, V: TrieView> Scan<'v, V> {
    pub(crate) fn new(view: &'v V, from: KeyOf<V>) -> Result<Self, V::Error> {
        let ahead = view.top()?.into_iter().map(|node| (node, Position::TOP)).collect();
        Ok(Self { view, from, ahead })
    }

    /// The next leaf; reads the nodes on the way to it.
    pub(crate) fn next_leaf(&mut self) -> Result<Option<Scanned<V>>, V::Error> {
        while let Some((node, position)) = self.ahead.pop() {
            if position.is_before(&self.from) {
                continue;
            }
            match self.view.open(&node)? {
                Opened::Leaf(key) if key < self.from => {}
                Opened::Leaf(key) => {
                    return Ok(Some(Scanned { key, leaf: node, depth: position.depth() }));
                }
                Opened::Branch { left, right } => {
                    self.ahead.extend(right.map(|node| (node, position.right())));
                    self.ahead.extend(left.map(|node| (node, position.left())));
                }
            }
        }
        Ok(None)
    }
}
