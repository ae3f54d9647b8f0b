//! How long things take: [`Latency`] notes durations, [`Histogram`] is what was noted.
//!
//! The buckets are log-linear: eight for each doubling, so a duration is known to an eighth of itself, from a
//! nanosecond to eighteen minutes. Noting one is three relaxed atomic additions.

use core::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Buckets for each doubling, as a power of two.
const SPLIT_BITS: u32 = 3;
const SPLIT: usize = 1 << SPLIT_BITS;
/// Longer ones count as this long.
const LONGEST_NS: u64 = (1 << 40) - 1;
const BUCKET_COUNT: usize = (40 - SPLIT_BITS as usize) * SPLIT + SPLIT;

/// Durations of one kind of event, noted by any number of threads. Takes 2.5 KiB.
///
/// ```
/// use std::time::Duration;
/// let syncs = bmt_io::Latency::default();
/// (1..=100).for_each(|n| syncs.note(Duration::from_micros(n)));
/// let seen = syncs.histogram();
/// assert_eq!((seen.count(), seen.max_ns()), (100, 100_000));
/// assert!((50_000..=56_250).contains(&seen.quantile_ns(500)));
/// ```
#[derive(Debug)]
pub struct Latency {
    buckets: [AtomicU64; BUCKET_COUNT],
    total_ns: AtomicU64,
    max_ns: AtomicU64,
}

impl Default for Latency {
    fn default() -> Self {
        let buckets = core::array::from_fn(|_| AtomicU64::new(0));
        Self { buckets, total_ns: AtomicU64::new(0), max_ns: AtomicU64::new(0) }
    }
}

impl Latency {
    /// Notes how long an event took.
    pub fn note(&self, duration: Duration) {
        let ns = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).min(LONGEST_NS);
        self.buckets[bucket_of(ns)].fetch_add(1, Ordering::Relaxed);
        self.total_ns.fetch_add(ns, Ordering::Relaxed);
        if ns > self.max_ns.load(Ordering::Relaxed) {
            self.max_ns.fetch_max(ns, Ordering::Relaxed);
        }
    }

    /// Does something and notes how long it took.
    pub fn time<T>(&self, act: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let result = act();
        self.note(began.elapsed());
        result
    }

    /// What was noted so far.
    #[must_use]
    pub fn histogram(&self) -> Histogram {
        let counts = self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).collect();
        let total_ns = self.total_ns.load(Ordering::Relaxed);
        Histogram { counts, total_ns, max_ns: self.max_ns.load(Ordering::Relaxed) }
    }
}

/// How often events took how long, at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Of each bucket; empty if nothing was ever noted.
    counts: Vec<u64>,
    total_ns: u64,
    max_ns: u64,
}

impl Histogram {
    /// Events.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// All durations together, in nanoseconds.
    #[must_use]
    pub fn total_ns(&self) -> u64 {
        self.total_ns
    }

    /// The longest one, in nanoseconds; at most 2^40 - 1.
    #[must_use]
    pub fn max_ns(&self) -> u64 {
        self.max_ns
    }

    /// The mean, in nanoseconds; 0 without events.
    #[must_use]
    pub fn mean_ns(&self) -> u64 {
        self.total_ns.checked_div(self.count()).unwrap_or_default()
    }

    /// The duration, in nanoseconds, that so many thousandths of the events did not exceed: 500 is the median,
    /// 990 the 99th percentile. At most an eighth too long, never too short; 0 without events.
    #[must_use]
    pub fn quantile_ns(&self, per_mille: u64) -> u64 {
        let wanted = self.count().saturating_mul(per_mille.min(1000)).div_ceil(1000).max(1);
        let mut seen = 0;
        for (longest_ns, count) in self.buckets() {
            seen += count;
            if seen >= wanted {
                return longest_ns.min(self.max_ns);
            }
        }
        0
    }

    /// The buckets that are not empty, shortest first: the longest duration of each in nanoseconds, and its
    /// events.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(|(bucket, count)| (longest_ns(bucket), *count))
    }

    /// What came after `earlier`, of the same events. The longest one is that of all time.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let before = |at: usize| earlier.counts.get(at).copied().unwrap_or_default();
        let counts = self.counts.iter().enumerate();
        Self {
            counts: counts.map(|(at, count)| count.saturating_sub(before(at))).collect(),
            total_ns: self.total_ns.saturating_sub(earlier.total_ns),
            max_ns: self.max_ns,
        }
    }
}

fn bucket_of(ns: u64) -> usize {
    let Some(doublings) = ns.checked_ilog2().filter(|it| *it >= SPLIT_BITS) else {
        return usize::try_from(ns).unwrap_or(usize::MAX);
    };
    let shift = doublings - SPLIT_BITS;
    // From `SPLIT` to twice as much.
    let leading = usize::try_from(ns >> shift).unwrap_or(usize::MAX);
    shift as usize * SPLIT + leading
}

/// The longest duration of a bucket.
fn longest_ns(bucket: usize) -> u64 {
    let (shift, leading) = match bucket.checked_sub(SPLIT) {
        Some(above) => (above / SPLIT, above % SPLIT + SPLIT),
        None => (0, bucket),
    };
    ((leading as u64 + 1) << shift) - 1
}

#[cfg(test)]
mod tests;
