//! Ranges: the entries of a version in order, from both ends.

use super::Version;
use super::merged::{self, Place};
use crate::buffer::cursor::Cursor;
use crate::error::TreeError;
use crate::index::Spot;
use crate::key::{Key, Prefix, successor};
use crate::leaf_cache::LeafPage;
use crate::page::PageRef;
use crate::page::leaf::{CellValue, OverflowRef};
use crate::units::to_usize;
use crate::value::Value;
use core::ops::{Bound, RangeBounds};
use std::collections::VecDeque;
use std::sync::Arc;

/// Most leaves that are read ahead.
const AHEAD_MAX: usize = 32;
/// Bytes of long values that are read ahead, beside the one that is wanted.
const LONG_BYTES_AHEAD: usize = 1 << 20;
/// Most buffered changes of one run that are looked at in one step.
const STEP_CHANGES: usize = 1024;

impl Version {
    /// The entries whose keys are in `range`, in ascending order; from the back, descending.
    ///
    /// Reads one leaf at first, and more ahead as it goes on; a value of more than 1280 bytes when it is
    /// about to be handed over.
    pub fn range(&self, range: impl RangeBounds<Key>) -> Entries {
        let low = match range.start_bound() {
            Bound::Unbounded => Some([0; 32]),
            Bound::Included(key) => Some(*key),
            Bound::Excluded(key) => successor(key),
        };
        let high = match range.end_bound() {
            Bound::Unbounded => None,
            Bound::Included(key) => successor(key),
            Bound::Excluded(key) => Some(*key),
        };
        Entries::new(self, low, high)
    }

    /// The entries whose keys begin with `prefix`.
    #[must_use]
    pub fn prefix(&self, prefix: &Prefix) -> Entries {
        Entries::new(self, Some(prefix.first_key()), prefix.end())
    }

    /// All entries.
    #[must_use]
    pub fn iter(&self) -> Entries {
        self.range(..)
    }
}

/// The value of an entry; one in overflow pages is read when it is about to be handed over.
#[derive(Debug)]
enum Found {
    Here(Value),
    Long(OverflowRef),
}

/// An end of the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Front,
    Back,
}

/// Entries in order: an iterator over keys and values that can be walked from both ends.
///
/// It holds the version. After an error it ends.
#[derive(Debug)]
pub struct Entries {
    version: Version,
    /// What lies between `low` and `high` was not looked at; nothing if this is `None`.
    open: Option<(Key, Option<Key>)>,
    front: VecDeque<(Key, Found)>,
    back: VecDeque<(Key, Found)>,
    /// Leaves that were read and are next, from the front and from the back.
    front_leaves: VecDeque<(Spot, Arc<LeafPage>)>,
    back_leaves: VecDeque<(Spot, Arc<LeafPage>)>,
    ahead: usize,
    long_ahead: usize,
}

impl Entries {
    fn new(version: &Version, low: Option<Key>, high: Option<Key>) -> Self {
        let open = low.filter(|low| high.is_none_or(|high| *low < high)).map(|low| (low, high));
        Self {
            version: version.clone(),
            open,
            front: VecDeque::new(),
            back: VecDeque::new(),
            front_leaves: VecDeque::new(),
            back_leaves: VecDeque::new(),
            ahead: 1,
            long_ahead: 1,
        }
    }

    /// Looks at the next stretch from the front.
    fn step_front(&mut self, low: Key, high: Option<Key>) -> Result<(), TreeError> {
        if self.front_leaves.is_empty() {
            self.front_leaves = self.read(self.spots_from(low, high))?;
        }
        let spot = self.front_leaves.front().map(|(spot, _)| *spot);
        let mut end = least(high, spot.and_then(|spot| spot.high));
        for run in self.version.buffer.runs() {
            let at = run.lower_bound(&low);
            end = least(end, run.keys().get(at + STEP_CHANGES).copied());
        }
        let leaf = self.front_leaves.front().map(|(_, leaf)| Arc::clone(leaf));
        let entries = self.stretch(leaf.as_ref(), low, end)?;
        self.front.extend(entries);
        if spot.is_some_and(|spot| spot.high == end) {
            self.front_leaves.pop_front();
        }
        self.open = end.filter(|end| high.is_none_or(|high| *end < high)).map(|end| (end, high));
        Ok(())
    }

    /// Looks at the next stretch from the back.
    fn step_back(&mut self, low: Key, high: Option<Key>) -> Result<(), TreeError> {
        if self.back_leaves.is_empty() {
            self.back_leaves = self.read(self.spots_below(low, high))?;
        }
        let spot = self.back_leaves.front().map(|(spot, _)| *spot);
        let mut start = spot.map_or(low, |spot| spot.low.max(low));
        for run in self.version.buffer.runs() {
            let at = high.map_or(run.len(), |high| run.lower_bound(&high));
            if at > STEP_CHANGES {
                start = start.max(*run.key(at - STEP_CHANGES));
            }
        }
        let leaf = self.back_leaves.front().map(|(_, leaf)| Arc::clone(leaf));
        let entries = self.stretch(leaf.as_ref(), start, high)?;
        for entry in entries.into_iter().rev() {
            self.back.push_front(entry);
        }
        if spot.is_some_and(|spot| spot.low == start) {
            self.back_leaves.pop_front();
        }
        self.open = (start > low).then_some((low, Some(start)));
        Ok(())
    }

