//! What an open database has counted and timed: [`Timings`].
//!
//! Single reads are too short to look at the clock for each. They are counted in parts that threads do not
//! contend for, and each 64th is timed.

use crate::stats::Latencies;
use bmt_io::{Latency, Tally};

/// One of so many single reads is timed.
const READS_A_SAMPLE: u64 = 64;

/// Counts and durations of what was done with a database since it was opened.
#[derive(Debug, Default)]
pub(crate) struct Timings {
    is_on: bool,
    pub(crate) reads: Tally,
    pub(crate) batch_reads: Tally,
    pub(crate) proofs: Tally,
    pub(crate) prepared_steps: Tally,
    pub(crate) commits: Tally,
    pub(crate) rollbacks: Tally,
    read: Latency,
    pub(crate) batch_read: Latency,
    pub(crate) proof: Latency,
    pub(crate) prepare: Latency,
    pub(crate) commit: Latency,
    pub(crate) append: Latency,
    pub(crate) stall: Latency,
    pub(crate) checkpoint: Latency,
}

impl Timings {
    pub(crate) fn new(is_on: bool) -> Self {
        Self { is_on, ..Self::default() }
    }

    /// Counts a single read, and times it if it is its turn.
    pub(crate) fn read<T>(&self, act: impl FnOnce() -> T) -> T {
        let earlier = self.reads.add(1);
        match self.is_on && earlier.is_multiple_of(READS_A_SAMPLE) {
            true => self.read.time(act),
            false => act(),
        }
    }

    /// Counts and times a read of many keys.
    pub(crate) fn batch_read<T>(&self, key_count: usize, act: impl FnOnce() -> T) -> T {
        self.batch_reads.add(key_count as u64);
        self.time(&self.batch_read, act)
    }

    /// Counts and times a proof.
    pub(crate) fn proof<T>(&self, act: impl FnOnce() -> T) -> T {
        self.proofs.add(1);
        self.time(&self.proof, act)
    }

    /// Counts and times the computation of a step.
    pub(crate) fn prepare<T>(&self, act: impl FnOnce() -> T) -> T {
        self.prepared_steps.add(1);
        self.time(&self.prepare, act)
    }

    /// Times something, if anything is timed.
    pub(crate) fn time<T>(&self, latency: &Latency, act: impl FnOnce() -> T) -> T {
        if self.is_on { latency.time(act) } else { act() }
    }

    /// The durations so far, without those of storage.
    pub(crate) fn latencies(&self) -> Latencies {
        Latencies {
            read: self.read.histogram(),
            batch_read: self.batch_read.histogram(),
            proof: self.proof.histogram(),
            prepare: self.prepare.histogram(),
            commit: self.commit.histogram(),
            append: self.append.histogram(),
            stall: self.stall.histogram(),
            checkpoint: self.checkpoint.histogram(),
            ..Latencies::default()
        }
    }
}
