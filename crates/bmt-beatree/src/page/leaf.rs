//! A leaf page that was read: its cells, by index and by key.
//!
//! # Format
//! `docs/format/beatree.md`, "Leaf".

use super::{NODE_HEADER_BYTES, PageKind, PageRef, Seal};
use crate::error::Damage;
use crate::key::Key;
use crate::little_endian::{array, is_zero, u16_at, u32_at, u64_at};
use crate::units::{PAGE_SIZE, to_usize};
use crate::weight::{
    HASH_BYTES, INLINE_VALUE_BYTES_MAX, OVERFLOW_PAYLOAD_BYTES, PLAIN_VALUE_BYTES_MAX,
    VALUE_BYTES_MAX,
};
use core::cmp::Ordering;
use core::ops::Range;

pub(crate) mod cells;
pub(crate) mod encode;

/// A value's hash, by the caller's function.
pub type ValueHash = [u8; 32];

const OFFSET_BITS: u32 = 13;
const OFFSET_MASK: u16 = (1 << OFFSET_BITS) - 1;

/// What the payload of a cell is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// The value.
    Plain,
    /// The hash of the value, then the value.
    Hashed,
    /// A reference to overflow pages.
    Overflow,
}

impl CellKind {
    const fn code(self) -> u16 {
        match self {
            Self::Plain => 0,
            Self::Hashed => 1,
            Self::Overflow => 2,
        }
    }

    const fn from_code(code: u16) -> Option<Self> {
        match code {
            0 => Some(Self::Plain),
            1 => Some(Self::Hashed),
            2 => Some(Self::Overflow),
            _ => None,
        }
    }

    /// Whether a payload of this kind can have this length (INV-BT-08).
    fn allows(self, payload_bytes: usize) -> bool {
        match self {
            Self::Plain => payload_bytes <= PLAIN_VALUE_BYTES_MAX,
            Self::Hashed => payload_bytes
                .checked_sub(HASH_BYTES)
                .is_some_and(|len| len > PLAIN_VALUE_BYTES_MAX && len <= INLINE_VALUE_BYTES_MAX),
            Self::Overflow => payload_bytes == OVERFLOW_PAYLOAD_BYTES,
        }
    }
}

/// Where a value in overflow pages is, its length and its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OverflowRef {
    pub(crate) hash: ValueHash,
    pub(crate) len_bytes: u32,
    pub(crate) head: PageRef,
}

impl OverflowRef {
    pub(crate) fn encode(&self) -> [u8; OVERFLOW_PAYLOAD_BYTES] {
        let mut bytes = [0; OVERFLOW_PAYLOAD_BYTES];
        bytes[..32].copy_from_slice(&self.hash);
        bytes[32..36].copy_from_slice(&self.len_bytes.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.head.page.to_le_bytes());
        bytes[40..].copy_from_slice(&self.head.checksum.to_le_bytes());
        bytes
    }

    fn decode(payload: &[u8]) -> Option<Self> {
        let head = PageRef { page: u32_at(payload, 36)?, checksum: u64_at(payload, 40)? };
        Some(Self { hash: array(payload, 0)?, len_bytes: u32_at(payload, 32)?, head })
    }
}

/// The value of a cell, as far as it lies in the leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellValue<'a> {
    Plain(&'a [u8]),
    Hashed { hash: &'a ValueHash, value: &'a [u8] },
    Overflow(OverflowRef),
}

impl<'a> CellValue<'a> {
    /// What a payload means, whose length was checked.
    fn of(kind: CellKind, payload: &'a [u8]) -> Self {
        match kind {
            CellKind::Plain => Self::Plain(payload),
            CellKind::Hashed => match payload.split_first_chunk() {
                Some((hash, value)) => Self::Hashed { hash, value },
                None => unreachable!("the payload's length was checked"),
            },
            CellKind::Overflow => match OverflowRef::decode(payload) {
                Some(value) => Self::Overflow(value),
                None => unreachable!("the payload's length was checked"),
            },
        }
    }
}

/// A leaf whose bytes were validated; `B` owns or borrows the page.
#[derive(Debug)]
pub(crate) struct Leaf<B> {
    bytes: B,
    cell_count: usize,
    prefix_len: usize,
    keys_at: usize,
    slots_at: usize,
    end: usize,
}

