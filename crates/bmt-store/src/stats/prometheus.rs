//! Figures as the text that Prometheus reads.

use super::{FigureKind, FigureValue, Stats};
use bmt_io::Histogram;
use std::fmt::{self, Write as _};

/// Bounds of the buckets that are printed, as powers of two of nanoseconds: from a microsecond to 17 s, each
/// four times the one before.
const BOUNDS_LOG2: [u32; 13] = [10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34];

impl Stats {
    /// All figures in the text format of Prometheus, version 0.0.4.
    ///
    /// Of a histogram thirteen buckets are printed, from 1.024 us to 17.2 s; [`Stats::latency`] has finer ones.
    #[must_use]
    pub fn prometheus_text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        self.write_prometheus(&mut text).map_or_else(|_| String::new(), |()| text)
    }

    fn write_prometheus(&self, text: &mut String) -> fmt::Result {
        for (figure, value) in self.figures() {
            let name = figure.name;
            let kind = match figure.kind {
                FigureKind::Counter => "counter",
                FigureKind::Gauge => "gauge",
                FigureKind::Histogram => "histogram",
            };
            writeln!(text, "# HELP {name} {}\n# TYPE {name} {kind}", figure.about)?;
            match value {
                FigureValue::Number(number) => writeln!(text, "{name} {number}")?,
                FigureValue::Ratio(ratio) => writeln!(text, "{name} {ratio}")?,
                FigureValue::Durations(seen) => write_histogram(text, name, seen)?,
            }
        }
        Ok(())
    }
}

fn write_histogram(text: &mut String, name: &str, seen: &Histogram) -> fmt::Result {
    for bound in BOUNDS_LOG2 {
        let bound_ns = 1_u64 << bound;
        let shorter = seen.buckets().take_while(|(longest_ns, _)| *longest_ns < bound_ns);
        let count: u64 = shorter.map(|(_, count)| count).sum();
        writeln!(text, "{name}_bucket{{le=\"{}\"}} {count}", seconds(bound_ns))?;
    }
    writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {}", seen.count())?;
    writeln!(text, "{name}_sum {}", seconds(seen.total_ns()))?;
    writeln!(text, "{name}_count {}", seen.count())
}

/// Nanoseconds as seconds.
pub(super) fn seconds(ns: u64) -> f64 {
    std::time::Duration::from_nanos(ns).as_secs_f64()
}
