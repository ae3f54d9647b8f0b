//! The figures by the names under which monitoring knows them: [`Figure`].
//!
//! docs/metrics.md has the same table; `cargo xtask tidy` compares the names, a test of this file the rest.

use super::Stats;
use super::figure_table::ALL;
use bmt_io::Histogram;

/// How a figure changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FigureKind {
    /// It only grows, from 0 at the opening.
    Counter,
    /// It goes up and down.
    Gauge,
    /// Durations, by how often they occurred.
    Histogram,
}

/// What a figure is at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum FigureValue<'a> {
    /// A count, or bytes.
    Number(u64),
    /// A part of a whole, from 0 to 1.
    Ratio(f64),
    /// Durations.
    Durations(&'a Histogram),
}

/// A figure of [`Stats`] under the name by which monitoring knows it.
///
/// ```
/// use bmt_store::{Db, FigureValue};
/// # let directory = tempfile::tempdir()?;
/// let db = Db::open(directory.path())?;
/// db.commit()?;
/// let stats = db.stats();
/// let commits = stats.figures().find(|(figure, _)| figure.name == "bmt_commits_total");
/// assert_eq!(commits.unwrap().1, FigureValue::Number(1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Figure {
    /// Its name, with the unit last.
    pub name: &'static str,
    /// How it changes.
    pub kind: FigureKind,
    /// What is counted or measured.
    pub unit: &'static str,
    /// What it is.
    pub about: &'static str,
    pub(super) read: fn(&Stats) -> FigureValue<'_>,
}

impl Figure {
    /// Every figure: counters, gauges, histograms.
    pub const ALL: &'static [Self] = ALL;

    /// The figure's value.
    #[must_use]
    pub fn of<'a>(&self, stats: &'a Stats) -> FigureValue<'a> {
        (self.read)(stats)
    }
}

impl Stats {
    /// Every figure with its value.
    pub fn figures(&self) -> impl Iterator<Item = (&'static Figure, FigureValue<'_>)> {
        ALL.iter().map(|figure| (figure, figure.of(self)))
    }
}

/// `count` by `whole`; 0 of nothing.
pub(super) fn ratio(count: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { count as f64 / whole as f64 }
}

#[cfg(test)]
mod tests;
