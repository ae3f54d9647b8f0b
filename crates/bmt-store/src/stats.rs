//! Figures of an open database.

use bmt_io::{BackendReport, IoStats};
use bmt_seglog::LogStats;

/// Figures of a database handle; see [`crate::Db::stats`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stats {
    /// Sequence of the newest commit.
    pub sequence: u64,
    /// Keys in the newest committed state.
    pub key_count: usize,
    /// Keys with a pending change.
    pub pending_changes: usize,
    /// Commits that can be undone.
    pub undoable_commits: usize,
    /// Bytes of memory held for undoing them.
    pub undo_bytes: u64,
    /// The commit log.
    pub log: LogStats,
    /// Operations on files.
    pub io: IoStats,
    /// Which I/O backend is in use, and why.
    pub backend: BackendReport,
    /// What opening found.
    pub recovery: Recovery,
}

/// What opening a database found; see [`Stats::recovery`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// Whether the database was made by this open.
    pub created: bool,
    /// Commits and rollbacks replayed from the log.
    pub replayed_steps: u64,
    /// Changes in them.
    pub replayed_changes: u64,
    /// Bytes of an unfinished append that were cut off the log's end.
    pub torn_tail_bytes: u64,
    /// Records of which those bytes were a part. None of them was acknowledged.
    pub torn_tail_records: u64,
    /// What was wrong with one of the manifest's two slots, if anything was; the other one was valid
    /// and has been copied over it.
    pub damaged_manifest_slot: Option<String>,
}
