//! The weight of a value: an upper bound of what its cell takes in a leaf, whatever the leaf.

use crate::page::NODE_ROOM_BYTES;

/// The version of [`cell_weight`]: stored by whoever derives something lasting from weights.
pub const WEIGHT_VERSION: u32 = 1;

/// The longest value that a cell holds without its hash.
pub const PLAIN_VALUE_BYTES_MAX: usize = 128;

/// The longest value that a cell holds; longer ones lie in overflow pages.
pub const INLINE_VALUE_BYTES_MAX: usize = 1280;

/// The longest value: 512 MiB.
pub const VALUE_BYTES_MAX: usize = 512 << 20;

/// Room for cells in a leaf: a set of entries of at most this weight fits into one.
///
/// A subtrie whose weight is at most a third of it is not cut by a split.
pub const LEAF_WEIGHT_MAX: u32 = 4072;

/// The largest subtrie that no boundary should cut (INV-BT-07): larger than any cell, and small enough that leaves
/// which end where none is cut are well filled.
pub(crate) const WHOLE_SUBTRIE_BYTES: usize = NODE_ROOM_BYTES / 3;

/// Bytes of the slot and the key, without a shared prefix.
pub(crate) const CELL_FIXED_BYTES: usize = 34;
/// Bytes of a value's hash.
pub(crate) const HASH_BYTES: usize = 32;
/// Bytes of a reference to overflow pages.
pub(crate) const OVERFLOW_PAYLOAD_BYTES: usize = 48;

const _: () = assert!(LEAF_WEIGHT_MAX as usize == NODE_ROOM_BYTES);
const _: () =
    assert!(CELL_FIXED_BYTES + HASH_BYTES + INLINE_VALUE_BYTES_MAX <= WHOLE_SUBTRIE_BYTES);
// Any three cells fit a leaf, so that every split has a gap in its window.
const _: () =
    assert!(3 * (CELL_FIXED_BYTES + HASH_BYTES + INLINE_VALUE_BYTES_MAX) <= NODE_ROOM_BYTES);

/// The weight of an entry with a value of this length, in bytes; version [`WEIGHT_VERSION`].
///
/// ```
/// use bmt_beatree::cell_weight;
///
/// assert_eq!(cell_weight(32), 66);
/// assert_eq!(cell_weight(1_000), 1_066);
/// assert_eq!(cell_weight(1_000_000), 82);
/// ```
#[must_use]
pub const fn cell_weight(value_len: usize) -> u32 {
    let bytes = CELL_FIXED_BYTES + payload_bytes(value_len);
    // At most 1346, by the branches of `payload_bytes`.
    #[expect(clippy::cast_possible_truncation, reason = "a cell is smaller than a page")]
    let weight = bytes as u32;
    weight
}

/// Bytes of the payload of a cell with a value of this length.
pub(crate) const fn payload_bytes(value_len: usize) -> usize {
    if value_len <= PLAIN_VALUE_BYTES_MAX {
        value_len
    } else if value_len <= INLINE_VALUE_BYTES_MAX {
        HASH_BYTES + value_len
    } else {
        OVERFLOW_PAYLOAD_BYTES
    }
}
