//! Counters of an open log: [`LogStats`].

use core::sync::atomic::{AtomicU64, Ordering};

/// What an open log is and has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LogStats {
    /// The oldest record.
    pub first_sequence: u64,
    /// One more than the newest record.
    pub next_sequence: u64,
    /// The newest record known to be durable.
    pub synced_through: u64,
    /// Live segments.
    pub segment_count: u64,
    /// Bytes of live segments and spares.
    pub file_bytes: u64,
    /// Whether a segment is prepared, so that the next roll needs no space. None is before a new log's first segment
    /// is half full.
    pub spare_is_ready: bool,
    /// Records appended.
    pub append_count: u64,
    /// Payload bytes appended.
    pub append_bytes: u64,
    /// Bytes written for them: headers, payloads, padding.
    pub written_bytes: u64,
    /// `fdatasync` calls on the way of a commit.
    pub commit_sync_count: u64,
    /// `fdatasync` calls beside commits: spares, recycling, cuts.
    pub preparation_sync_count: u64,
    /// Syncs of the directory.
    pub directory_sync_count: u64,
    /// Segments taken into use.
    pub roll_count: u64,
    /// Segments that left the log and were made spares.
    pub recycled_count: u64,
    /// Segments that left the log and were removed.
    pub removed_count: u64,
    /// Pins held.
    pub pin_count: u64,
    /// Whether a durable operation failed.
    pub is_poisoned: bool,
    /// Bytes that recovery cut off.
    pub torn_tail_bytes: u64,
    /// Records of which recovery cut off at least a part.
    pub torn_tail_records: u64,
}

/// Counts that many threads add to.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) appends: AtomicU64,
    pub(crate) append_bytes: AtomicU64,
    pub(crate) written_bytes: AtomicU64,
    pub(crate) commit_syncs: AtomicU64,
    pub(crate) preparation_syncs: AtomicU64,
    pub(crate) directory_syncs: AtomicU64,
    pub(crate) rolls: AtomicU64,
    pub(crate) recycled: AtomicU64,
    pub(crate) removed: AtomicU64,
}

/// Adds to a counter.
pub(crate) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

/// Reads a counter.
pub(crate) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
