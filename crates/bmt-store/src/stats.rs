//! Figures of an open database.

mod figure;
mod figure_table;
mod latencies;
mod prometheus;
#[cfg(feature = "metrics")]
mod publisher;

pub use figure::{Figure, FigureKind, FigureValue};
pub use latencies::Latencies;
#[cfg(feature = "metrics")]
pub use publisher::Publisher;

use crate::engine::{Engine, used_bytes};
use crate::error::CommitError;
use bmt_beatree::TreeStats;
use bmt_bitbox::TableStats;
use bmt_core::Scheme;
use bmt_io::{BackendReport, IoStats, PAGE_SIZE};
use bmt_merkle::MerkleStats;
use bmt_seglog::LogStats;
use std::sync::atomic::Ordering;
use std::time::Duration;

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
    /// Keys that were read one by one.
    pub reads: u64,
    /// Keys that were read many at a time.
    pub batch_read_keys: u64,
    /// Proofs that were made, of one key or many.
    pub proofs: u64,
    /// Steps that were computed: for commits, rollbacks, roots and overlays.
    pub prepared_steps: u64,
    /// Commits since the opening.
    pub commits: u64,
    /// Rollbacks since the opening.
    pub rollbacks: u64,
    /// How long operations took.
    pub latency: Latencies,
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
    /// Whether a checkpoint goes on, or has failed and is to be tried again.
    pub checkpoint_is_under_way: bool,
    /// Memory of changes that it has yet to write, a slice at a time; 0 between checkpoints.
    pub frozen_bytes: u64,
    /// Bytes of the log since the last checkpoint began: the next one begins at
    /// [`crate::Options::checkpoint_log_bytes`] at the latest.
    pub logged_bytes: u64,
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
    /// The limit of memory of leaves: what pages of the trie leave, unless it was set.
    pub leaf_cache_bytes_max: u64,
    /// Memory of pages of the trie.
    pub page_cache_bytes: u64,
    /// Its limit, which pages that are not stored may exceed.
    pub page_cache_bytes_max: u64,
    /// Memory of prepared sessions and overlays that are not committed.
    pub uncommitted_bytes: u64,
    /// Its limit.
    pub uncommitted_bytes_max: u64,
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
    /// The trie's pages in memory.
    pub merkle: MerkleStats,
    /// Operations on files.
    pub io: IoStats,
    /// Which I/O backend is in use, and why.
    pub backend: BackendReport,
    /// What opening found.
    pub recovery: Recovery,
    /// Every option by its name, with the value that is in force; see [`crate::Options::effective`].
    pub settings: Vec<(&'static str, String)>,
}

impl Stats {
    pub(crate) fn of<S: Scheme>(
        engine: &Engine<S>,
        pending_changes: usize,
        recovery: &Recovery,
    ) -> Self {
        let (undoable_commits, undo_bytes, checkpoint_is_under_way) = {
            let writer = engine.writer.lock();
            (writer.window.len(), writer.window.bytes(), writer.is_checkpointing)
        };
        let checkpoint_error = engine.signals.lock().last_checkpoint_error.clone();
        let poison = engine.check_poison().err().map(|error| match error {
            CommitError::Poisoned { reason } => reason,
            other => other.to_string(),
        });
        let version = engine.current();
        let buffer = version.view.tree.buffer();
        let trie_bytes = engine.merkle.resident_bytes();
        let (counters, timings) = (&engine.counters, &engine.timings);
        let latency = Latencies { sync: engine.directory.sync_latency(), ..timings.latencies() };
        Self {
            sequence: version.sequence(),
            key_count: version.view.key_count,
            pending_changes,
            reads: timings.reads.total(),
            batch_read_keys: timings.batch_reads.total(),
            proofs: timings.proofs.total(),
            prepared_steps: timings.prepared_steps.total(),
            commits: timings.commits.total(),
            rollbacks: timings.rollbacks.total(),
            latency,
            undoable_commits,
            undo_bytes,
            checkpoint_is_under_way,
            frozen_bytes: buffer.frozen_bytes() as u64,
            logged_bytes: counters.logged_bytes.load(Ordering::Relaxed),
            checkpoint_sequence: counters.checkpoint_sequence.load(Ordering::Relaxed),
            checkpoint_count: counters.checkpoints.load(Ordering::Relaxed),
            slice_count: counters.slices.load(Ordering::Relaxed),
            checkpoint_error,
            failed_checkpoint_count: counters.failed_checkpoints.load(Ordering::Relaxed),
            poison,
            stall_count: counters.stalls.load(Ordering::Relaxed),
            buffer_bytes: used_bytes(buffer) as u64,
            buffer_bytes_max: engine.options.buffer_bytes_beside(0) as u64,
            buffer_run_count: buffer.run_count(),
            leaf_cache_bytes_max: engine.leaf_limit(&version.view) as u64,
            page_cache_bytes: trie_bytes as u64,
            page_cache_bytes_max: engine.options.page_cache_bytes() as u64,
            uncommitted_bytes: engine.uncommitted.used_bytes(),
            uncommitted_bytes_max: engine.uncommitted.bytes_max(),
            held_version_count: engine.pins.count(),
            expired_version_count: counters.expired.load(Ordering::Relaxed),
            log: engine.log.stats(),
            tree: engine.tree.stats(),
            table: engine.table.stats(),
            merkle: engine.merkle.stats(),
            io: engine.directory.stats(),
            backend: engine.directory.backend(),
            recovery: recovery.clone(),
            settings: engine.options.effective(),
        }
    }

    /// Pages that were read: leaves, heads of long values, and pages of the trie.
    #[must_use]
    pub fn pages_read(&self) -> u64 {
        self.tree.leaf_reads + self.tree.overflow_reads + self.table.page_read_count
    }

    /// Pages that were written: leaves, branches, and pages of the trie, copied ones included.
    #[must_use]
    pub fn pages_written(&self) -> u64 {
        let tree = self.tree.leaf_writes + self.tree.branch_writes;
        tree + self.table.image_write_count + self.table.copy_count
    }

    /// Bytes of pages that only versions that are held keep from being written over, in both files.
    #[must_use]
    pub fn pinned_bytes(&self) -> u64 {
        self.tree.held_pages * PAGE_SIZE as u64 + self.table.pinned_bytes
    }

    /// The part of the table's buckets that pages lie in, from 0 to 1.
    #[must_use]
    pub fn table_occupancy(&self) -> f64 {
        figure::ratio(self.table.live_count, self.table.bucket_count)
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
    /// How long applying them took, checkpoints included that a full buffer made necessary.
    pub replay_time: Duration,
    /// Levels of the trie that opening read into memory completely; see [`crate::Options::preload_bytes`].
    pub preloaded_levels: usize,
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
