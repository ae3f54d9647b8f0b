//! Building the children of a page side by side, when there is enough to do.
//!
//! Children do not depend on each other: each group of them gets a builder of its own, and what these made is
//! put in a row as if one had made it. So the drafts and their order are the same for any number of threads.

use super::Builder;
use crate::error::MerkleError;
use crate::frontier::FrontierChange;
use crate::page::body::Body;
use crate::page::draft::ChildDraft;
use crate::page::handle::PageHandle;
use crate::threads::foreign::in_scope;
use bmt_core::Key;
use parking_lot::Mutex;
use rayon::ThreadPool;
use std::collections::VecDeque;
use std::sync::Arc;

/// Fewer edits than that are not worth a task.
const EDITS_IN_GROUP_MIN: usize = 64;
/// Groups for each thread, so that none of them waits long for the last one.
const GROUPS_PER_THREAD: usize = 4;

/// A child with the edits that belong below it.
type Child<'e, K> = (&'e Arc<PageHandle<K>>, &'e [FrontierChange<K>]);

/// What one builder made of its children: the places of their drafts among its own.
type Made<'a, K> = Result<(Builder<'a, K>, Vec<usize>), MerkleError>;

impl<'a, K: Key> Builder<'a, K> {
    /// The places of the new drafts of all children of a page below which there are edits, in their order; none if
    /// they are better made one by one.
    pub(super) fn children_side_by_side(
        &mut self,
        body: &Body<K>,
        edits: &[FrontierChange<K>],
    ) -> Result<VecDeque<usize>, MerkleError> {
        let Some(pool) = self.pool.filter(|_| edits.len() >= 2 * EDITS_IN_GROUP_MIN) else {
            return Ok(VecDeque::new());
        };
        let children = children_of(body, edits);
        let edit_count: usize = children.iter().map(|(_, own)| own.len()).sum();
        let group_count = GROUPS_PER_THREAD * pool.current_num_threads();
        let groups = groups_of(&children, edit_count.div_ceil(group_count));
        if groups.len() < 2 {
            return Ok(VecDeque::new());
        }
        let mut places = VecDeque::with_capacity(children.len());
        for made in self.build_groups(pool, &groups) {
            let (builder, roots) = made?;
            let base = self.append(builder);
            places.extend(roots.into_iter().map(|root| base + root));
        }
        Ok(places)
    }

    fn build_groups(&self, pool: &'a ThreadPool, groups: &[&[Child<'_, K>]]) -> Vec<Made<'a, K>> {
        let made: Vec<Mutex<Option<Made<'a, K>>>> =
            groups.iter().map(|_| Mutex::default()).collect();
        let (shape, load, edited) = (self.shape, self.load, self.edited);
        in_scope(pool, |scope| {
            for (children, place) in groups.iter().zip(&made) {
                scope.spawn(move |_| {
                    let mut builder = Builder::new(shape, load, Some(pool));
                    builder.edited = edited;
                    let roots: Result<Vec<usize>, MerkleError> =
                        children.iter().map(|(child, own)| builder.page(child, own)).collect();
                    *place.lock() = Some(roots.map(|roots| (builder, roots)));
                });
            }
        });
        made.into_iter().filter_map(Mutex::into_inner).collect()
    }

    /// Puts another builder's work behind one's own; by how much its drafts' places moved.
    fn append(&mut self, other: Self) -> usize {
        let base = self.drafts.len();
        let moved = other.drafts.into_iter().map(|mut draft| {
            for child in draft.iter_mut().flat_map(|draft| &mut draft.children) {
                if let ChildDraft::New(index) = child {
                    *index += base;
                }
            }
            draft
        });
        self.drafts.extend(moved);
        self.replaced.extend(other.replaced);
        self.removed.extend(other.removed);
        self.is_reshaped |= other.is_reshaped;
        base
    }
}

/// The children of a page below which there are edits, as [`Builder::route`] meets them.
fn children_of<'e, K: Key>(body: &'e Body<K>, edits: &'e [FrontierChange<K>]) -> Vec<Child<'e, K>> {
    let mut children = Vec::new();
    let mut rest = edits;
    while let Some((edit, others)) = rest.split_first() {
        let prefix = edit.prefix();
        let item = body.outline.count_to(prefix.first_key()).checked_sub(1);
        let child = item.and_then(|at| body.child(at));
        rest = match child.filter(|child| child.prefix().contains_prefix(prefix)) {
            None => others,
            Some(child) => {
                let is_below =
                    |edit: &FrontierChange<K>| child.prefix().contains_prefix(edit.prefix());
                let (own, others) = rest.split_at(rest.partition_point(is_below));
                children.push((child, own));
                others
            }
        };
    }
    children
}

/// Neighbouring children together, so that each group but the last has so many edits at least.
fn groups_of<'c, 'e, K>(children: &'c [Child<'e, K>], edits_min: usize) -> Vec<&'c [Child<'e, K>]> {
    let edits_min = edits_min.max(EDITS_IN_GROUP_MIN);
    let (mut groups, mut from, mut edit_count) = (Vec::new(), 0, 0);
    for (at, (_, own)) in children.iter().enumerate() {
        edit_count += own.len();
        if edit_count >= edits_min {
            groups.extend(children.get(from..=at));
            (from, edit_count) = (at + 1, 0);
        }
    }
    groups.extend(children.get(from..).filter(|rest| !rest.is_empty()));
    groups
}
