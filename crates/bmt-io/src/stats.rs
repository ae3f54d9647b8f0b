//! Counts of operations and bytes by kind.

use crate::latency::Latency;
use crate::operation::Operation;
use core::sync::atomic::{AtomicU64, Ordering};

const KIND_COUNT: usize = Operation::ALL.len();

/// What a directory has done since it was opened: operations that succeeded, by kind, and their
/// bytes.
///
/// A queued request counts as one read or write, however often the backend has to resume it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IoStats {
    counts: [u64; KIND_COUNT],
    bytes: [u64; KIND_COUNT],
}

impl IoStats {
    /// Operations of this kind that succeeded.
    #[must_use]
    pub fn count(&self, operation: Operation) -> u64 {
        self.counts[operation.index()]
    }

    /// Bytes that operations of this kind moved.
    #[must_use]
    pub fn bytes(&self, operation: Operation) -> u64 {
        self.bytes[operation.index()]
    }

    /// All operations that succeeded.
    #[must_use]
    pub fn total_count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Bytes written, zeros included.
    #[must_use]
    pub fn written_bytes(&self) -> u64 {
        self.bytes(Operation::Write) + self.bytes(Operation::ZeroFill)
    }

    /// Counts one operation: for implementations of [`crate::Directory`].
    pub fn record(&mut self, operation: Operation, bytes: u64) {
        self.counts[operation.index()] += 1;
        self.bytes[operation.index()] += bytes;
    }

    /// What was done between `earlier` and now.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let minus = |now: &[u64; KIND_COUNT], then: &[u64; KIND_COUNT]| {
            core::array::from_fn(|at| now[at].saturating_sub(then[at]))
        };
        Self {
            counts: minus(&self.counts, &earlier.counts),
            bytes: minus(&self.bytes, &earlier.bytes),
        }
    }
}

/// [`IoStats`] that many threads add to.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    counts: [AtomicU64; KIND_COUNT],
    bytes: [AtomicU64; KIND_COUNT],
    /// Of [`Operation::SyncData`].
    pub(crate) syncs: Latency,
}

impl Counters {
    pub(crate) fn record(&self, operation: Operation, bytes: u64) {
        self.counts[operation.index()].fetch_add(1, Ordering::Relaxed);
        self.bytes[operation.index()].fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> IoStats {
        IoStats {
            counts: core::array::from_fn(|at| self.counts[at].load(Ordering::Relaxed)),
            bytes: core::array::from_fn(|at| self.bytes[at].load(Ordering::Relaxed)),
        }
    }
}
