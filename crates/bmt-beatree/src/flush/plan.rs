//! Which leaves a slice changes, and which changes go to which.

use crate::buffer::cursor::{Cursor, Entry};
use crate::buffer::run::Run;
use crate::index::Spot;
use crate::index_version::Index;
use crate::key::Key;
use crate::page::PageRef;
use core::ops::Range;
use std::collections::VecDeque;
use std::sync::Arc;

/// Leaves that are read at a time.
const WINDOW_LEAVES: usize = 512;
/// Most changes in a window: a leaf with more, as in a tree that was empty, comes in parts.
const WINDOW_CHANGES: usize = 32 << 10;
/// Every so many-th change of a run is looked at to choose where slices end.
const SAMPLE_STRIDE: usize = 64;

/// A leaf with changes, or a part of one; no spot for what takes the place of leaves in an empty tree.
#[derive(Debug)]
pub(super) struct DirtyLeaf {
    pub(super) spot: Option<Spot>,
    /// Its changes, in the window's list.
    pub(super) changes: Range<usize>,
    /// Whether it is the same leaf as the one before, which came as far as the first of these changes.
    pub(super) is_continued: bool,
    /// The change with which the next part of the leaf begins; `None` if this is the last one.
    pub(super) rest: Option<Key>,
}

impl DirtyLeaf {
    /// The leaf to be read; `None` if it was read for the part before.
    pub(super) fn place(&self) -> Option<PageRef> {
        self.spot.map(|spot| spot.leaf).filter(|_| !self.is_continued)
    }
}

/// Some leaves in key order with all their changes.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) leaves: Vec<DirtyLeaf>,
    pub(super) changes: Vec<Entry>,
}

/// Walks the changes of a slice.
#[derive(Debug)]
pub(super) struct Planner<'a> {
    base: &'a Index,
    cursor: Cursor,
    end: Option<Key>,
    /// The last leaf of the last window goes on.
    is_continued: bool,
}

impl<'a> Planner<'a> {
    pub(super) fn new(base: &'a Index, cursor: Cursor, end: Option<Key>) -> Self {
        Self { base, cursor, end, is_continued: false }
    }

    /// For the values of the entries in windows.
    pub(super) fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The next leaves with changes; `None` at the end of the slice.
    pub(super) fn next_window(&mut self) -> Option<Window> {
        let mut window = Window::default();
        while window.leaves.len() < WINDOW_LEAVES
            && window.changes.len() < WINDOW_CHANGES
            && let Some(key) = self.cursor.peek()
            && self.end.is_none_or(|end| key < end)
        {
            let spot = self.base.locate(&key);
            let high = spot.and_then(|spot| spot.high);
            let start = window.changes.len();
            while window.changes.len() < WINDOW_CHANGES
                && let Some(entry) = self.cursor.advance_below(high.as_ref())
            {
                window.changes.push(entry);
            }
            let changes = start..window.changes.len();
            let is_full = changes.end == WINDOW_CHANGES;
            let rest = is_full.then(|| self.cursor.peek()).flatten();
            let rest = rest.filter(|rest| high.is_none_or(|high| *rest < high));
            let is_continued = core::mem::replace(&mut self.is_continued, rest.is_some());
            window.leaves.push(DirtyLeaf { spot, changes, is_continued, rest });
        }
        (!window.leaves.is_empty()).then_some(window)
    }
}

/// Keys that part the changes into slices of about one size.
pub(super) fn marks(runs: &[Arc<Run>], count_max: usize, changes_min: usize) -> VecDeque<Key> {
    let change_count: usize = runs.iter().map(|run| run.len()).sum();
    let slice_count = (change_count / changes_min.max(1)).min(count_max).max(1);
    let stride = SAMPLE_STRIDE.min(change_count / (4 * slice_count)).max(1);
    let sample = runs.iter().flat_map(|run| run.keys().iter().step_by(stride)).copied();
    let mut sample: Vec<Key> = sample.collect();
    sample.sort_unstable();
    sample.dedup();
    (1..slice_count)
        .filter_map(|index| sample.get(index * sample.len() / slice_count))
        .copied()
        .collect()
}

#[cfg(test)]
mod tests;
