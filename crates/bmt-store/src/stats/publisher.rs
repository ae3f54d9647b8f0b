//! Figures handed to the `metrics` crate: [`Publisher`].

use super::{Figure, FigureKind, FigureValue, Stats};
use crate::stats::prometheus::seconds;
use bmt_io::Histogram;
use metrics::{Label, Unit};
use std::collections::HashMap;

/// Hands the figures of a database to the recorder of the `metrics` crate, whenever it is asked to: every few
/// seconds, or before each scrape. Feature `metrics`.
///
/// Nothing is handed over in between, so a commit costs the same with and without it. Durations that came
/// since the last time are handed over as the longest of their bucket, at most an eighth too long.
///
/// ```
/// use bmt_store::{Db, Publisher};
/// # let directory = tempfile::tempdir()?;
/// let db = Db::open(directory.path())?;
/// let mut publisher = Publisher::new().label("database", "state");
/// publisher.publish(&db.stats());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Publisher {
    labels: Vec<Label>,
    is_described: bool,
    /// The durations that were handed over, by the name of their figure.
    handed_over: HashMap<&'static str, Histogram>,
}

impl Publisher {
    /// A publisher of one database, without labels.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a label on every figure, to tell several databases apart.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push(Label::new(name.into(), value.into()));
        self
    }

    /// Hands everything over to the recorder that is installed now.
    pub fn publish(&mut self, stats: &Stats) {
        if !self.is_described {
            Figure::ALL.iter().for_each(describe);
            self.is_described = true;
        }
        for (figure, value) in stats.figures() {
            match value {
                FigureValue::Number(number) => self.number(figure, number),
                FigureValue::Ratio(ratio) => {
                    metrics::gauge!(figure.name, self.labels.clone()).set(ratio);
                }
                FigureValue::Durations(seen) => self.durations(figure.name, seen),
            }
        }
    }

    fn number(&self, figure: &Figure, number: u64) {
        let labels = self.labels.clone();
        match figure.kind {
            FigureKind::Counter => metrics::counter!(figure.name, labels).absolute(number),
            _ => metrics::gauge!(figure.name, labels).set(number as f64),
        }
    }

    fn durations(&mut self, name: &'static str, seen: &Histogram) {
        let histogram = metrics::histogram!(name, self.labels.clone());
        let before = self.handed_over.entry(name).or_default();
        for (longest_ns, count) in seen.since(before).buckets() {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            histogram.record_many(seconds(longest_ns), count);
        }
        *before = seen.clone();
    }
}

fn describe(figure: &Figure) {
    let unit = match figure.unit {
        "bytes" => Unit::Bytes,
        "seconds" => Unit::Seconds,
        _ => Unit::Count,
    };
    match figure.kind {
        FigureKind::Counter => metrics::describe_counter!(figure.name, unit, figure.about),
        FigureKind::Gauge => metrics::describe_gauge!(figure.name, unit, figure.about),
        FigureKind::Histogram => metrics::describe_histogram!(figure.name, unit, figure.about),
    }
}

#[cfg(test)]
mod tests;
