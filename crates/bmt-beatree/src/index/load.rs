//! The index from its pages: level by level, each in one batch of reads.

use super::{Below, Item, Node};
use crate::error::{Damage, TreeError};
use crate::page::PageRef;
use crate::page::branch::{self, Branch};
use crate::page_file::PageFile;
use std::sync::Arc;

/// Reads every branch page below `root`; a parent's list of places before its children. All pages, leaves
/// too, lie below `page_count`.
pub(crate) fn load(
    pages: &PageFile,
    root: PageRef,
    level: u8,
    page_count: u32,
) -> Result<Arc<Node>, TreeError> {
    // From the root down: the pages of each level, in order.
    let mut levels: Vec<Vec<(PageRef, Branch)>> = Vec::new();
    let mut places = vec![root];
    for level in (1..=level).rev() {
        let branches = read_level(pages, &places, level)?;
        for (place, branch) in &branches {
            if branch.children.iter().any(|child| child.place.page >= page_count) {
                let damage = Damage::Layout("a child beyond the end of the file (INV-BT-01)");
                return Err(pages.damaged(place.page)(damage));
            }
        }
        places = match level {
            1 => Vec::new(),
            _ => {
                branches.iter().flat_map(|(_, branch)| &branch.children).map(|c| c.place).collect()
            }
        };
        levels.push(branches);
    }
    // From the leaves up: a node takes as many of the nodes below it as it has children.
    let mut below: Vec<Arc<Node>> = Vec::new();
    for branches in levels.into_iter().rev() {
        let mut nodes = below.into_iter();
        below = branches
            .into_iter()
            .map(|(place, branch)| node_of(pages, place, &branch, &mut nodes))
            .collect::<Result<_, _>>()?;
    }
    match below.pop() {
        Some(node) => Ok(node),
        None => Err(pages.damaged(root.page)(Damage::Layout("level of the root"))),
    }
}

/// Branch pages from a node down, itself included, and the leaves below them.
pub(crate) fn count_pages(node: &Node) -> (u64, u64) {
    (0..node.child_count()).fold((1, 0), |(branches, leaves), index| match node.node(index) {
        Some(child) => {
            let (below, leaves_below) = count_pages(child);
            (branches + below, leaves + leaves_below)
        }
        None => (branches, leaves + 1),
    })
}

fn read_level(
    pages: &PageFile,
    places: &[PageRef],
    level: u8,
) -> Result<Vec<(PageRef, Branch)>, TreeError> {
    let mut branches: Vec<Option<(PageRef, Branch)>> = places.iter().map(|_| None).collect();
    let numbers: Vec<u32> = places.iter().map(|place| place.page).collect();
    pages.read_many(&numbers, |index, bytes| {
        let place = places[index];
        let branch =
            branch::open(pages.seal, place, bytes.as_ref()).map_err(pages.damaged(place.page))?;
        if branch.level != level {
            return Err(pages.damaged(place.page)(Damage::Layout("level of a branch page")));
        }
        branches[index] = Some((place, branch));
        Ok(())
    })?;
    Ok(branches.into_iter().flatten().collect())
}

fn node_of(
    pages: &PageFile,
    place: PageRef,
    branch: &Branch,
    below: &mut impl Iterator<Item = Arc<Node>>,
) -> Result<Arc<Node>, TreeError> {
    let damage = pages.damaged(place.page);
    let ends = branch.children.iter().skip(1).map(|child| Some(child.separator));
    let items: Result<Vec<Item>, TreeError> = branch
        .children
        .iter()
        .zip(ends.chain(core::iter::once(None)))
        .map(|(child, end)| {
            if branch.level == 1 {
                return Ok((child.separator, Below::Leaf(child.place)));
            }
            match below.next() {
                // INV-BT-05: a child begins with the separator under which it stands, and ends before
                // the next one.
                Some(node)
                    if node.separator(0) == child.separator
                        && end.is_none_or(|end| node.separator(node.child_count() - 1) < end) =>
                {
                    Ok((child.separator, Below::Node(node)))
                }
                _ => Err(damage(Damage::Layout("separators of a child (INV-BT-05)"))),
            }
        })
        .collect();
    Ok(Arc::new(Node::new(place, branch.level, &items?)))
}
