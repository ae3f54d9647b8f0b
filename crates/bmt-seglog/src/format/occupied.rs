//! How much of the log a record takes: [`occupied_bytes`].

use super::part::PART_HEADER_BYTES;
use super::round_up_to_block;

/// Bytes that a record with a payload of so many bytes takes in the log: header, payload, and what is left of its
/// last block. So the least is 4 KiB.
///
/// A record that goes on in further segments takes up to a block more in each of them, and the end of a
/// segment that a record does not fit in stays empty; neither is counted.
///
/// ```
/// use bmt_seglog::occupied_bytes;
/// assert_eq!(occupied_bytes(300), 4096);
/// assert_eq!(occupied_bytes(100_000), 102_400);
/// ```
#[must_use]
pub const fn occupied_bytes(payload_bytes: u64) -> u64 {
    round_up_to_block(PART_HEADER_BYTES.saturating_add(payload_bytes))
}
