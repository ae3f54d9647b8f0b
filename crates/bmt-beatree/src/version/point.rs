//! Reading single keys, one by one and many at a time.

use super::Version;
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::index::Spot;
use crate::key::Key;
use crate::leaf_cache::LeafPage;
use crate::page::PageRef;
use crate::page::leaf::{CellValue, OverflowRef};
use crate::value::Value;
use core::ops::Range;
use std::sync::Arc;

/// Keys whose leaves are read in one batch: many, since a queue runs empty at its end.
const BATCH_KEYS: usize = 1 << 16;

impl Version {
    /// The value of a key; `None` if it has none.
    ///
    /// No read if the buffer or the leaf cache has it, else one; for a value of more than 1280 bytes
    /// one more, and one for each extent if it is longer than a page.
    ///
    /// # Errors
    /// [`TreeError::SnapshotExpired`], [`TreeError::Corruption`], [`TreeError::Io`].
    pub fn get(&self, key: &Key) -> Result<Option<Value>, TreeError> {
        self.index.check_expiry()?;
        if let Some(found) = self.buffered(key) {
            return Ok(found);
        }
        let Some(spot) = self.index.locate(key) else { return Ok(None) };
        let leaf = self.index.leaf(spot.leaf)?;
        self.value_in(&leaf, key)
    }

    /// The values of many keys, in their order: one read for each leaf that is not in the cache, all
    /// in flight together; then, likewise, the overflow pages of values of more than 1280 bytes.
    ///
    /// A [`Value`] keeps the leaf that it lies in. Of many short ones that are to be kept, take copies.
    ///
    /// # Errors
    /// As [`Version::get`].
    pub fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>, TreeError> {
        self.index.check_expiry()?;
        let mut values = Vec::with_capacity(keys.len());
        for keys in keys.chunks(BATCH_KEYS) {
            self.get_batch(keys, &mut values)?;
        }
        Ok(values)
    }

    fn get_batch(&self, keys: &[Key], values: &mut Vec<Option<Value>>) -> Result<(), TreeError> {
        let first = values.len();
        let mut wanted: Vec<(PageRef, usize)> = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            let found = self.buffered(key);
            if found.is_none()
                && let Some(Spot { leaf, .. }) = self.index.locate(key)
            {
                wanted.push((leaf, index));
            }
            values.push(found.flatten());
        }
        // In order of pages, so that keys of one leaf share a read.
        wanted.sort_unstable_by_key(|(leaf, index)| (leaf.page, *index));
        let mut places: Vec<PageRef> = wanted.iter().map(|(leaf, _)| *leaf).collect();
        places.dedup();
        let mut ends = wanted.chunk_by(|(a, _), (b, _)| a == b).scan(0, |end, keys| {
            let start = *end;
            *end += keys.len();
            Some(start..*end)
        });
        let of_leaf: Vec<Range<usize>> = ends.by_ref().collect();
        // Long values are read when all leaves are there.
        let mut long: Vec<(usize, OverflowRef)> = Vec::new();
        self.index.leaves(&places, |at, leaf| {
            for (_, index) in &wanted[of_leaf[at].clone()] {
                let Ok(cell) = leaf.find(&keys[*index]) else { continue };
                match leaf.value_range(cell) {
                    Some(range) => values[first + index] = Some(Value::in_leaf(leaf, range)),
                    None => {
                        if let CellValue::Overflow(value) = leaf.value(cell) {
                            long.push((first + index, value));
                        }
                    }
                }
            }
        })?;
        let places: Vec<OverflowRef> = long.iter().map(|(_, value)| *value).collect();
        self.index.overflow_values(&places, |at, bytes| {
            values[long[at].0] = Some(Value::owned(bytes));
        })
    }

    /// Brings the leaves of these keys into the cache, as far as it has room, in one batch of reads.
    ///
    /// # Errors
    /// As [`Version::get`].
    pub fn prefetch(&self, keys: &[Key]) -> Result<(), TreeError> {
        self.index.check_expiry()?;
        let missing = keys.iter().filter(|key| self.buffer.find(key).is_none());
        let spots = missing.filter_map(|key| self.index.locate(key));
        let mut places: Vec<PageRef> = spots.map(|spot| spot.leaf).collect();
        places.sort_unstable_by_key(|place| place.page);
        places.dedup();
        for places in places.chunks(BATCH_KEYS) {
            self.index.leaves(places, |_, _| {})?;
        }
        Ok(())
    }

    /// What the buffer says of a key: nothing, that it has no value, or its value.
    fn buffered(&self, key: &Key) -> Option<Option<Value>> {
        let (run, index) = self.buffer.find(key)?;
        let is_deleted = run.value(index) == StoredValue::Deleted;
        Some((!is_deleted).then(|| Value::in_run(run, index)))
    }

    fn value_in(&self, leaf: &Arc<LeafPage>, key: &Key) -> Result<Option<Value>, TreeError> {
        leaf.find(key).ok().map(|index| self.cell_value(leaf, index)).transpose()
    }

    /// The value of a cell, read from overflow pages if it lies there.
    fn cell_value(&self, leaf: &Arc<LeafPage>, index: usize) -> Result<Value, TreeError> {
        match (leaf.value_range(index), leaf.value(index)) {
            (None, CellValue::Overflow(value)) => {
                Ok(Value::owned(self.index.overflow_value(&value)?))
            }
            (range, _) => Ok(Value::in_leaf(leaf, range.unwrap_or_default())),
        }
    }
}
