//! Packing cells into leaves: neighbours that became small are packed together, long lists are cut.

use super::apply::{apply, put};
use super::plan::DirtyLeaf;
use super::slice_writer::SliceWriter;
use crate::buffer::cursor::{Cursor, Entry};
use crate::buffer::run::StoredValue;
use crate::cut::{bytes_up_to, page_end};
use crate::error::TreeError;
use crate::index::edit::Edit;
use crate::index::{Spot, search};
use crate::index_version::Index;
use crate::key::{Key, Prefix, separator, separator_bits};
use crate::leaf_cache::LeafPage;
use crate::page::leaf::cells::CellList;
use crate::page::{NODE_ROOM_BYTES, PageRef};
use crate::units::{PAGE_SIZE, len_u64};
use crate::weight::WHOLE_SUBTRIE_BYTES;
use core::ops::Range;
use std::sync::Arc;

/// A leaf with fewer bytes of cells than this is packed with a neighbour.
const SMALL_BYTES: usize = NODE_ROOM_BYTES / 4;
/// Two neighbours of which one changed become one leaf if they fill no more than this of it.
const JOINED_BYTES_MAX: usize = NODE_ROOM_BYTES / 4 * 3;
/// Cells that are kept back when a long list is cut, so that its end is cut well too.
const KEPT_BYTES: usize = 2 * NODE_ROOM_BYTES;
/// Cells beyond which a list is cut before it has ended.
const LONG_CELLS: usize = 2000;

/// Neighbouring leaves that are packed together.
#[derive(Debug, Default)]
struct Group {
    /// Of the leaves that it replaces: the separators, and where their keys begin.
    separators: Vec<(Key, Key)>,
    places: Vec<PageRef>,
    /// The separator of the next leaf to be written.
    low: Key,
    /// Where the keys of the last replaced leaf end.
    high: Option<Key>,
    cells: CellList,
    is_changed: bool,
    /// Where the cells of each replaced leaf that are not written yet begin, and whether that leaf was in the cache.
    sources: Vec<(usize, bool)>,
    /// What was written.
    leaves: Vec<(Key, PageRef)>,
}

impl Group {
    /// Whether most of these cells come from leaves that were in the cache.
    fn is_hot(&self, cells: Range<usize>) -> bool {
        let ends = self.sources.iter().skip(1).map(|(start, _)| *start).chain([usize::MAX]);
        let hot = self.sources.iter().zip(ends).filter(|((_, is_hot), _)| *is_hot);
        let count = |((start, _), end): (&(usize, bool), usize)| {
            end.min(cells.end).saturating_sub((*start).max(cells.start))
        };
        2 * hot.map(count).sum::<usize>() > cells.len()
    }

    /// Forgets the first cells, which are written.
    fn remove_first(&mut self, count: usize) {
        let mut rest = CellList::default();
        rest.append(&self.cells, count..self.cells.len());
        self.cells = rest;
        let last_before =
            self.sources.partition_point(|(start, _)| *start <= count).saturating_sub(1);
        self.sources.drain(..last_before);
        self.sources.iter_mut().for_each(|(start, _)| *start = start.saturating_sub(count));
    }

    fn is_small(&self) -> bool {
        bytes_up_to(&self.cells, 0, SMALL_BYTES).is_some()
    }
}

/// Takes leaves in key order and writes them anew.
pub(super) struct Packer<'a, 'b> {
    base: &'a Index,
    slice: &'a mut SliceWriter<'b>,
    group: Option<Group>,
    edits: Vec<Edit>,
    written_bytes: u64,
    /// Empty lists, for the sake of their memory.
    spare: Vec<CellList>,
}

impl<'a, 'b> Packer<'a, 'b> {
    pub(super) fn new(base: &'a Index, slice: &'a mut SliceWriter<'b>) -> Self {
        Self { base, slice, group: None, edits: Vec::new(), written_bytes: 0, spare: Vec::new() }
    }

    /// Bytes written since this was asked last.
    pub(super) fn take_written_bytes(&mut self) -> u64 {
        core::mem::take(&mut self.written_bytes)
    }

