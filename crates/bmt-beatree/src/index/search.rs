//! From a key to its leaf.

use super::Node;
use crate::key::Key;
use crate::page::PageRef;

/// A leaf, and the keys that belong in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) leaf: PageRef,
    /// The separator under which the leaf stands.
    pub(crate) separator: Key,
    /// The least key that belongs in it: its separator, or zeros for the first leaf.
    pub(crate) low: Key,
    /// The least key above those that belong in it; `None` for the last leaf.
    pub(crate) high: Option<Key>,
}

/// The leaf in which `key` belongs.
pub(crate) fn locate(root: &Node, key: &Key) -> Spot {
    descend(root, |node| node.child_of(key))
}

/// The leaf in which the greatest key below `end` belongs; the last leaf if there is no end.
pub(crate) fn locate_below(root: &Node, end: Option<&Key>) -> Spot {
    match end {
        Some(end) => descend(root, |node| node.child_below(end)),
        None => descend(root, |node| node.child_count() - 1),
    }
}

fn descend(root: &Node, child: impl Fn(&Node) -> usize) -> Spot {
    let (mut node, mut is_first, mut high) = (root, true, None);
    loop {
        let index = child(node);
        is_first &= index == 0;
        if index + 1 < node.child_count() {
            high = Some(node.separator(index + 1));
        }
        if let Some(leaf) = node.leaf(index) {
            let separator = node.separator(index);
            let low = if is_first { [0; 32] } else { separator };
            return Spot { leaf, separator, low, high };
        }
        match node.node(index) {
            Some(below) => node = below,
            None => unreachable!("a child is a leaf or a node"),
        }
    }
}
