//! Cells on their way into leaves: a sorted list that is appended to, cut, and encoded.

use super::{CellKind, Leaf, OverflowRef, ValueHash};
use crate::cut::Pieces;
use crate::key::{Key, is_below, shared_bits, shared_bytes};
use crate::units::to_usize;
use crate::weight::{
    CELL_FIXED_BYTES, INLINE_VALUE_BYTES_MAX, PLAIN_VALUE_BYTES_MAX, WHOLE_SUBTRIE_BYTES,
};
use core::ops::Range;

/// Where in the arena the payload of a cell begins; it reaches to that of the next one.
#[derive(Debug, Clone, Copy)]
struct Start {
    at: u32,
    kind: CellKind,
}

/// Cells in ascending order of their keys, with copies of their payloads.
#[derive(Debug, Default)]
pub(crate) struct CellList {
    keys: Vec<Key>,
    starts: Vec<Start>,
    arena: Vec<u8>,
}

impl CellList {
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(crate) fn key(&self, index: usize) -> &Key {
        &self.keys[index]
    }

    pub(crate) fn kind(&self, index: usize) -> CellKind {
        self.starts[index].kind
    }

    /// The payloads of some cells.
    pub(crate) fn payloads(&self, range: Range<usize>) -> &[u8] {
        &self.arena[self.start(range.start)..self.start(range.end)]
    }

    fn start(&self, index: usize) -> usize {
        self.starts.get(index).map_or(self.arena.len(), |start| to_usize(start.at))
    }

    /// Bytes of payload of some cells.
    pub(crate) fn payload_bytes(&self, range: Range<usize>) -> usize {
        self.start(range.end) - self.start(range.start)
    }

    /// The weight of some cells: what they take in a leaf without a prefix.
    pub(crate) fn weight(&self, range: Range<usize>) -> usize {
        range.len() * CELL_FIXED_BYTES + self.payload_bytes(range)
    }

    /// The first cell whose key is at least `key`.
    pub(crate) fn lower_bound(&self, key: &Key) -> usize {
        self.keys.partition_point(|other| is_below(other, key))
    }

    /// Takes all cells away and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.starts.clear();
        self.arena.clear();
    }

    /// Adds a cell with a value that fits it.
    ///
    /// # Panics
    /// When the key is not above the last one, or the value has to be an overflow value.
    pub(crate) fn push_value(&mut self, key: Key, value: &[u8], hash: &ValueHash) {
        assert!(value.len() <= INLINE_VALUE_BYTES_MAX, "an inline value (INV-BT-08)");
        if value.len() <= PLAIN_VALUE_BYTES_MAX {
            self.push(key, CellKind::Plain, &[value]);
        } else {
            self.push(key, CellKind::Hashed, &[hash, value]);
        }
    }

    pub(crate) fn push_overflow(&mut self, key: Key, value: &OverflowRef) {
        self.push(key, CellKind::Overflow, &[&value.encode()]);
    }

    /// Adds some cells of a leaf.
    ///
    /// # Panics
    /// When their keys do not ascend.
    pub(crate) fn push_cells<B: AsRef<[u8]>>(&mut self, leaf: &Leaf<B>, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        let part = leaf.part(range);
        let (first, at) = (self.keys.len(), offset(self.arena.len()));
        self.keys.extend(part.keys());
        let start = |(kind, after)| Start { at: at + offset(after), kind };
        self.starts.extend(part.slots().map(start));
        self.arena.extend_from_slice(part.payloads);
        self.check_order(first);
    }

    fn push(&mut self, key: Key, kind: CellKind, payload: &[&[u8]]) {
        let (first, at) = (self.keys.len(), offset(self.arena.len()));
        payload.iter().for_each(|part| self.arena.extend_from_slice(part));
        self.keys.push(key);
        self.starts.push(Start { at, kind });
        self.check_order(first);
    }

    /// Adds the cells of `range` of another list.
    ///
    /// # Panics
    /// When their keys do not ascend.
    pub(crate) fn append(&mut self, other: &Self, range: Range<usize>) {
        let (first, from) = (self.keys.len(), other.start(range.start));
        let at = self.arena.len();
        self.arena.extend_from_slice(other.payloads(range.clone()));
        self.keys.extend_from_slice(&other.keys[range.clone()]);
        let moved = |start: &Start| Start { at: offset(to_usize(start.at) - from + at), ..*start };
        self.starts.extend(other.starts[range].iter().map(moved));
        self.check_order(first);
    }

    fn check_order(&self, first_new: usize) {
        let keys = &self.keys[first_new.saturating_sub(1)..];
        assert!(keys.is_sorted_by(is_below), "cells ascend (INV-BT-05)");
    }

    /// For tests: bytes that the cells of `range` take in one leaf, its prefix included, its header not.
    #[cfg(test)]
    pub(crate) fn leaf_bytes(&self, range: Range<usize>) -> usize {
        let (Some(first), Some(last)) = (self.keys.get(range.start), range.end.checked_sub(1))
        else {
            return 0;
        };
        if range.is_empty() {
            return 0;
        }
        let prefix = shared_bytes(first, &self.keys[last]);
        self.payload_bytes(range.clone()) + range.len() * (CELL_FIXED_BYTES - prefix) + prefix
    }
}

/// An offset in the arena. Whoever fills a list cuts it long before it has so many bytes.
///
/// # Panics
/// When it does not fit 32 bits.
fn offset(bytes: usize) -> u32 {
    let Ok(offset) = u32::try_from(bytes) else { unreachable!("a list of 4 GiB was not cut") };
    offset
}

impl Pieces for CellList {
    const WHOLE_BYTES: Option<usize> = Some(WHOLE_SUBTRIE_BYTES);

    fn count(&self) -> usize {
        self.len()
    }

    fn bytes(&self, index: usize) -> usize {
        self.weight(index..index + 1)
    }

    fn prefix_max(&self, _index: usize) -> usize {
        32
    }

    fn shared_bytes(&self, index: usize) -> usize {
        shared_bytes(&self.keys[index - 1], &self.keys[index])
    }

    fn page_bytes_from(&self, start: usize) -> Option<usize> {
        let count = self.len() - start;
        let prefix = match self.keys.get(start).zip(self.keys.last()) {
            Some((first, last)) => shared_bytes(first, last),
            None => 0,
        };
        Some(self.weight(start..self.len()) - count * prefix + prefix)
    }

    fn boundary_bits(&self, index: usize) -> u16 {
        shared_bits(&self.keys[index - 1], &self.keys[index]) + 1
    }
}
