//! A branch node.

use super::separator_table::SeparatorTable;
use crate::key::Key;
use crate::page::PageRef;
use crate::page::branch::Child;
use std::sync::Arc;

/// What stands under a separator: a leaf on disk, or a node.
#[derive(Debug, Clone)]
pub(crate) enum Below {
    Leaf(PageRef),
    Node(Arc<Node>),
}

impl Below {
    pub(crate) fn place(&self) -> PageRef {
        match self {
            Self::Leaf(place) => *place,
            Self::Node(node) => node.place,
        }
    }
}

/// A child on its way into a node.
pub(crate) type Item = (Key, Below);

/// Children of one kind.
#[derive(Debug)]
enum Children {
    Leaves(Box<[PageRef]>),
    Nodes(Box<[Arc<Node>]>),
}

/// A branch page in memory: its separators, and its children with their places.
#[derive(Debug)]
pub(crate) struct Node {
    /// Where its page is.
    pub(crate) place: PageRef,
    /// 1 if the children are leaves.
    pub(crate) level: u8,
    separators: SeparatorTable,
    children: Children,
}

impl Node {
    /// A node whose page was written or read.
    ///
    /// # Panics
    /// When there is no child, or one is of another level than it should.
    pub(crate) fn new(place: PageRef, level: u8, items: &[Item]) -> Self {
        assert!(!items.is_empty(), "a node has a child");
        let separators: Vec<Key> = items.iter().map(|(separator, _)| *separator).collect();
        let leaves = items.iter().filter_map(|(_, below)| match below {
            Below::Leaf(place) => Some(*place),
            Below::Node(_) => None,
        });
        let nodes = items.iter().filter_map(|(_, below)| match below {
            Below::Leaf(_) => None,
            Below::Node(node) => (node.level + 1 == level).then(|| Arc::clone(node)),
        });
        let children = match level {
            1 => Children::Leaves(leaves.collect()),
            _ => Children::Nodes(nodes.collect()),
        };
        let node = Self { place, level, separators: SeparatorTable::new(&separators), children };
        assert!(node.child_count() == items.len(), "children are one level down");
        node
    }

    pub(crate) fn child_count(&self) -> usize {
        match &self.children {
            Children::Leaves(leaves) => leaves.len(),
            Children::Nodes(nodes) => nodes.len(),
        }
    }

    pub(crate) fn separator(&self, index: usize) -> Key {
        self.separators.get(index)
    }

    pub(crate) fn below(&self, index: usize) -> Below {
        match &self.children {
            Children::Leaves(leaves) => Below::Leaf(leaves[index]),
            Children::Nodes(nodes) => Below::Node(Arc::clone(&nodes[index])),
        }
    }

    /// The child node at `index`; `None` if the children are leaves.
    pub(crate) fn node(&self, index: usize) -> Option<&Arc<Self>> {
        match &self.children {
            Children::Leaves(_) => None,
            Children::Nodes(nodes) => Some(&nodes[index]),
        }
    }

    /// The leaf at `index`; `None` if the children are nodes.
    pub(crate) fn leaf(&self, index: usize) -> Option<PageRef> {
        match &self.children {
            Children::Leaves(leaves) => Some(leaves[index]),
            Children::Nodes(_) => None,
        }
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = Item> {
        (0..self.child_count()).map(|index| (self.separator(index), self.below(index)))
    }

    /// The last child whose separator is at most `key`, or the first.
    pub(crate) fn child_of(&self, key: &Key) -> usize {
        self.separators.child_of(key)
    }

    /// The last child whose separator is below `key`, or the first.
    pub(crate) fn child_below(&self, key: &Key) -> usize {
        self.separators.child_below(key)
    }

    /// Children as a branch page has them.
    pub(crate) fn page_children(items: &[Item]) -> Vec<Child> {
        let child =
            |(separator, below): &Item| Child { separator: *separator, place: below.place() };
        items.iter().map(child).collect()
    }
}
