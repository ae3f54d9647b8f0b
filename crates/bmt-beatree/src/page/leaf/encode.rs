//! Cells as the bytes of a leaf.

use super::OFFSET_BITS;
use super::cells::CellList;
use crate::key::shared_bytes;
use crate::little_endian::put;
use crate::page::{NODE_HEADER_BYTES, PageKind, PageRef, Seal};
use crate::units::PAGE_SIZE;
use core::ops::Range;

/// Writes the cells of `range` into a page.
///
/// # Panics
/// When there are none, or they do not fit.
pub(crate) fn encode(
    seal: Seal,
    page: u32,
    cells: &CellList,
    range: Range<usize>,
    bytes: &mut [u8],
) -> PageRef {
    assert!(!range.is_empty(), "a leaf is never empty (INV-BT-10)");
    let prefix_len = shared_bytes(cells.key(range.start), cells.key(range.end - 1));
    let suffix_len = 32 - prefix_len;
    let mut key_at = NODE_HEADER_BYTES + prefix_len;
    let mut slot_at = key_at + range.len() * suffix_len;
    let mut payload_at = slot_at + range.len() * 2;

    put(bytes, NODE_HEADER_BYTES, &cells.key(range.start)[..prefix_len]);
    for index in range.clone() {
        put(bytes, key_at, &cells.key(index)[prefix_len..]);
        key_at += suffix_len;
        let slot = u16_of(payload_at) | (cells.kind(index).code() << OFFSET_BITS);
        put(bytes, slot_at, &slot.to_le_bytes());
        slot_at += 2;
        payload_at += cells.payload_bytes(index..index + 1);
    }
    put(bytes, slot_at, cells.payloads(range.clone()));
    bytes[payload_at..PAGE_SIZE].fill(0);
    put(bytes, 16, &u16_of(range.len()).to_le_bytes());
    put(bytes, 18, &prefix_len.to_le_bytes()[..1]);
    put(bytes, 19, &[0]);
    put(bytes, 20, &u16_of(payload_at).to_le_bytes());
    put(bytes, 22, &[0, 0]);
    seal.close(PageKind::Leaf, page, bytes)
}

/// An offset or count within a page.
///
/// # Panics
/// When it is none.
pub(crate) fn u16_of(within_page: usize) -> u16 {
    assert!(within_page <= PAGE_SIZE, "it lies in a page");
    u16::try_from(within_page).unwrap_or_default()
}