    /// The next leaves from `low` on, as many as are to be read ahead.
    fn spots_from(&self, low: Key, high: Option<Key>) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        let mut next = Some(low);
        while spots.len() < self.ahead
            && let Some(key) = next.filter(|key| high.is_none_or(|high| *key < high))
            && let Some(spot) = self.version.index.locate(&key)
        {
            next = spot.high;
            spots.push(spot);
        }
        spots
    }

    /// The next leaves below `high`, the last one first.
    fn spots_below(&self, low: Key, high: Option<Key>) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        let mut end = high;
        while spots.len() < self.ahead
            && let Some(spot) = self.version.index.locate_below(end.as_ref())
        {
            spots.push(spot);
            if spot.low <= low {
                break;
            }
            end = Some(spot.low);
        }
        spots
    }

    fn read(&mut self, spots: Vec<Spot>) -> Result<VecDeque<(Spot, Arc<LeafPage>)>, TreeError> {
        self.ahead = (self.ahead * 2).min(AHEAD_MAX);
        let places: Vec<PageRef> = spots.iter().map(|spot| spot.leaf).collect();
        let mut leaves: Vec<Option<Arc<LeafPage>>> = vec![None; places.len()];
        self.version.index.leaves(&places, |index, leaf| leaves[index] = Some(Arc::clone(leaf)))?;
        Ok(spots.into_iter().zip(leaves.into_iter().flatten()).collect())
    }

    /// The entries from `low` up to `end`, all of which are in `leaf` or in the buffer.
    fn stretch(
        &self,
        leaf: Option<&Arc<LeafPage>>,
        low: Key,
        end: Option<Key>,
    ) -> Result<Vec<(Key, Found)>, TreeError> {
        let mut cursor = Cursor::new(self.version.buffer.runs(), &low);
        let cells = leaf.map_or(0..0, |leaf| leaf.cells_in(&low, end.as_ref()));
        let mut entries = Vec::with_capacity(cells.len());
        let page = leaf.map(|leaf| &**leaf);
        merged::for_each(page, cells, &mut cursor, end.as_ref(), |cursor, place| {
            match (place, leaf) {
                (Place::Change(entry), _) => {
                    let value = Value::in_run(cursor.run(&entry), entry.index);
                    entries.push((entry.key, Found::Here(value)));
                }
                (Place::Cells(cells), Some(leaf)) => {
                    for index in cells {
                        entries.push((leaf.key(index), found_in(leaf, index)));
                    }
                }
                (Place::Cells(_), None) => {}
            }
            Ok(())
        })?;
        Ok(entries)
    }

    /// Reads the value of the entry that is next from an end, if it is a long one, and some of those
    /// behind it.
    fn read_long(&mut self, end: End) -> Result<(), TreeError> {
        let found = match (end, self.front.is_empty(), self.back.is_empty()) {
            (End::Front, false, _) | (End::Back, _, true) => &mut self.front,
            (End::Back, _, false) | (End::Front, true, _) => &mut self.back,
        };
        let count = found.len();
        let (mut wanted, mut bytes) = (Vec::new(), 0);
        for step in 0..self.long_ahead.min(count) {
            let at = if end == End::Front { step } else { count - 1 - step };
            let Found::Long(value) = found[at].1 else {
                if step == 0 {
                    return Ok(());
                }
                continue;
            };
            bytes += to_usize(value.len_bytes);
            if step > 0 && bytes > LONG_BYTES_AHEAD {
                break;
            }
            wanted.push((at, value));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        self.long_ahead = (self.long_ahead * 2).min(AHEAD_MAX);
        let values: Vec<OverflowRef> = wanted.iter().map(|(_, value)| *value).collect();
        self.version.index.overflow_values(&values, |index, bytes| {
            found[wanted[index].0].1 = Found::Here(Value::owned(bytes));
        })
    }

    /// The next entry from an end, of those that were looked at.
    fn take(&mut self, end: End) -> Option<Result<(Key, Value), TreeError>> {
        if let Err(error) = self.read_long(end) {
            return Some(self.fail(error));
        }
        let entry = match end {
            End::Front => self.front.pop_front().or_else(|| self.back.pop_front()),
            End::Back => self.back.pop_back().or_else(|| self.front.pop_back()),
        };
        entry.map(|(key, found)| match found {
            Found::Here(value) => Ok((key, value)),
            Found::Long(_) => unreachable!("it was read"),
        })
    }

    /// Ends the iteration with an error.
    fn fail(&mut self, error: TreeError) -> Result<(Key, Value), TreeError> {
        self.open = None;
        self.front.clear();
        self.back.clear();
        Err(error)
    }
}

impl Iterator for Entries {
    type Item = Result<(Key, Value), TreeError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.front.is_empty()
            && let Some((low, high)) = self.open
        {
            let step = self.version.index.check_expiry();
            if let Err(error) = step.and_then(|()| self.step_front(low, high)) {
                return Some(self.fail(error));
            }
        }
        self.take(End::Front)
    }
}

impl DoubleEndedIterator for Entries {
    fn next_back(&mut self) -> Option<Self::Item> {
        while self.back.is_empty()
            && let Some((low, high)) = self.open
        {
            let step = self.version.index.check_expiry();
            if let Err(error) = step.and_then(|()| self.step_back(low, high)) {
                return Some(self.fail(error));
            }
        }
        self.take(End::Back)
    }
}

impl core::iter::FusedIterator for Entries {}

/// The value of a cell, as far as the leaf has it.
fn found_in(leaf: &Arc<LeafPage>, index: usize) -> Found {
    match leaf.value(index) {
        CellValue::Overflow(value) => Found::Long(value),
        _ => Found::Here(Value::in_leaf(leaf, leaf.value_range(index).unwrap_or_default())),
    }
}

/// The lesser of two ends; `None` is the greatest.
fn least(a: Option<Key>, b: Option<Key>) -> Option<Key> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
