//! The head page of a value that is too long for a leaf, and the extents it names.
//!
//! # Format
//! `docs/format/beatree.md`, "Overflow value".

use super::{HEADER_BYTES, PageKind, PageRef, Seal};
use crate::error::Damage;
use crate::little_endian::{is_zero, put, u16_at, u32_at, u64_at};
use crate::units::{PAGE_SIZE, len_u32, to_usize};
use core::ops::Range;

/// Most extents that one head page names.
pub(crate) const EXTENTS_MAX: usize = 254;
/// Most pages in an extent: 4 MiB, so that 128 of them hold the longest value.
pub(crate) const EXTENT_PAGES_MAX: u32 = 1024;

const FIELDS_AT: usize = HEADER_BYTES;
const EXTENTS_AT: usize = HEADER_BYTES + 8;
const EXTENT_BYTES: usize = 16;
/// Bytes of a value that fit in a head page without extents.
pub(crate) const HEAD_VALUE_BYTES_MAX: usize = PAGE_SIZE - EXTENTS_AT;

const _: () = assert!(EXTENTS_AT + EXTENTS_MAX * EXTENT_BYTES <= PAGE_SIZE);

/// Consecutive pages that hold a part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) page: u32,
    pub(crate) page_count: u32,
    pub(crate) checksum: u64,
}

impl Extent {
    /// Bytes of its pages.
    pub(crate) fn bytes(&self) -> usize {
        to_usize(self.page_count) * PAGE_SIZE
    }

    /// Its pages.
    pub(crate) fn pages(&self) -> Range<u32> {
        self.page..self.page.saturating_add(self.page_count)
    }
}

/// A head page that was read: the extents, and where in the page the value begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct OverflowHead {
    pub(crate) extents: Vec<Extent>,
    /// Bytes of the page that belong to the value.
    pub(crate) value_range: Range<usize>,
}

/// Bytes of a value in the head page, with so many extents.
pub(crate) fn head_value_bytes(extent_count: usize) -> usize {
    HEAD_VALUE_BYTES_MAX - extent_count * EXTENT_BYTES
}

/// Writes the head page of `value`, whose later parts the extents hold.
///
/// # Panics
/// When there are more than [`EXTENTS_MAX`] extents, or their bytes do not hold the rest.
pub(crate) fn encode_head(
    seal: Seal,
    page: u32,
    value: &[u8],
    extents: &[Extent],
    bytes: &mut [u8],
) -> PageRef {
    assert!(extents.len() <= EXTENTS_MAX, "the extents fit the head page");
    bytes.fill(0);
    put(bytes, FIELDS_AT, &len_u32(value.len()).to_le_bytes());
    put(bytes, FIELDS_AT + 4, &len_u32(extents.len()).to_le_bytes());
    let mut at = EXTENTS_AT;
    for extent in extents {
        put(bytes, at, &extent.page.to_le_bytes());
        put(bytes, at + 4, &extent.page_count.to_le_bytes());
        put(bytes, at + 8, &extent.checksum.to_le_bytes());
        at += EXTENT_BYTES;
    }
    let here = value.len().min(PAGE_SIZE - at);
    assert!(pages_for(value.len() - here) == page_count(extents), "every byte has its place");
    put(bytes, at, &value[..here]);
    seal.close(PageKind::Overflow, page, bytes)
}

/// Pages of all extents.
pub(crate) fn page_count(extents: &[Extent]) -> u64 {
    extents.iter().map(|extent| u64::from(extent.page_count)).sum()
}

/// Pages that hold so many bytes.
pub(crate) fn pages_for(len_bytes: usize) -> u64 {
    crate::units::len_u64(len_bytes.div_ceil(PAGE_SIZE))
}

/// Verifies and reads the head page of a value of `len_bytes`.
pub(crate) fn open_head(
    seal: Seal,
    place: PageRef,
    len_bytes: u32,
    bytes: &[u8],
) -> Result<OverflowHead, Damage> {
    seal.verify(PageKind::Overflow, place, bytes)?;
    parse_head(len_bytes, bytes)
}

fn parse_head(len_bytes: u32, bytes: &[u8]) -> Result<OverflowHead, Damage> {
    let damage = Damage::Layout("head page of an overflow value");
    let count = u16_at(bytes, FIELDS_AT + 4).map(usize::from).ok_or(damage)?;
    if u32_at(bytes, FIELDS_AT) != Some(len_bytes) || u16_at(bytes, FIELDS_AT + 6) != Some(0) {
        return Err(Damage::Layout("length of an overflow value"));
    }
    if count > EXTENTS_MAX {
        return Err(Damage::Layout("extent count of an overflow value"));
    }
    let extent_at = |index: usize| {
        let at = EXTENTS_AT + index * EXTENT_BYTES;
        let (page, page_count) = (u32_at(bytes, at)?, u32_at(bytes, at + 4)?);
        let is_valid = page > 0
            && (1..=EXTENT_PAGES_MAX).contains(&page_count)
            && page.checked_add(page_count).is_some();
        let checksum = u64_at(bytes, at + 8)?;
        is_valid.then_some(Extent { page, page_count, checksum })
    };
    let extents: Option<Vec<Extent>> = (0..count).map(extent_at).collect();
    let extents = extents.ok_or(Damage::Layout("an extent of an overflow value"))?;
    let start = EXTENTS_AT + count * EXTENT_BYTES;
    let here = to_usize(len_bytes).min(PAGE_SIZE - start);
    if pages_for(to_usize(len_bytes) - here) != page_count(&extents) {
        return Err(Damage::Layout("extents do not fit the length of the value"));
    }
    if !bytes.get(start + here..PAGE_SIZE).is_some_and(is_zero) {
        return Err(Damage::Layout("bytes after an overflow value"));
    }
    Ok(OverflowHead { extents, value_range: start..start + here })
}

#[cfg(test)]
mod tests;