    /// The next leaf with changes, or the next part of the last one; `page` is `None` in an empty tree.
    pub(super) fn feed(
        &mut self,
        dirty: &DirtyLeaf,
        page: Option<&(Arc<LeafPage>, bool)>,
        changes: &[Entry],
        cursor: &Cursor,
    ) -> Result<(), TreeError> {
        let leaf = page.map(|(leaf, _)| &**leaf);
        let part = leaf.map_or(0..0, |leaf| part_of(leaf, dirty, changes));
        if let Some(group) = self.group.as_mut().filter(|_| dirty.is_continued) {
            group.is_changed |= apply(leaf, part, changes, cursor, self.slice, &mut group.cells)?;
            return self.cut_long();
        }
        if let Some((leaf, spot)) = leaf.zip(dirty.spot) {
            check_keys(leaf, &spot, self.slice)?;
        }
        let mut next = group_of(dirty.spot);
        next.cells = self.spare.pop().unwrap_or_default();
        next.is_changed = apply(leaf, part, changes, cursor, self.slice, &mut next.cells)?;
        next.sources.push((0, page.is_some_and(|(_, is_hot)| *is_hot)));
        self.add(next)
    }

    /// The next entry of a tree that is built from nothing.
    pub(super) fn push(&mut self, key: Key, value: StoredValue<'_>) -> Result<(), TreeError> {
        let group = self.group.get_or_insert_default();
        group.is_changed = true;
        put(key, value, self.slice, &mut group.cells)?;
        self.cut_long()
    }

    /// Packs a leaf with those before it, or begins anew with it.
    fn add(&mut self, next: Group) -> Result<(), TreeError> {
        match &mut self.group {
            Some(group) if group.high == Some(next.low) && should_join(group, &next) => {
                absorb(group, &next);
                self.recycle(next.cells);
            }
            _ => {
                self.close(Some(&next.low))?;
                self.group = Some(next);
            }
        }
        self.cut_long()
    }

    fn recycle(&mut self, mut cells: CellList) {
        cells.clear();
        self.spare.push(cells);
    }

    /// Writes the first leaves of a list that is long already.
    fn cut_long(&mut self) -> Result<(), TreeError> {
        let Some(group) = self.group.as_mut().filter(|group| group.cells.len() > LONG_CELLS) else {
            return Ok(());
        };
        let mut start = 0;
        while bytes_up_to(&group.cells, start, KEPT_BYTES).is_none() {
            start = write_leaf(group, start, self.slice)?;
            self.written_bytes += len_u64(PAGE_SIZE);
        }
        group.remove_first(start);
        Ok(())
    }

    /// Finishes the group; the next one begins at `next_low`.
    fn close(&mut self, next_low: Option<&Key>) -> Result<(), TreeError> {
        let Some(mut group) = self.group.take() else { return Ok(()) };
        self.write_group(&mut group, next_low)?;
        self.recycle(group.cells);
        Ok(())
    }

    fn write_group(&mut self, group: &mut Group, next_low: Option<&Key>) -> Result<(), TreeError> {
        if group.is_changed && group.is_small() && group.high.as_ref() != next_low {
            self.join_clean_neighbour(group)?;
        }
        if !group.is_changed && group.places.len() == 1 {
            return Ok(());
        }
        let mut start = 0;
        while start < group.cells.len() {
            start = write_leaf(group, start, self.slice)?;
            self.written_bytes += len_u64(PAGE_SIZE);
        }
        group.places.iter().for_each(|place| self.slice.release_leaf(*place));
        let leaves = core::mem::take(&mut group.leaves);
        if group.separators.is_empty() {
            // An empty tree: there is nothing to replace.
            self.edits.push(Edit { separator: [0; 32], leaves });
            return Ok(());
        }
        self.edits.extend(edits_of(&group.separators, leaves));
        Ok(())
    }

    /// Packs a small group with the leaf after it, which has no changes, if one leaf holds both.
    fn join_clean_neighbour(&mut self, group: &mut Group) -> Result<(), TreeError> {
        let (Some(root), Some(high)) = (self.base.root(), group.high) else { return Ok(()) };
        if group.cells.is_empty() {
            return Ok(());
        }
        let spot = search::locate(root, &high);
        let leaf = self.slice.file.leaf_to_replace(spot.leaf)?;
        check_keys(&leaf, &spot, self.slice)?;
        let mut next = group_of(Some(spot));
        next.cells.push_cells(&leaf, 0..leaf.cell_count());
        next.sources.push((0, false));
        if should_join(group, &next) && fits_one_leaf(group, &next) {
            absorb(group, &next);
        }
        Ok(())
    }

    /// The edits of the slice.
    pub(super) fn finish(mut self) -> Result<Vec<Edit>, TreeError> {
        self.close(None)?;
        Ok(self.edits)
    }
}