impl<B: AsRef<[u8]>> Leaf<B> {
    /// Verifies the checksum, then the layout.
    pub(crate) fn open(seal: Seal, place: PageRef, bytes: B) -> Result<Self, Damage> {
        seal.verify(PageKind::Leaf, place, bytes.as_ref())?;
        Self::parse(bytes)
    }

    /// Validates all that later accesses rely on: every offset, length and kind. The order of keys
    /// is left to the integrity check; nothing but a search's result depends on it.
    pub(crate) fn parse(bytes: B) -> Result<Self, Damage> {
        let page = bytes.as_ref();
        if page.len() != PAGE_SIZE {
            return Err(Damage::Layout("a leaf is one page"));
        }
        let field = |at| u16_at(page, at).map(usize::from).unwrap_or_default();
        let (cell_count, end) = (field(16), field(20));
        let prefix_len = usize::from(page[18]);
        if cell_count == 0 || prefix_len > 32 || (prefix_len == 32 && cell_count > 1) {
            return Err(Damage::Layout("cell count or prefix length of a leaf"));
        }
        if page[19] != 0 || field(22) != 0 {
            return Err(Damage::Layout("reserved bytes of a leaf"));
        }
        let keys_at = NODE_HEADER_BYTES + prefix_len;
        let slots_at = keys_at + cell_count * (32 - prefix_len);
        let payloads_at = slots_at + cell_count * 2;
        if payloads_at > end || end > PAGE_SIZE || !is_zero(&page[end..]) {
            return Err(Damage::Layout("end of a leaf's cells"));
        }
        let leaf = Self { bytes, cell_count, prefix_len, keys_at, slots_at, end };
        leaf.check_slots(payloads_at)?;
        Ok(leaf)
    }

    fn check_slots(&self, payloads_at: usize) -> Result<(), Damage> {
        let page = self.page();
        let (slots, _) = page[self.slots_at..payloads_at].as_chunks::<2>();
        let (mut at, mut has_overflow) = (payloads_at, false);
        for (index, slot) in slots.iter().enumerate() {
            let (kind, start) = split_slot(*slot);
            let end = slots.get(index + 1).map_or(self.end, |next| split_slot(*next).1);
            let kind = kind.ok_or(Damage::Layout("kind of a leaf cell"))?;
            if start != at || end < start || end > self.end || !kind.allows(end - start) {
                return Err(Damage::Layout("payload of a leaf cell"));
            }
            has_overflow |= kind == CellKind::Overflow;
            at = end;
        }
        let is_in_range = |index| match self.value(index) {
            CellValue::Overflow(OverflowRef { len_bytes, .. }) => {
                let len_bytes = to_usize(len_bytes);
                len_bytes > INLINE_VALUE_BYTES_MAX && len_bytes <= VALUE_BYTES_MAX
            }
            _ => true,
        };
        match at == self.end && (!has_overflow || (0..self.cell_count).all(is_in_range)) {
            true => Ok(()),
            false => Err(Damage::Layout("length of an overflow value")),
        }
    }

