//! The cells of a leaf after its changes.

use super::slice_writer::SliceWriter;
use crate::buffer::cursor::{Cursor, Entry};
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::key::Key;
use crate::leaf_cache::LeafPage;
use crate::page::leaf::cells::CellList;
use crate::page::leaf::{CellValue, ValueHash};
use crate::weight::INLINE_VALUE_BYTES_MAX;
use core::ops::Range;

/// No hash is stored beside a value this short, so none is needed.
const NO_HASH: ValueHash = [0; 32];

/// Puts the cells `part` of `leaf` after `changes`, which lie there, into `cells`; whether they differ from
/// what was there.
pub(super) fn apply(
    leaf: Option<&LeafPage>,
    part: Range<usize>,
    changes: &[Entry],
    cursor: &Cursor,
    slice: &mut SliceWriter<'_>,
    cells: &mut CellList,
) -> Result<bool, TreeError> {
    let (mut at, mut is_changed) = (part.start, false);
    for entry in changes {
        let mut old = None;
        if let Some(leaf) = leaf {
            let (index, is_there) = match leaf.find_from(at, &entry.key) {
                Ok(index) => (index, true),
                Err(index) => (index, false),
            };
            cells.push_cells(leaf, at..index);
            at = index;
            old = is_there.then_some(leaf);
        }
        let change = cursor.value(entry);
        if let Some(leaf) = old {
            let index = at;
            at += 1;
            if is_same(leaf.value(index), &change) {
                cells.push_cells(leaf, index..at);
                continue;
            }
            slice.counts.entries = slice.counts.entries.saturating_sub(1);
            if let CellValue::Overflow(value) = leaf.value(index) {
                slice.release_overflow(&value)?;
            }
        } else if change == StoredValue::Deleted {
            continue;
        }
        is_changed = true;
        put(entry.key, change, slice, cells)?;
    }
    if let Some(leaf) = leaf {
        cells.push_cells(leaf, at..part.end);
    }
    Ok(is_changed)
}

/// Whether a change leaves the value as it is. Overflow values are not compared.
fn is_same(old: CellValue<'_>, change: &StoredValue<'_>) -> bool {
    match (old, change) {
        (CellValue::Plain(old), StoredValue::Value { bytes, hash: None }) => old == *bytes,
        (CellValue::Hashed { hash, value }, StoredValue::Value { bytes, hash: Some(new) }) => {
            value == *bytes && hash == *new
        }
        _ => false,
    }
}

/// Adds a cell with the value of a change; a long one goes to overflow pages.
pub(super) fn put(
    key: Key,
    change: StoredValue<'_>,
    slice: &mut SliceWriter<'_>,
    cells: &mut CellList,
) -> Result<(), TreeError> {
    let StoredValue::Value { bytes, hash } = change else { return Ok(()) };
    slice.counts.entries += 1;
    let hash = hash.unwrap_or(&NO_HASH);
    if bytes.len() > INLINE_VALUE_BYTES_MAX {
        let value = slice.write_overflow(bytes, hash)?;
        cells.push_overflow(key, &value);
    } else {
        cells.push_value(key, bytes, hash);
    }
    Ok(())
}
