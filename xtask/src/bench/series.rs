//! The values of repeated measurements of one thing, and how far they lie apart.

use serde_json::{Value, json};

/// At least one value, in ascending order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series(Vec<f64>);

/// The order statistics that are reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) quartile_1: f64,
    pub(super) median: f64,
    pub(super) quartile_3: f64,
    pub(super) max: f64,
    pub(super) count: usize,
}

impl Series {
    /// `None` when there is no value, or one is not a number.
    pub(super) fn new(mut values: Vec<f64>) -> Option<Self> {
        if values.is_empty() || values.iter().any(|value| value.is_nan()) {
            return None;
        }
        values.sort_by(f64::total_cmp);
        Some(Self(values))
    }

    /// Quartiles between two values lie in proportion between them.
    pub(super) fn spread(&self) -> Spread {
        Spread {
            min: self.at_quarter(0),
            quartile_1: self.at_quarter(1),
            median: self.at_quarter(2),
            quartile_3: self.at_quarter(3),
            max: self.at_quarter(4),
            count: self.0.len(),
        }
    }

    fn at_quarter(&self, quarters: usize) -> f64 {
        let position = (self.0.len() - 1) * quarters;
        let (index, part) = (position / 4, position % 4);
        let low = self.0[index];
        let high = self.0.get(index + 1).copied().unwrap_or(low);
        let weight = [0.0, 0.25, 0.5, 0.75][part];
        low + (high - low) * weight
    }
}

impl Spread {
    pub(super) fn json(&self) -> Value {
        json!({
            "min": self.min, "quartile_1": self.quartile_1, "median": self.median,
            "quartile_3": self.quartile_3, "max": self.max, "count": self.count,
        })
    }
}

#[cfg(test)]
mod tests;