    fn page(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// The page as far as it is used: all that a parsed leaf looks at.
    pub(crate) fn used(&self) -> &[u8] {
        &self.page()[..self.end]
    }

    /// The same leaf over other bytes.
    ///
    /// # Panics
    /// When they are not [`Leaf::used`] of this one.
    pub(crate) fn over<C: AsRef<[u8]>>(&self, bytes: C) -> Leaf<C> {
        assert!(bytes.as_ref().len() == self.end, "a copy of what the leaf uses");
        let Self { cell_count, prefix_len, keys_at, slots_at, end, .. } = *self;
        Leaf { bytes, cell_count, prefix_len, keys_at, slots_at, end }
    }

    fn slot(&self, index: usize) -> u16 {
        u16_at(self.page(), self.slots_at + 2 * index).unwrap_or_default()
    }

    /// Where in the page the payload of a cell is.
    fn payload_range(&self, index: usize) -> Range<usize> {
        let offset = |index| usize::from(self.slot(index) & OFFSET_MASK);
        let end = if index + 1 < self.cell_count { offset(index + 1) } else { self.end };
        offset(index)..end
    }

    /// Cells in the leaf; at least one.
    pub(crate) fn cell_count(&self) -> usize {
        self.cell_count
    }

    /// Bytes that all keys share and that are stored once.
    pub(crate) fn prefix_len(&self) -> usize {
        self.prefix_len
    }

    /// The key of a cell.
    ///
    /// # Panics
    /// When there is no such cell.
    pub(crate) fn key(&self, index: usize) -> Key {
        let mut key = [0; 32];
        let (prefix, suffix) = key.split_at_mut(self.prefix_len);
        prefix.copy_from_slice(&self.page()[NODE_HEADER_BYTES..self.keys_at]);
        suffix.copy_from_slice(self.suffix(index));
        key
    }

    fn suffix(&self, index: usize) -> &[u8] {
        assert!(index < self.cell_count, "a cell of the leaf");
        let len = 32 - self.prefix_len;
        let at = self.keys_at + index * len;
        &self.page()[at..at + len]
    }

    /// Some cells side by side.
    ///
    /// # Panics
    /// When there are none, or not all of them exist.
    pub(crate) fn part(&self, range: Range<usize>) -> LeafPart<'_> {
        assert!(range.start < range.end && range.end <= self.cell_count, "cells of the leaf");
        let (page, suffix_len) = (self.page(), 32 - self.prefix_len);
        let keys_at = self.keys_at + range.start * suffix_len;
        let slots_at = self.slots_at + 2 * range.start;
        let payloads_at = self.payload_range(range.start).start;
        let payloads_end = self.payload_range(range.end - 1).end;
        LeafPart {
            prefix: &page[NODE_HEADER_BYTES..self.keys_at],
            suffixes: &page[keys_at..keys_at + range.len() * suffix_len],
            slots: &page[slots_at..slots_at + 2 * range.len()],
            payloads_at,
            payloads: &page[payloads_at..payloads_end],
        }
    }

    /// Kind and payload of a cell.
    pub(crate) fn cell(&self, index: usize) -> (CellKind, &[u8]) {
        let kind = CellKind::from_code(self.slot(index) >> OFFSET_BITS).unwrap_or(CellKind::Plain);
        (kind, &self.page()[self.payload_range(index)])
    }

    /// The value of a cell.
    pub(crate) fn value(&self, index: usize) -> CellValue<'_> {
        let (kind, payload) = self.cell(index);
        CellValue::of(kind, payload)
    }

    /// Where in the page the value of a cell is; `None` if it is in overflow pages.
    pub(crate) fn value_range(&self, index: usize) -> Option<Range<usize>> {
        let Range { start, end } = self.payload_range(index);
        match self.cell(index).0 {
            CellKind::Plain => Some(start..end),
            CellKind::Hashed => Some(start + HASH_BYTES..end),
            CellKind::Overflow => None,
        }
    }

    /// The bytes of a range that [`Leaf::value_range`] gave.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.page()[range]
    }

    /// Checks that the keys ascend strictly from `low` on and stay below `high` (INV-BT-05).
    pub(crate) fn check_keys(&self, low: &Key, high: Option<&Key>) -> Result<(), Damage> {
        let suffixes = &self.page()[self.keys_at..self.slots_at];
        // A leaf of one cell has no suffixes.
        let suffixes = suffixes.chunks_exact((32 - self.prefix_len).max(1));
        if !suffixes.is_sorted_by(|a, b| a < b) {
            return Err(Damage::Layout("keys of a leaf do not ascend (INV-BT-05)"));
        }
        let (first, last) = (self.key(0), self.key(self.cell_count - 1));
        if first < *low || high.is_some_and(|high| last >= *high) {
            return Err(Damage::Layout("a key is out of its leaf's bounds (INV-BT-05)"));
        }
        Ok(())
    }

    /// The index of the cell with this key, or of the first one above it.
    pub(crate) fn find(&self, key: &Key) -> Result<usize, usize> {
        self.find_from(0, key)
    }

    /// As [`Leaf::find`], if the key is above those of the cells before `from`.
    pub(crate) fn find_from(&self, from: usize, key: &Key) -> Result<usize, usize> {
        self.find_between(from, self.cell_count, key)
    }

    /// As [`Leaf::find_from`], for a key that is likely not far behind cell `from`.
    pub(crate) fn find_near(&self, from: usize, key: &Key) -> Result<usize, usize> {
        let suffixes = Suffixes::of(self, key);
        let (mut low, mut step) = (from, 4);
        while low + step < self.cell_count && suffixes.compare(low + step).is_lt() {
            (low, step) = (low + step, step * 2);
        }
        self.find_between(low, (low + step).min(self.cell_count), key)
    }

    /// As [`Leaf::find`], if the key lies neither before cell `low` nor behind cell `high`.
    fn find_between(&self, mut low: usize, mut high: usize, key: &Key) -> Result<usize, usize> {
        let suffixes = Suffixes::of(self, key);
        while low < high {
            let middle = usize::midpoint(low, high);
            match suffixes.compare(middle) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        // Only the last step of a search that is near may end at a cell that was not compared.
        match high < self.cell_count && suffixes.compare(high).is_eq() {
            true => Ok(high),
            false => Err(high),
        }
    }

    /// The cells whose keys lie from `low` up to, not including, `high`.
    pub(crate) fn cells_in(&self, low: &Key, high: Option<&Key>) -> Range<usize> {
        let at = |found| match found {
            Ok(index) | Err(index) => index,
        };
        let start = at(self.find(low));
        let end = high.map_or(self.cell_count, |high| at(self.find_near(start, high)));
        start..end
    }
}

