//! How a record is laid out over segments: a pure function.

use crate::format::part::PART_HEADER_BYTES;
use crate::format::{BLOCK_BYTES, round_up_to_block};

/// The payload bytes of each part of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    /// The part in the active segment, if one goes there.
    pub(crate) in_active: Option<u64>,
    /// The parts at the start of new segments, one each.
    pub(crate) in_new: Vec<u64>,
}

/// Lays out a record of `record_bytes` where the active segment has `free_bytes` left and new ones
/// are `segment_bytes` long.
///
/// A record that does not fit is split only if it is over a quarter of a segment: one part means
/// one `fdatasync`, and the space left behind is small.
pub(crate) fn lay_out(free_bytes: u64, record_bytes: u64, segment_bytes: u64) -> Layout {
    assert!(free_bytes.is_multiple_of(BLOCK_BYTES), "INV-LG-01: parts start on blocks");
    let room_bytes = segment_bytes - BLOCK_BYTES;
    let stored_bytes = round_up_to_block(PART_HEADER_BYTES + record_bytes);
    if stored_bytes <= free_bytes {
        return Layout { in_active: Some(record_bytes), in_new: Vec::new() };
    }
    // What fits one block has no second part, and an empty record would have none at all.
    if stored_bytes <= (room_bytes / 4).max(BLOCK_BYTES) {
        return Layout { in_active: None, in_new: vec![record_bytes] };
    }
    let in_active = free_bytes.checked_sub(PART_HEADER_BYTES);
    let mut rest_bytes = record_bytes - in_active.unwrap_or(0);
    let mut in_new = Vec::new();
    while rest_bytes > 0 {
        let part_bytes = rest_bytes.min(room_bytes - PART_HEADER_BYTES);
        in_new.push(part_bytes);
        rest_bytes -= part_bytes;
    }
    Layout { in_active, in_new }
}

#[cfg(test)]
mod tests;