/// The cells of a leaf that a part of its changes is about.
fn part_of(leaf: &LeafPage, dirty: &DirtyLeaf, changes: &[Entry]) -> Range<usize> {
    let at = |key: &Key| match leaf.find(key) {
        Ok(index) | Err(index) => index,
    };
    let first = changes.first().filter(|_| dirty.is_continued);
    let start = first.map_or(0, |change| at(&change.key));
    start..dirty.rest.as_ref().map_or(leaf.cell_count(), at)
}

/// Whether a leaf's keys are in order and belong in it: what packing relies on (INV-BT-05).
fn check_keys(leaf: &LeafPage, spot: &Spot, slice: &SliceWriter<'_>) -> Result<(), TreeError> {
    let checked = leaf.check_keys(&spot.low, spot.high.as_ref());
    checked.map_err(slice.file.pages.damaged(spot.leaf.page))
}

fn group_of(spot: Option<Spot>) -> Group {
    let Some(spot) = spot else { return Group::default() };
    Group {
        separators: vec![(spot.separator, spot.low)],
        places: vec![spot.leaf],
        low: spot.low,
        high: spot.high,
        ..Group::default()
    }
}

/// What stands in the place of each replaced leaf: the new ones that begin where it did, or between it and the next one.
fn edits_of(replaced: &[(Key, Key)], leaves: Vec<(Key, PageRef)>) -> impl Iterator<Item = Edit> {
    let mut leaves = leaves.into_iter().peekable();
    replaced.iter().enumerate().map(move |(index, (separator, _))| {
        let next_low = replaced.get(index + 1).map(|(_, low)| *low);
        let is_here = |(low, _): &(Key, PageRef)| next_low.is_none_or(|next| *low < next);
        let here = core::iter::from_fn(|| leaves.next_if(is_here));
        Edit { separator: *separator, leaves: here.collect() }
    })
}

fn should_join(group: &Group, next: &Group) -> bool {
    if group.is_changed == next.is_changed {
        return group.is_changed;
    }
    group.is_small() || next.is_small() || cuts_a_subtrie(group, next) || {
        let bytes = |group: &Group| bytes_up_to(&group.cells, 0, JOINED_BYTES_MAX);
        let both = bytes(group).zip(bytes(next)).map(|(a, b)| a + b);
        both.is_some_and(|bytes| bytes <= JOINED_BYTES_MAX)
    }
}

/// Whether the boundary between them cuts a subtrie that could do without: it was too large when the
/// boundary was made, and has become smaller. The cells are then cut anew, elsewhere.
fn cuts_a_subtrie(group: &Group, next: &Group) -> bool {
    let Some(bits) = separator_bits(&next.low).checked_sub(1) else { return false };
    // The boundary parts the two halves of this subtrie.
    let subtrie = Prefix::new(next.low, bits);
    let count = group.cells.len();
    let left = group.cells.lower_bound(&subtrie.first_key());
    let right = subtrie.end().map_or(next.cells.len(), |end| next.cells.lower_bound(&end));
    let bytes = group.cells.weight(left..count) + next.cells.weight(0..right);
    left < count && right > 0 && bytes <= WHOLE_SUBTRIE_BYTES
}

fn fits_one_leaf(group: &Group, next: &Group) -> bool {
    let mut both = CellList::default();
    both.append(&group.cells, 0..group.cells.len());
    both.append(&next.cells, 0..next.cells.len());
    bytes_up_to(&both, 0, NODE_ROOM_BYTES).is_some()
}

fn absorb(group: &mut Group, next: &Group) {
    let count = group.cells.len();
    group.cells.append(&next.cells, 0..next.cells.len());
    group.sources.extend(next.sources.iter().map(|(start, is_hot)| (start + count, *is_hot)));
    group.separators.extend_from_slice(&next.separators);
    group.places.extend_from_slice(&next.places);
    group.high = next.high;
    group.is_changed |= next.is_changed;
}

/// Writes the leaf that begins with cell `start`; where the next one begins.
fn write_leaf(
    group: &mut Group,
    start: usize,
    slice: &mut SliceWriter<'_>,
) -> Result<usize, TreeError> {
    let end = page_end(&group.cells, start);
    let place = slice.write_leaf(&group.cells, start..end, group.is_hot(start..end))?;
    group.leaves.push((group.low, place));
    if end < group.cells.len() {
        group.low = separator(group.cells.key(end - 1), group.cells.key(end));
    }
    Ok(end)
}
