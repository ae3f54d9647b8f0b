//! How long operations took: [`Latencies`].

use bmt_io::Histogram;

/// Durations since the opening, by what was done; all empty with [`crate::Options::timings`] off, but for
/// `sync`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Latencies {
    /// Reads of one key, each 64th of a thread.
    pub read: Histogram,
    /// Reads of many keys, one duration for each call.
    pub batch_read: Histogram,
    /// Proofs, of one key or many.
    pub proof: Histogram,
    /// Computing what changes make of a state: the larger part of a commit, without waiting for storage
    /// but for pages that are read.
    pub prepare: Histogram,
    /// Commits and rollbacks from the call to its return, waiting and failures included.
    pub commit: Histogram,
    /// Records appended to the log, the sync of [`crate::Durability::Immediate`] included.
    pub append: Histogram,
    /// `fdatasync` calls of all files.
    pub sync: Histogram,
    /// Waiting of commits until a checkpoint had made room.
    pub stall: Histogram,
    /// Checkpoints, failed ones included.
    pub checkpoint: Histogram,
}
