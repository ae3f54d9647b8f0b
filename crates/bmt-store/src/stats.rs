//! Figures of an open database.

use crate::engine::{Engine, used_bytes};
use crate::error::CommitError;
use bmt_beatree::TreeStats;
use bmt_bitbox::TableStats;
use bmt_core::Scheme;
use bmt_io::{BackendReport, IoStats};
use bmt_seglog::LogStats;
use std::sync::atomic::Ordering;

/// Figures of a database handle; see [`crate::Db::stats`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stats {
    /// Sequence of the newest commit.
    pub sequence: u64,
    /// Keys in the newest committed state.
    pub key_count: u64,
    /// Keys with a pending change.
    pub pending_changes: usize,
    /// Commits that can be undone.
    pub undoable_commits: usize,
    /// Bytes of the log that are kept for undoing them.
    pub undo_bytes: u64,
    /// The newest commit that a checkpoint has written to pages completely.
    pub checkpoint_sequence: u64,
    /// Checkpoints that were completed since the opening.
    pub checkpoint_count: u64,
    /// Slices of checkpoints, each with a manifest.
    pub slice_count: u64,
    /// Why the last checkpoint failed, if it did. It is tried again when the next one is due.
    pub checkpoint_error: Option<String>,
    /// Checkpoints that failed since the opening.
    pub failed_checkpoint_count: u64,
    /// The operation that failed so that this handle can't write any more, if one did.
    pub poison: Option<String>,
    /// Commits that had to wait for a checkpoint, since the buffer was full.
    pub stall_count: u64,
    /// Memory of changes that are not in pages.
    pub buffer_bytes: u64,
    /// Its limit.
    pub buffer_bytes_max: u64,
    /// Sorted runs that these changes are in.
    pub buffer_run_count: usize,
    /// Memory of pages of the trie.
    pub page_cache_bytes: u64,
    /// Its limit, which pages that are not stored may exceed.
    pub page_cache_bytes_max: u64,
    /// Versions that are held, the newest included.
    pub held_version_count: usize,
    /// Versions that expired, since they held more bytes than they may.
    pub expired_version_count: u64,
    /// The commit log.
    pub log: LogStats,
    /// The ordered store.
    pub tree: TreeStats,
    /// The table of the trie's pages.
    pub table: TableStats,
    /// Operations on files.
    pub io: IoStats,
    /// Which I/O backend is in use, and why.
    pub backend: BackendReport,
    /// What opening found.
    pub recovery: Recovery,
}

impl Stats {
    pub(crate) fn of<S: Scheme>(
        engine: &Engine<S>,
        pending_changes: usize,
        recovery: &Recovery,
    ) -> Self {
        let (undoable_commits, undo_bytes) = {
            let writer = engine.writer.lock();
            (writer.window.len(), writer.window.bytes())
        };
        let checkpoint_error = engine.signals.lock().last_checkpoint_error.clone();
        let poison = engine.check_poison().err().map(|error| match error {
            CommitError::Poisoned { reason } => reason,
            other => other.to_string(),
        });
        let version = engine.current();
        let buffer = version.view.tree.buffer();
        let counters = &engine.counters;
        Self {
            sequence: version.sequence(),
            key_count: version.view.key_count,
            pending_changes,
            undoable_commits,
            undo_bytes,
            checkpoint_sequence: counters.checkpoint_sequence.load(Ordering::Relaxed),
            checkpoint_count: counters.checkpoints.load(Ordering::Relaxed),
            slice_count: counters.slices.load(Ordering::Relaxed),
            checkpoint_error,
            failed_checkpoint_count: counters.failed_checkpoints.load(Ordering::Relaxed),
            poison,
            stall_count: counters.stalls.load(Ordering::Relaxed),
            buffer_bytes: used_bytes(buffer) as u64,
            buffer_bytes_max: engine.options.buffer_bytes() as u64,
            buffer_run_count: buffer.run_count(),
            page_cache_bytes: engine.merkle.resident_bytes() as u64,
            page_cache_bytes_max: engine.options.page_cache_bytes() as u64,
            held_version_count: engine.pins.count(),
            expired_version_count: counters.expired.load(Ordering::Relaxed),
            log: engine.log.stats(),
            tree: engine.tree.stats(),
            table: engine.table.stats(),
            io: engine.directory.stats(),
            backend: engine.directory.backend(),
            recovery: recovery.clone(),
        }
    }
}

/// What opening a database found; see [`Stats::recovery`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovery {
    /// Whether the database was made by this open.
    pub created: bool,
    /// Commits and rollbacks applied from the log.
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
    /// Commits that can't be undone any more, as the log lost the records of what they replaced: damage
    /// in its oldest part, which holds nothing else that is needed.
    pub lost_undo_commits: u64,
}
