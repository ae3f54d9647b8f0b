//! The cells of one leaf and the changes over them, as one sorted list.

use crate::buffer::cursor::{Cursor, Entry};
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::key::Key;
use crate::leaf_cache::LeafPage;
use core::ops::Range;

/// Where entries are.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// In these cells, side by side.
    Cells(Range<usize>),
    Change(Entry),
}

/// Hands over, in order, the entries of `cells` and those that `cursor` has below `end`: a change
/// hides the cell of its key, and a deletion hides itself too.
pub(super) fn for_each(
    leaf: Option<&LeafPage>,
    cells: Range<usize>,
    cursor: &mut Cursor,
    end: Option<&Key>,
    mut each: impl FnMut(&Cursor, Place) -> Result<(), TreeError>,
) -> Result<(), TreeError> {
    let mut at = cells.start;
    while let Some(entry) = cursor.advance_below(end) {
        if let Some(leaf) = leaf {
            let (index, after) = match leaf.find_near(at, &entry.key) {
                Ok(index) => (index, index + 1),
                Err(index) => (index, index),
            };
            if index > at {
                each(cursor, Place::Cells(at..index))?;
            }
            at = after;
        }
        if cursor.value(&entry) != StoredValue::Deleted {
            each(cursor, Place::Change(entry))?;
        }
    }
    if at < cells.end {
        each(cursor, Place::Cells(at..cells.end))?;
    }
    Ok(())
}
