//! What an item takes in a page image, and how full pages should be.

use super::PAGE_BYTES_MAX;
use crate::bits::{Prefix, shared_bits, stored_bits};
use crate::varint::varint_bytes;
use bmt_core::{Key, NodeKind};

/// The image's fields before the page's prefix.
pub(crate) const HEADER_BYTES: usize = 56;
/// The longest prefix of a page.
const PREFIX_BYTES_MAX: usize = 32;
/// A child's birth and checksum.
pub(crate) const CHILD_BYTES: usize = 24;
const HASH_BYTES: usize = 32;

/// Room for the items of a page: what every page has, whatever its prefix.
pub(crate) const ITEMS_BYTES_MAX: usize = PAGE_BYTES_MAX - HEADER_BYTES - PREFIX_BYTES_MAX;
/// A page whose items take less goes back to its parent: a little over a quarter.
pub(crate) const ITEMS_BYTES_MIN: usize = ITEMS_BYTES_MAX * 28 / 100;
/// Two sides of a branch that together take at most this don't deserve a page between them.
pub(crate) const JOIN_BYTES_MAX: usize = ITEMS_BYTES_MAX * 93 / 100;
/// What a page built from scratch takes at most.
pub(crate) const BUILD_BYTES_MAX: usize = ITEMS_BYTES_MAX * 98 / 100;
/// When one side of a branch becomes a page, the other one does too if it takes this much.
pub(crate) const SECOND_BYTES_MIN: usize = ITEMS_BYTES_MAX * 40 / 100;

/// No page has more items: an item takes at least 35 bytes.
pub(crate) const ITEM_COUNT_MAX: usize = 128;
const _: () = assert!(ITEMS_BYTES_MAX / 35 < ITEM_COUNT_MAX);

/// What an item of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// A frontier entry.
    Entry { kind: NodeKind, weight: u32 },
    /// The child page with this place among the page's children.
    Page { child: u32 },
}

const LEAF: u32 = 0;
const BRANCH: u32 = 1;
const PAGE: u32 = 2;

/// The number that stands for an entry in an image.
pub(crate) fn entry_tag(kind: NodeKind, weight: u32) -> u32 {
    weight << 2 | if kind == NodeKind::Leaf { LEAF } else { BRANCH }
}

/// The number that stands for a child whose items take so many bytes.
pub(crate) fn page_tag(items_bytes: u16) -> u32 {
    u32::from(items_bytes) << 2 | PAGE
}

/// What such a number stands for.
pub(crate) enum Tag {
    Entry { kind: NodeKind, weight: u32 },
    Page { items_bytes: u16 },
}

pub(crate) fn read_tag(tag: u32) -> Option<Tag> {
    let number = tag >> 2;
    let is_weight = number <= crate::shape::ENTRY_WEIGHT_MAX;
    match tag & 3 {
        LEAF if is_weight => Some(Tag::Entry { kind: NodeKind::Leaf, weight: number }),
        BRANCH if is_weight => Some(Tag::Entry { kind: NodeKind::Branch, weight: number }),
        PAGE => u16::try_from(number).ok().map(|items_bytes| Tag::Page { items_bytes }),
        _ => None,
    }
}

/// Bytes that an entry takes besides its prefix.
pub(crate) fn entry_fixed_bytes(kind: NodeKind, weight: u32) -> usize {
    varint_bytes(entry_tag(kind, weight)) + HASH_BYTES
}

/// Bytes that a child takes besides its prefix.
pub(crate) fn page_fixed_bytes(items_bytes: u16) -> usize {
    varint_bytes(page_tag(items_bytes)) + HASH_BYTES + CHILD_BYTES
}

/// Bytes of an item's prefix in a page at depth `page_bits`, after the item before.
pub(crate) fn prefix_bytes<K: Key>(
    page_bits: usize,
    before: Option<&Prefix<K>>,
    prefix: &Prefix<K>,
) -> usize {
    let shared =
        before.map_or(page_bits, |before| shared_bits(before.first_key(), prefix.first_key()));
    let count = prefix.bits().saturating_sub(shared);
    let varint = |bits: usize| varint_bytes(u32::from(stored_bits(bits)));
    varint(shared.saturating_sub(page_bits)) + varint(count) + count.div_ceil(8)
}
