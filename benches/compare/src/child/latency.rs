//! Latencies of calls: their sum and their distribution.

use crate::job::Costs;
use hdrhistogram::Histogram;
use std::time::Duration;

/// Latencies in nanoseconds, with three digits.
pub(super) struct Latencies {
    histogram: Histogram<u64>,
    sum: Duration,
}

impl Latencies {
    pub(super) fn new() -> Self {
        let histogram = Histogram::new(3).expect("three digits are allowed");
        Self { histogram, sum: Duration::ZERO }
    }

    pub(super) fn add(&mut self, latency: Duration) {
        self.sum += latency;
        let nanoseconds = latency.as_nanos() as u64;
        self.histogram.record(nanoseconds).expect("the histogram grows as needed");
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        self.histogram.add(&other.histogram).expect("histograms grow as needed");
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// All of them together.
    pub(super) const fn sum(&self) -> Duration {
        self.sum
    }

    /// A quantile in microseconds.
    pub(super) fn quantile_us(&self, quantile: f64) -> f64 {
        self.histogram.value_at_quantile(quantile) as f64 / 1e3
    }

    pub(super) fn fill(&self, costs: &mut Costs) {
        costs.p50_us = self.quantile_us(0.5);
        costs.p99_us = self.quantile_us(0.99);
        costs.max_us = self.histogram.max() as f64 / 1e3;
        costs.wall_s = self.sum.as_secs_f64();
    }
}
