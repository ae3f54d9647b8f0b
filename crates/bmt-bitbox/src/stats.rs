//! What a table is and has done: [`TableStats`].

use core::sync::atomic::{AtomicU64, Ordering};

/// What an open table is, and has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct TableStats {
    /// The newest batch.
    pub batch: u64,
    /// Pages.
    pub page_count: u64,
    /// Buckets of the table that pages are written to.
    pub bucket_count: u64,
    /// Live buckets of that table.
    pub live_count: u64,
    /// Buckets of that table that a search passes and that hold nothing.
    pub tombstone_count: u64,
    /// Buckets of that table at which a search ends.
    pub empty_count: u64,
    /// Buckets of that table taken by batches and copies in progress.
    pub reserved_count: u64,
    /// Pages still to be taken over from another table; 0 if there is none.
    pub source_page_count: u64,
    /// Of these, damaged pages that stay where they are, since nobody can tell which pages they are. While
    /// there are any, the other table stays too.
    pub stuck_page_count: u64,
    /// Buckets of that other table; 0 if there is none.
    pub source_bucket_count: u64,
    /// Bytes of images that were replaced and that pins need.
    pub pinned_bytes: u64,
    /// Pins held.
    pub pin_count: u64,
    /// Bytes of memory: the meta maps, and what is held for batches, copies and pins.
    pub memory_bytes: u64,
    /// Lengths of all files together; buckets that were never written take no space.
    pub file_bytes: u64,
    /// Ids that were searched for, by readers and by batches.
    pub lookup_count: u64,
    /// Meta bytes that were looked at for them.
    pub probe_count: u64,
    /// Pages read for them; those read to copy them are counted as copies alone.
    pub page_read_count: u64,
    /// Searches in which the first page read had the right tag and another id.
    pub false_match_count: u64,
    /// Images written by batches.
    pub image_write_count: u64,
    /// Images written to take pages over from one table to another.
    pub copy_count: u64,
    /// Bytes of switch records written.
    pub record_bytes: u64,
    /// Larger, smaller or cleaner tables begun.
    pub resize_count: u64,
    /// Whether a durable operation failed.
    pub is_poisoned: bool,
}

/// Counts that many threads add to.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) lookups: AtomicU64,
    pub(crate) probes: AtomicU64,
    pub(crate) page_reads: AtomicU64,
    pub(crate) false_matches: AtomicU64,
    pub(crate) image_writes: AtomicU64,
    pub(crate) copies: AtomicU64,
    pub(crate) record_bytes: AtomicU64,
    pub(crate) resizes: AtomicU64,
}

/// Adds to a counter.
pub(crate) fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

/// Reads a counter.
pub(crate) fn get(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
