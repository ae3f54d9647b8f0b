//! What a suite has measured: printed at once, and kept for the JSON file.

use super::rounds::Pair;
use super::series::{Series, Spread};
use crate::failure::Failure;
use serde_json::{Value, json};

/// Whether more is better or worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// More is better, as with operations per second.
    Rate,
    /// Less is better, as with nanoseconds per operation.
    Cost,
}

/// Ratios with these endings say what something costs over its bare parts: our cost by theirs.
const COST_OVER: &[&str] = &["_vs_bare", "_vs_flat"];

/// The figures and ratios of one suite.
#[derive(Debug)]
pub(super) struct Report {
    suite: &'static str,
    quick: bool,
    figures: Vec<(String, Spread, String)>,
    ratios: Vec<(String, Spread)>,
}

impl Report {
    pub(super) fn new(suite: &'static str, quick: bool) -> Self {
        Self { suite, quick, figures: Vec::new(), ratios: Vec::new() }
    }

    /// A value with its unit.
    pub(super) fn figure(&mut self, name: &str, series: &Series, unit: &str) {
        let spread = series.spread();
        println!("figure {name} {} {unit}", shown(spread.median));
        print_spread(name, &spread);
        self.figures.push((name.to_owned(), spread, unit.to_owned()));
    }

    /// How many times better than the peer we are; for the names of [`COST_OVER`], how many times
    /// dearer.
    ///
    /// # Errors
    /// When a rate is given a name that is kept for costs.
    pub(super) fn ratio(
        &mut self,
        name: &str,
        measure: Measure,
        pair: &Pair,
    ) -> Result<(), Failure> {
        let ours_by_theirs = pair.ours_by_theirs.spread();
        let spread = match (measure, COST_OVER.iter().any(|ending| name.ends_with(ending))) {
            (Measure::Rate, false) | (Measure::Cost, true) => ours_by_theirs,
            (Measure::Cost, false) => ours_by_theirs.inverted(),
            (Measure::Rate, true) => {
                return Err(Failure::Failed(format!("`{name}` is a name for a cost")));
            }
        };
        println!("ratio {name} {}", shown(spread.median));
        print_spread(name, &spread);
        self.ratios.push((name.to_owned(), spread));
        Ok(())
    }

    /// Everything so far.
    pub(super) fn json(&self) -> Value {
        let figures = self.figures.iter().map(|(name, spread, unit)| {
            json!({"name": name, "value": spread.median, "unit": unit, "spread": spread.json()})
        });
        let ratios = self.ratios.iter().map(
            |(name, spread)| json!({"name": name, "value": spread.median, "spread": spread.json()}),
        );
        json!({
            "suite": self.suite, "quick": self.quick,
            "figures": figures.collect::<Vec<_>>(), "ratios": ratios.collect::<Vec<_>>(),
        })
    }
}

impl Spread {
    /// The spread of one by each value, for values above zero.
    fn inverted(self) -> Self {
        Self {
            min: 1.0 / self.max,
            quartile_1: 1.0 / self.quartile_3,
            median: 1.0 / self.median,
            quartile_3: 1.0 / self.quartile_1,
            max: 1.0 / self.min,
            count: self.count,
        }
    }
}

fn print_spread(name: &str, spread: &Spread) {
    let Spread { min, quartile_1, quartile_3, max, count, .. } = *spread;
    let [min, low, high, max] = [min, quartile_1, quartile_3, max].map(shown);
    println!("spread {name} min {min} quartiles {low} {high} max {max} rounds {count}");
}

/// Four significant digits, or all digits before the point.
fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        size if size >= 1.0 => 3,
        _ => 5,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests;
