//! What a run prints and writes: a table, figures and ratios, JSON, plots.

mod document;
mod facts;
mod fairness;
mod figures;
mod json;
mod metric;
mod plot;
mod spread;
mod table;

pub use document::document;
pub use facts::facts;
pub use fairness::fairness;
pub use figures::{Figure, Ratio, figures, ratios};
pub use json::json;
pub use metric::Metric;
pub use plot::plots;
pub use spread::{Spread, shown};
pub use table::{lost_rows, table};

#[cfg(test)]
mod tests;
