//! A value over the rounds: its median and how far the rounds lie apart.

use serde::Serialize;

/// The median of some rounds and their extremes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The lower quartile.
    pub quartile_1: f64,
    /// The median; between two, their mean.
    pub median: f64,
    /// The upper quartile.
    pub quartile_3: f64,
    /// The greatest.
    pub max: f64,
    /// How many rounds.
    pub count: usize,
}

impl Spread {
    /// The spread of these values; `None` of none.
    #[must_use]
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let at = |quantile: f64| {
            let place = quantile * (values.len() - 1) as f64;
            let (low, high) = (place.floor(), place.ceil());
            let part = place - low;
            values[low as usize].mul_add(1.0 - part, values[high as usize] * part)
        };
        let [quartile_1, median, quartile_3] = [0.25, 0.5, 0.75].map(at);
        Some(Self { min, quartile_1, median, quartile_3, max, count: values.len() })
    }

    /// The line that follows a figure or ratio.
    #[must_use]
    pub fn line(&self, name: &str) -> String {
        let Self { min, quartile_1, quartile_3, max, count, .. } = *self;
        let [min, low, high, max] = [min, quartile_1, quartile_3, max].map(shown);
        format!("spread {name} min {min} quartiles {low} {high} max {max} rounds {count}")
    }
}

/// About four significant digits; all digits before the point.
#[must_use]
pub fn shown(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        size if size >= 1.0 => 3,
        0.0 => 0,
        _ => 5,
    };
    format!("{value:.decimals$}")
}
