//! How a log is created and opened: [`LogOptions`].

use crate::error::LogError;
use crate::faults::Faults;
use crate::format::BLOCK_BYTES;
use crate::format::segment::{SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};

/// The greatest limit on the payload of a record: 4 GiB.
pub const RECORD_BYTES_LIMIT: u64 = 1 << 32;

/// The place of a record in its log: what a caller keeps to find the same record again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The record's sequence number.
    pub sequence: u64,
    /// The record's chain value: a checksum over it and everything before it.
    pub chain: u64,
}

/// Who prepares the next segment (writes its zeros and syncs them).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SpareMode {
    /// A thread of the log, woken after a segment was taken, and for the first time when half of a new log's first
    /// segment is full.
    #[default]
    Background,
    /// The caller whose record was the first in a new segment, or reached the middle of a new log's first one,
    /// after its own commit. The order of
    /// storage operations then depends on nothing but the calls.
    Inline,
}

/// How to create or open a log. Start from [`LogOptions::new`].
///
/// ```
/// use bmt_seglog::LogOptions;
/// let options = LogOptions { expected_through: 17, ..LogOptions::new(0x5eed) };
/// assert_eq!(options.segment_bytes, 16 << 20);
/// ```
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// Random number of this log's life, which the caller keeps: checksums are seeded with it, so
    /// that neither payloads nor leftovers of another log pass for records.
    pub salt: u64,
    /// Size of the first segment of a new log. 4 MiB by default; 16 KiB to 1 GiB, a multiple of 4096.
    pub first_segment_bytes: u64,
    /// Size of every other segment. 16 MiB by default; 16 KiB to 1 GiB, a multiple of 4096.
    pub segment_bytes: u64,
    /// Limit on the payload of a record. 256 MiB by default, at most [`RECORD_BYTES_LIMIT`].
    pub record_bytes_max: u64,
    /// Who prepares the next segment.
    pub spare: SpareMode,
    /// Create only: sequence of the first record, at least 1 (the default).
    pub first_sequence: u64,
    /// Create only: remove the segment files that are there, of whatever log. Off by default.
    pub discard_existing: bool,
    /// Open only: the records before this one need not be read, since the caller knows them to be
    /// durable and valid. 0, the default, reads the whole log.
    pub scan_from: u64,
    /// Open only: the log must begin at or before this record. 0, the default, asks nothing.
    pub expected_from: u64,
    /// Open only: the log must reach this record. 0, the default, asks nothing.
    pub expected_through: u64,
    /// Open only: the log must have this very record, or end right before its successor.
    pub anchor: Option<Position>,
    /// Deliberate faults.
    #[cfg(any(test, feature = "faults"))]
    pub faults: Faults,
}

impl LogOptions {
    /// The defaults, with this salt.
    #[must_use]
    pub fn new(salt: u64) -> Self {
        Self {
            salt,
            first_segment_bytes: 4 << 20,
            segment_bytes: 16 << 20,
            record_bytes_max: 256 << 20,
            spare: SpareMode::default(),
            first_sequence: 1,
            discard_existing: false,
            scan_from: 0,
            expected_from: 0,
            expected_through: 0,
            anchor: None,
            #[cfg(any(test, feature = "faults"))]
            faults: Faults::default(),
        }
    }

    #[cfg(any(test, feature = "faults"))]
    pub(crate) fn faults(&self) -> Faults {
        self.faults
    }

    #[cfg(not(any(test, feature = "faults")))]
    pub(crate) fn faults(&self) -> Faults {
        Faults
    }

    /// The seed of this log's checksums.
    pub(crate) fn seed(&self) -> u64 {
        self.faults().seed(self.salt)
    }

    pub(crate) fn validate(&self) -> Result<(), LogError> {
        let sizes = [
            ("first_segment_bytes", self.first_segment_bytes),
            ("segment_bytes", self.segment_bytes),
        ];
        for (name, found) in sizes {
            let in_range = (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&found);
            if !in_range || !found.is_multiple_of(BLOCK_BYTES) {
                let rule = "a multiple of 4096 from 16 KiB to 1 GiB";
                return Err(LogError::InvalidOption { name, found, rule });
            }
        }
        if self.record_bytes_max > RECORD_BYTES_LIMIT {
            let (name, rule) = ("record_bytes_max", "at most 4 GiB");
            return Err(LogError::InvalidOption { name, found: self.record_bytes_max, rule });
        }
        if self.first_sequence == 0 || self.first_sequence > u64::MAX / 2 {
            let (name, rule) = ("first_sequence", "from 1 to 2^63 - 1");
            return Err(LogError::InvalidOption { name, found: self.first_sequence, rule });
        }
        if self.anchor.is_some_and(|anchor| self.scan_from > anchor.sequence.saturating_add(1)) {
            let (name, rule) = ("scan_from", "at most one more than the anchor's sequence");
            return Err(LogError::InvalidOption { name, found: self.scan_from, rule });
        }
        Ok(())
    }
}
