//! What opening a log found: [`RecoveryReport`].

use crate::options::Position;

/// What [`crate::Log::open`] found and did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecoveryReport {
    /// Records that were read and checked; all of the log unless
    /// [`crate::LogOptions::scan_from`] said otherwise.
    pub records: u64,
    /// The oldest record of the log.
    pub first_sequence: u64,
    /// The newest record; one less than `first_sequence` if the log is empty.
    pub last: Position,
    /// What was cut off, none of which was ever said to be durable.
    pub torn_tail: Option<TornTail>,
    /// A cut that a crash had interrupted and that is finished now: the newest record it kept.
    pub finished_cut: Option<u64>,
    /// Segments below `scan_from` that cannot be reached, since one above them is lost. They are no
    /// part of the log, and are removed when it is pruned next.
    pub stranded_segments: u64,
}

/// Records that were appended and not synced before a crash, or only in part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TornTail {
    /// Bytes, in whole blocks, that were not zero.
    pub bytes: u64,
    /// Records of which a part was found.
    pub records: u64,
}
