//! The table of all figures.

use super::Stats;
use super::figure::{Figure, FigureKind, FigureValue};
use bmt_io::{Histogram, Operation, PAGE_SIZE};

const fn counter(
    name: &'static str,
    unit: &'static str,
    about: &'static str,
    read: fn(&Stats) -> FigureValue<'_>,
) -> Figure {
    Figure { name, kind: FigureKind::Counter, unit, about, read }
}

const fn gauge(
    name: &'static str,
    unit: &'static str,
    about: &'static str,
    read: fn(&Stats) -> FigureValue<'_>,
) -> Figure {
    Figure { name, kind: FigureKind::Gauge, unit, about, read }
}

const fn durations(
    name: &'static str,
    about: &'static str,
    read: fn(&Stats) -> FigureValue<'_>,
) -> Figure {
    Figure { name, kind: FigureKind::Histogram, unit: "seconds", about, read }
}

fn number(number: u64) -> FigureValue<'static> {
    FigureValue::Number(number)
}

fn noted(histogram: &Histogram) -> FigureValue<'_> {
    FigureValue::Durations(histogram)
}

pub(super) const ALL: &[Figure] = &[
    counter("bmt_reads_total", "keys", "keys that were read one by one", |s| number(s.reads)),
    counter("bmt_batch_read_keys_total", "keys", "keys that were read many at a time", |s| {
        number(s.batch_read_keys)
    }),
    counter("bmt_proofs_total", "proofs", "proofs made, of one key or many", |s| number(s.proofs)),
    counter(
        "bmt_prepared_steps_total",
        "steps",
        "steps computed, for commits, rollbacks, roots and overlays",
        |s| number(s.prepared_steps),
    ),
    counter("bmt_commits_total", "commits", "commits made", |s| number(s.commits)),
    counter("bmt_rollbacks_total", "rollbacks", "rollbacks made", |s| number(s.rollbacks)),
    counter(
        "bmt_stalls_total",
        "commits",
        "commits that waited for a checkpoint, since the buffer was full",
        |s| number(s.stall_count),
    ),
    counter("bmt_checkpoints_total", "checkpoints", "checkpoints completed", |s| {
        number(s.checkpoint_count)
    }),
    counter("bmt_checkpoint_failures_total", "checkpoints", "checkpoints that failed", |s| {
        number(s.failed_checkpoint_count)
    }),
    counter(
        "bmt_checkpoint_slices_total",
        "slices",
        "slices of checkpoints stored, each with a manifest",
        |s| number(s.slice_count),
    ),
    counter(
        "bmt_expired_versions_total",
        "versions",
        "versions taken from readers that held too much",
        |s| number(s.expired_version_count),
    ),
    counter(
        "bmt_leaf_cache_hits_total",
        "pages",
        "leaves that were wanted and in the cache",
        |s| number(s.tree.leaf_hits),
    ),
    counter("bmt_leaf_cache_misses_total", "pages", "leaves that were wanted and read", |s| {
        number(s.tree.leaf_reads)
    }),
    counter("bmt_trie_page_loads_total", "pages", "pages of the trie read into memory", |s| {
        number(s.merkle.page_load_count)
    }),
    counter(
        "bmt_trie_page_evictions_total",
        "pages",
        "pages of the trie dropped from memory",
        |s| number(s.merkle.page_eviction_count),
    ),
    counter("bmt_pages_read_total", "pages", "pages read, of entries and of the trie", |s| {
        number(s.pages_read())
    }),
    counter("bmt_pages_written_total", "pages", "pages written, of entries and of the trie", |s| {
        number(s.pages_written())
    }),
    counter("bmt_table_lookups_total", "pages", "pages of the trie searched in the table", |s| {
        number(s.table.lookup_count)
    }),
    counter("bmt_table_probes_total", "buckets", "buckets looked at for them", |s| {
        number(s.table.probe_count)
    }),
    counter("bmt_log_appends_total", "records", "records appended to the log", |s| {
        number(s.log.append_count)
    }),
    counter("bmt_log_written_bytes_total", "bytes", "bytes written for them", |s| {
        number(s.log.written_bytes)
    }),
    counter("bmt_io_reads_total", "operations", "reads of files", |s| {
        number(s.io.count(Operation::Read))
    }),
    counter("bmt_io_read_bytes_total", "bytes", "bytes read from files", |s| {
        number(s.io.bytes(Operation::Read))
    }),
    counter("bmt_io_writes_total", "operations", "writes of files", |s| {
        number(s.io.count(Operation::Write))
    }),
    counter("bmt_io_written_bytes_total", "bytes", "bytes written to files, zeros included", |s| {
        number(s.io.written_bytes())
    }),
    counter("bmt_io_syncs_total", "operations", "`fdatasync` calls of all files", |s| {
        number(s.io.count(Operation::SyncData))
    }),
    counter("bmt_io_directory_syncs_total", "operations", "syncs of the directory", |s| {
        number(s.io.count(Operation::SyncDirectory))
    }),
    gauge("bmt_sequence", "commits", "sequence of the newest commit", |s| number(s.sequence)),
    gauge("bmt_keys", "keys", "keys of the newest state", |s| number(s.key_count)),
    gauge("bmt_pending_changes", "keys", "keys with a change that is pending in the handle", |s| {
        number(s.pending_changes as u64)
    }),
    gauge("bmt_undoable_commits", "commits", "commits that can be undone", |s| {
        number(s.undoable_commits as u64)
    }),
    gauge("bmt_undo_bytes", "bytes", "bytes of the log kept for undoing them", |s| {
        number(s.undo_bytes)
    }),
    gauge("bmt_checkpoint_sequence", "commits", "newest commit that is in pages completely", |s| {
        number(s.checkpoint_sequence)
    }),
    gauge(
        "bmt_checkpoint_running",
        "0 or 1",
        "a checkpoint goes on, or has failed and is to be tried again",
        |s| number(u64::from(s.checkpoint_is_under_way)),
    ),
    gauge(
        "bmt_checkpoint_remaining_bytes",
        "bytes",
        "changes that the checkpoint under way has yet to write",
        |s| number(s.frozen_bytes),
    ),
    gauge(
        "bmt_checkpoint_log_bytes",
        "bytes",
        "log written since the last checkpoint began",
        |s| number(s.logged_bytes),
    ),
    gauge("bmt_buffer_bytes", "bytes", "memory of changes that are not in pages", |s| {
        number(s.buffer_bytes)
    }),
    gauge("bmt_buffer_limit_bytes", "bytes", "its limit; commits wait beyond it", |s| {
        number(s.buffer_bytes_max)
    }),
    gauge("bmt_buffer_runs", "runs", "sorted runs that these changes are in", |s| {
        number(s.buffer_run_count as u64)
    }),
    gauge("bmt_leaf_cache_bytes", "bytes", "memory of leaves", |s| number(s.tree.cache_bytes)),
    gauge(
        "bmt_leaf_cache_limit_bytes",
        "bytes",
        "its limit: what pages of the trie leave, unless it was set",
        |s| number(s.leaf_cache_bytes_max),
    ),
    gauge("bmt_trie_cache_bytes", "bytes", "memory of pages of the trie", |s| {
        number(s.page_cache_bytes)
    }),
    gauge(
        "bmt_trie_cache_limit_bytes",
        "bytes",
        "its limit, which pages that are not stored may exceed",
        |s| number(s.page_cache_bytes_max),
    ),
    gauge(
        "bmt_trie_unwritten_bytes",
        "bytes",
        "memory of pages of the trie that are not stored",
        |s| number(s.merkle.unwritten_bytes as u64),
    ),
    gauge(
        "bmt_uncommitted_bytes",
        "bytes",
        "memory of prepared sessions and overlays that are not committed",
        |s| number(s.uncommitted_bytes),
    ),
    gauge("bmt_uncommitted_limit_bytes", "bytes", "its limit; preparing fails beyond it", |s| {
        number(s.uncommitted_bytes_max)
    }),
    gauge("bmt_held_versions", "versions", "versions that are held, the newest included", |s| {
        number(s.held_version_count as u64)
    }),
    gauge("bmt_pinned_bytes", "bytes", "pages kept from being written over for them", |s| {
        number(s.pinned_bytes())
    }),
    gauge(
        "bmt_table_occupancy_ratio",
        "ratio",
        "part of the table's buckets that pages lie in",
        |s| FigureValue::Ratio(s.table_occupancy()),
    ),
    gauge("bmt_table_pages", "pages", "pages of the trie in the table", |s| {
        number(s.table.page_count)
    }),
    gauge("bmt_table_buckets", "buckets", "buckets of the table", |s| number(s.table.bucket_count)),
    gauge(
        "bmt_table_memory_bytes",
        "bytes",
        "memory of the table's map, and of what batches and pins hold",
        |s| number(s.table.memory_bytes),
    ),
    gauge(
        "bmt_table_file_bytes",
        "bytes",
        "lengths of the table's files; what was never written takes no space",
        |s| number(s.table.file_bytes),
    ),
    gauge("bmt_store_file_bytes", "bytes", "length of the file of entries", |s| {
        number(u64::from(s.tree.page_count) * PAGE_SIZE as u64)
    }),
    gauge("bmt_store_free_pages", "pages", "pages of it that can be written", |s| {
        number(u64::from(s.tree.free_pages))
    }),
    gauge("bmt_log_file_bytes", "bytes", "segments of the log and the spare", |s| {
        number(s.log.file_bytes)
    }),
    gauge("bmt_poisoned", "0 or 1", "a durable operation failed; the handle writes no more", |s| {
        number(u64::from(s.poison.is_some()))
    }),
    durations("bmt_read_seconds", "reads of one key, each 64th", |s| noted(&s.latency.read)),
    durations("bmt_batch_read_seconds", "reads of many keys", |s| noted(&s.latency.batch_read)),
    durations("bmt_proof_seconds", "proofs", |s| noted(&s.latency.proof)),
    durations("bmt_prepare_seconds", "computing a step", |s| noted(&s.latency.prepare)),
    durations("bmt_commit_seconds", "commits and rollbacks, waiting included", |s| {
        noted(&s.latency.commit)
    }),
    durations("bmt_append_seconds", "appending a record to the log and syncing it", |s| {
        noted(&s.latency.append)
    }),
    durations("bmt_sync_seconds", "`fdatasync` calls of all files", |s| noted(&s.latency.sync)),
    durations("bmt_stall_seconds", "waiting of commits for room in the buffer", |s| {
        noted(&s.latency.stall)
    }),
    durations("bmt_checkpoint_seconds", "checkpoints", |s| noted(&s.latency.checkpoint)),
];
