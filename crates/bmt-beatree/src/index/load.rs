//! The index from its pages: level by level, each in one batch of reads.

use super::{Below, Item, Node};
use crate::error::{Damage, TreeError};
use crate::page::PageRef;
use crate::page::branch::{self, Branch};
use crate::page_file::PageFile;
use std::sync::Arc;

/// Reads every branch page below `root`; a parent's list of places before its children.
pub(crate) fn load(pages: &PageFile, root: PageRef, level: u8) -> Result<Arc<Node>, TreeError> {
    // From the root down: the pages of each level, in order.
    let mut levels: Vec<Vec<(PageRef, Branch)>> = Vec::new();
    let mut places = vec![root];
    for level in (1..=level).rev() {
        let branches = read_level(pages, &places, level)?;
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
    let items: Result<Vec<Item>, TreeError> = branch
        .children
        .iter()
        .map(|child| {
            if branch.level == 1 {
                return Ok((child.separator, Below::Leaf(child.place)));
            }
            match below.next() {
                // INV-BT-05: a child begins with the separator under which it stands.
                Some(node) if node.separator(0) == child.separator => {
                    Ok((child.separator, Below::Node(node)))
                }
                _ => Err(damage(Damage::Layout("first separator of a branch page (INV-BT-05)"))),
            }
        })
        .collect();
    Ok(Arc::new(Node::new(place, branch.level, &items?)))
}