/// The keys of a leaf next to one that is looked for.
struct Suffixes<'a> {
    /// How what all keys share compares with the same bytes of the key.
    prefix: Ordering,
    key: &'a [u8],
    key_head: Option<u64>,
    suffixes: &'a [u8],
}

impl<'a> Suffixes<'a> {
    fn of<B: AsRef<[u8]>>(leaf: &'a Leaf<B>, key: &'a Key) -> Self {
        let page = leaf.page();
        let (prefix, key) = key.split_at(leaf.prefix_len);
        Self {
            prefix: page[NODE_HEADER_BYTES..leaf.keys_at].cmp(prefix),
            key,
            key_head: head(key),
            suffixes: &page[leaf.keys_at..leaf.slots_at],
        }
    }

    /// How the key of a cell compares with the key.
    fn compare(&self, index: usize) -> Ordering {
        let len = self.key.len();
        let suffix = &self.suffixes[index * len..index * len + len];
        self.prefix.then_with(|| match head(suffix).zip(self.key_head) {
            Some((head, key_head)) if head != key_head => head.cmp(&key_head),
            _ => suffix.cmp(self.key),
        })
    }
}

/// The first eight bytes as a number.
fn head(suffix: &[u8]) -> Option<u64> {
    suffix.first_chunk().map(|head| u64::from_be_bytes(*head))
}

/// Kind and offset in a slot.
fn split_slot(slot: [u8; 2]) -> (Option<CellKind>, usize) {
    let slot = u16::from_le_bytes(slot);
    (CellKind::from_code(slot >> OFFSET_BITS), usize::from(slot & OFFSET_MASK))
}

/// Some cells of a leaf side by side.
#[derive(Debug)]
pub(crate) struct LeafPart<'a> {
    prefix: &'a [u8],
    suffixes: &'a [u8],
    slots: &'a [u8],
    payloads_at: usize,
    /// Their payloads, without gaps.
    pub(crate) payloads: &'a [u8],
}

impl<'a> LeafPart<'a> {
    /// The keys in order.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> + use<'a> {
        let mut key = [0; 32];
        let prefix_len = self.prefix.len();
        key[..prefix_len].copy_from_slice(self.prefix);
        let mut rest = self.suffixes;
        (0..self.slots.len() / 2).map(move |_| {
            let (suffix, after) = rest.split_at(32 - prefix_len);
            key[prefix_len..].copy_from_slice(suffix);
            rest = after;
            key
        })
    }

    /// Keys and values in order.
    pub(crate) fn cells(&self) -> impl Iterator<Item = (Key, CellValue<'a>)> + use<'a> {
        let ends = self.slots().skip(1).map(|(_, start)| start);
        let ends = ends.chain(core::iter::once(self.payloads.len()));
        let payloads = self.payloads;
        let cells = self.keys().zip(self.slots()).zip(ends);
        cells.map(move |((key, (kind, start)), end)| {
            (key, CellValue::of(kind, &payloads[start..end]))
        })
    }

    /// Kind of each cell, and where in `payloads` its own begins.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (CellKind, usize)> + use<'a> {
        let payloads_at = self.payloads_at;
        let (slots, _) = self.slots.as_chunks::<2>();
        slots.iter().map(move |slot| {
            let (kind, offset) = split_slot(*slot);
            (kind.unwrap_or(CellKind::Plain), offset - payloads_at)
        })
    }
}

#[cfg(test)]
mod tests;
