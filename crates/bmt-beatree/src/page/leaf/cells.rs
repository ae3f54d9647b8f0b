//! Cells on their way into leaves: a sorted list that is appended to, cut, and encoded.

use super::{CellKind, Leaf, OverflowRef, ValueHash};
use crate::cut::Pieces;
use crate::key::{Key, shared_bits, shared_bytes};
use crate::units::{len_u32, to_usize};
use crate::weight::{CELL_FIXED_BYTES, INLINE_VALUE_BYTES_MAX, PLAIN_VALUE_BYTES_MAX};
use core::ops::Range;

/// Where in the arena the payload of a cell is.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    len: u16,
    kind: CellKind,
}

/// Cells in ascending order of their keys, with copies of their payloads.
#[derive(Debug, Default)]
pub(crate) struct CellList {
    keys: Vec<Key>,
    spans: Vec<Span>,
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
        self.spans[index].kind
    }

    pub(crate) fn payload(&self, index: usize) -> &[u8] {
        let span = self.spans[index];
        let start = to_usize(span.start);
        &self.arena[start..start + usize::from(span.len)]
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

    /// Adds a cell of a leaf.
    pub(crate) fn push_cell<B: AsRef<[u8]>>(&mut self, leaf: &Leaf<B>, index: usize) {
        let (kind, payload) = leaf.cell(index);
        self.push(leaf.key(index), kind, &[payload]);
    }

    fn push(&mut self, key: Key, kind: CellKind, payload: &[&[u8]]) {
        assert!(self.keys.last().is_none_or(|last| *last < key), "cells ascend (INV-BT-05)");
        let start = self.arena.len();
        payload.iter().for_each(|part| self.arena.extend_from_slice(part));
        let len = u16::try_from(self.arena.len() - start).unwrap_or(u16::MAX);
        self.keys.push(key);
        self.spans.push(Span { start: len_u32(start), len, kind });
    }

    /// Adds the cells of `range` of another list.
    pub(crate) fn append(&mut self, other: &Self, range: Range<usize>) {
        for index in range {
            self.push(other.keys[index], other.kind(index), &[other.payload(index)]);
        }
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
        let payloads: usize = self.spans[range.clone()].iter().map(|s| usize::from(s.len)).sum();
        payloads + range.len() * (CELL_FIXED_BYTES - prefix) + prefix
    }
}

impl Pieces for CellList {
    fn count(&self) -> usize {
        self.len()
    }

    fn bytes(&self, index: usize) -> usize {
        CELL_FIXED_BYTES + usize::from(self.spans[index].len)
    }

    fn prefix_max(&self, _index: usize) -> usize {
        32
    }

    fn shared_bytes(&self, index: usize) -> usize {
        shared_bytes(&self.keys[index - 1], &self.keys[index])
    }

    fn boundary_bits(&self, index: usize) -> u16 {
        shared_bits(&self.keys[index - 1], &self.keys[index]) + 1
    }
}
