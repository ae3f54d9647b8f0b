//! A new index from an old one and edited leaves: only nodes on the way to an edit are made anew.

use super::{Below, Item, Node};
use crate::cut::{bytes_up_to, page_end};
use crate::error::TreeError;
use crate::key::Key;
use crate::page::branch::Separators;
use crate::page::{NODE_ROOM_BYTES, PageRef};
use std::sync::Arc;

/// A node with fewer bytes than this is joined with a neighbour.
const SMALL_BYTES: usize = NODE_ROOM_BYTES / 4;

/// What stands in the place of one leaf: nothing, or any number of leaves.
#[derive(Debug)]
pub(crate) struct Edit {
    /// The separator of the leaf that goes.
    pub(crate) separator: Key,
    pub(crate) leaves: Vec<(Key, PageRef)>,
}

/// Where new branch pages go, and old ones are left.
pub(crate) trait BranchPages {
    /// Writes a branch page to a free place.
    fn write(&mut self, level: u8, items: &[Item]) -> Result<PageRef, TreeError>;

    /// Takes note that a page is no longer part of the tree.
    fn release(&mut self, page: u32);
}

/// The root after `edits`, which ascend and name leaves that exist; `None` if no leaf is left.
pub(crate) fn edit(
    root: &Arc<Node>,
    edits: &[Edit],
    pages: &mut impl BranchPages,
) -> Result<Option<Arc<Node>>, TreeError> {
    if edits.is_empty() {
        return Ok(Some(Arc::clone(root)));
    }
    let items = items_after(root, edits, pages)?;
    pages.release(root.place.page);
    grow(items, root.level, pages)
}

/// Nodes of `level` over `items`, and nodes over those, up to one root.
pub(crate) fn grow(
    mut items: Vec<Item>,
    mut level: u8,
    pages: &mut impl BranchPages,
) -> Result<Option<Arc<Node>>, TreeError> {
    loop {
        if let [(_, Below::Node(node))] = &items[..] {
            return Ok(Some(shrink(node, pages)));
        }
        if items.is_empty() {
            return Ok(None);
        }
        items = nodes_over(&items, level, pages)?;
        level += 1;
    }
}

/// The node, or the only node below it.
fn shrink(node: &Arc<Node>, pages: &mut impl BranchPages) -> Arc<Node> {
    let mut node = Arc::clone(node);
    while node.child_count() == 1
        && let Some(child) = node.node(0).cloned()
    {
        pages.release(node.place.page);
        node = child;
    }
    node
}

/// Cuts `items` into nodes and writes them.
fn nodes_over(
    items: &[Item],
    level: u8,
    pages: &mut impl BranchPages,
) -> Result<Vec<Item>, TreeError> {
    let (mut nodes, mut start) = (Vec::new(), 0);
    while start < items.len() {
        let end = page_end(&Separators(items), start);
        let items = &items[start..end];
        let place = pages.write(level, items)?;
        nodes.push((items[0].0, Below::Node(Arc::new(Node::new(place, level, items)))));
        start = end;
    }
    Ok(nodes)
}

/// The children of `node` after the edits.
fn items_after(
    node: &Node,
    edits: &[Edit],
    pages: &mut impl BranchPages,
) -> Result<Vec<Item>, TreeError> {
    match node.level {
        1 => Ok(leaves_after(node, edits)),
        _ => nodes_after(node, edits, pages),
    }
}

fn leaves_after(node: &Node, mut edits: &[Edit]) -> Vec<Item> {
    let mut items = Vec::with_capacity(node.child_count() + edits.len());
    for (separator, below) in node.items() {
        match edits.split_first() {
            Some((edit, rest)) if edit.separator == separator => {
                items.extend(edit.leaves.iter().map(|(key, leaf)| (*key, Below::Leaf(*leaf))));
                edits = rest;
            }
            _ => items.push((separator, below)),
        }
    }
    assert!(edits.is_empty(), "an edit names a leaf");
    items
}

fn nodes_after(
    node: &Node,
    edits: &[Edit],
    pages: &mut impl BranchPages,
) -> Result<Vec<Item>, TreeError> {
    let mut level = Level { level: node.level - 1, done: Vec::new(), open: Vec::new(), pages };
    let mut rest = edits;
    for index in 0..node.child_count() {
        let Some(child) = node.node(index) else { unreachable!("above level 1 are nodes") };
        let is_last = index + 1 == node.child_count();
        let count = match is_last {
            true => rest.len(),
            false => {
                let end = node.separator(index + 1);
                rest.partition_point(|edit| edit.separator < end)
            }
        };
        let (edits, after) = rest.split_at(count);
        rest = after;
        if edits.is_empty() {
            level.keep(node.separator(index), child)?;
        } else {
            let items = items_after(child, edits, level.pages)?;
            level.pages.release(child.place.page);
            level.add(items)?;
        }
    }
    level.finish()
}

/// The nodes of one level while they are made: those that are final, and the items of the last one.
struct Level<'a, P> {
    level: u8,
    done: Vec<Item>,
    open: Vec<Item>,
    pages: &'a mut P,
}

impl<P: BranchPages> Level<'_, P> {
    /// A node that has no edit: kept, unless what stands before it is too small to be a node.
    fn keep(&mut self, separator: Key, node: &Arc<Node>) -> Result<(), TreeError> {
        if !self.open.is_empty() && is_small(&self.open) {
            self.open.extend(node.items());
            self.pages.release(node.place.page);
            return Ok(());
        }
        self.close()?;
        self.done.push((separator, Below::Node(Arc::clone(node))));
        Ok(())
    }

    /// The items of a node that has edits.
    fn add(&mut self, items: Vec<Item>) -> Result<(), TreeError> {
        if !is_small(&self.open) && !is_small(&items) {
            self.close()?;
        }
        self.open.extend(items);
        Ok(())
    }

    fn close(&mut self) -> Result<(), TreeError> {
        let items = core::mem::take(&mut self.open);
        self.done.extend(nodes_over(&items, self.level, self.pages)?);
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Item>, TreeError> {
        // A small rest at the end joins the node before it, if that is still the old one.
        if !self.open.is_empty()
            && is_small(&self.open)
            && let Some((_, Below::Node(node))) = self.done.pop()
        {
            self.pages.release(node.place.page);
            let rest = core::mem::take(&mut self.open);
            self.open = node.items().chain(rest).collect();
        }
        self.close()?;
        Ok(self.done)
    }
}

fn is_small(items: &[Item]) -> bool {
    bytes_up_to(&Separators(items), 0, SMALL_BYTES).is_some()
}

#[cfg(test)]
mod tests;
