//! Counters of an open tree: [`TreeStats`].

use crate::units::len_u64;
use bmt_io::Tally;
use core::sync::atomic::{AtomicU64, Ordering};

/// What a tree is, and has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct TreeStats {
    /// The newest generation of pages.
    pub generation: u64,
    /// Pages of the file.
    pub page_count: u32,
    /// Pages that can be written now.
    pub free_pages: u32,
    /// Pages that only older versions use.
    pub held_pages: u64,
    /// Versions whose pages were given up while readers held them.
    pub expired_count: u64,
    /// Memory of the leaf cache in use.
    pub cache_bytes: u64,
    /// Leaves that were wanted and in the cache.
    pub leaf_hits: u64,
    /// Leaves that were read.
    pub leaf_reads: u64,
    /// Head pages of overflow values that were read.
    pub overflow_reads: u64,
    /// Leaves that were written.
    pub leaf_writes: u64,
    /// Branch pages that were written.
    pub branch_writes: u64,
    /// Slices that were stored.
    pub slice_count: u64,
    /// Prefixes for which leaf entries were asked.
    pub prefix_count: u64,
    /// Those among them whose entries were not all in one leaf.
    pub cut_prefix_count: u64,
}

/// A count that many threads add to.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    pub(crate) fn add(&self, count: usize) {
        self.0.fetch_add(len_u64(count), Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counts of one open tree.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Added to by every read that the cache serves.
    pub(crate) leaf_hits: Tally,
    pub(crate) leaf_reads: Count,
    pub(crate) overflow_reads: Count,
    pub(crate) leaf_writes: Count,
    pub(crate) branch_writes: Count,
    pub(crate) slices: Count,
    pub(crate) prefixes: Count,
    pub(crate) cut_prefixes: Count,
}
