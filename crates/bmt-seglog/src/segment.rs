//! A live segment: an open file, its header, and a sparse index of the records in it.

use crate::format::BLOCK_BYTES;
use crate::format::segment::SegmentHeader;
use bmt_io::File;
use parking_lot::Mutex;
use std::sync::Arc;

/// Every segment file's name starts so; a number of 16 hexadecimal digits follows.
pub(crate) const NAME_PREFIX: &str = "seglog-";

/// Distance of the records that the sparse index remembers.
const INDEX_STRIDE_BYTES: u64 = 64 << 10;

/// The name of segment file `id`.
pub(crate) fn file_name(id: u64) -> String {
    format!("{NAME_PREFIX}{id:016x}")
}

/// The number in a segment file's name, or `None` for a file that is not ours.
pub(crate) fn file_id(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(NAME_PREFIX)?;
    let plain = digits.len() == 16 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    if plain { u64::from_str_radix(digits, 16).ok() } else { None }
}

/// Where a record starts, and the chain value before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordStart {
    pub(crate) sequence: u64,
    pub(crate) offset_bytes: u64,
    pub(crate) predecessor: u64,
}

/// A live segment.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) file: Arc<dyn File>,
    pub(crate) header: SegmentHeader,
    /// Some of the records that start here, in order; always the first of those that were seen.
    index: Mutex<Vec<RecordStart>>,
}

impl Segment {
    pub(crate) fn new(file: Arc<dyn File>, header: SegmentHeader) -> Self {
        Self { file, header, index: Mutex::new(Vec::new()) }
    }

    /// The oldest record of which this segment and those after it have every part.
    pub(crate) fn first_whole_sequence(&self) -> u64 {
        self.header.first_sequence + u64::from(self.header.first_part > 0)
    }

    /// The file's length in bytes, as its header has it.
    pub(crate) fn len_bytes(&self) -> u64 {
        self.header.segment_bytes
    }

    /// Remembers where a record starts, if the last one remembered is far enough away.
    pub(crate) fn note(&self, start: RecordStart) {
        let mut index = self.index.lock();
        let is_due = index.last().is_none_or(|last| {
            last.sequence < start.sequence
                && start.offset_bytes - last.offset_bytes >= INDEX_STRIDE_BYTES
        });
        if is_due {
            index.push(start);
        }
    }

    /// Forgets the records after `keep_through`.
    pub(crate) fn forget_after(&self, keep_through: u64) {
        self.index.lock().retain(|start| start.sequence <= keep_through);
    }

    /// The best known place to start looking for record `sequence`, which is not before the
    /// segment's first part.
    pub(crate) fn nearest(&self, sequence: u64) -> Option<RecordStart> {
        let index = self.index.lock();
        let after = index.partition_point(|start| start.sequence <= sequence);
        index[..after].last().copied()
    }
}

/// The place in `segments` (never empty) of the last one that begins at or before record
/// `sequence`; the first one if none does.
pub(crate) fn position_of<'a>(
    segments: impl DoubleEndedIterator<Item = &'a Arc<Segment>> + ExactSizeIterator,
    sequence: u64,
) -> usize {
    segments
        .enumerate()
        .rev()
        .find(|(_, segment)| {
            let header = &segment.header;
            (header.first_sequence, header.first_part) <= (sequence, 0)
        })
        .map_or(0, |(at, _)| at)
}

/// The block number of an offset in a segment.
pub(crate) fn block_of(offset_bytes: u64) -> u32 {
    let Ok(block) = u32::try_from(offset_bytes / BLOCK_BYTES) else {
        unreachable!("a segment has at most 2^18 blocks, found offset {offset_bytes}")
    };
    block
}
