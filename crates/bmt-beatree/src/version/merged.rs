//! The cells of one leaf and the changes over them, as one sorted list.

use crate::buffer::cursor::{Cursor, Entry};
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::key::Key;
use crate::leaf_cache::LeafPage;
use core::ops::Range;

/// Where an entry is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    Cell(usize),
    Change(Entry),
}

/// Hands over, in order, the entries of `cells` and those that `cursor` has below `end`: a change
/// hides the cell of its key, and a deletion hides itself too.
pub(super) fn for_each(
    leaf: Option<&LeafPage>,
    cells: Range<usize>,
    cursor: &mut Cursor,
    end: Option<&Key>,
    mut each: impl FnMut(&Cursor, Key, Place) -> Result<(), TreeError>,
) -> Result<(), TreeError> {
    let mut at = cells.start;
    let key_at = |at: usize| leaf.filter(|_| at < cells.end).map(|leaf| leaf.key(at));
    while let Some(entry) = cursor.advance_below(end) {
        while let Some(key) = key_at(at).filter(|key| *key < entry.key) {
            each(cursor, key, Place::Cell(at))?;
            at += 1;
        }
        if key_at(at) == Some(entry.key) {
            at += 1;
        }
        if cursor.value(&entry) != StoredValue::Deleted {
            each(cursor, entry.key, Place::Change(entry))?;
        }
    }
    while let Some(key) = key_at(at) {
        each(cursor, key, Place::Cell(at))?;
        at += 1;
    }
    Ok(())
}
