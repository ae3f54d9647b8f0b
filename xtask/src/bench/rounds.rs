//! Measuring two things in alternating rounds, so that what drifts, drifts for both.

use super::series::Series;
use crate::failure::Failure;
use std::time::Instant;

/// Ours and theirs, value by value from the same round.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) ours: Series,
    pub(super) theirs: Series,
    /// Ours by theirs, round by round.
    pub(super) ours_by_theirs: Series,
}

/// Measures each side once without counting it, then `rounds` times in turn. Which side goes
/// first changes from round to round.
///
/// # Errors
/// What a side fails with; and when a measured value is not a number above zero.
pub(super) fn alternate(
    rounds: usize,
    mut ours: impl FnMut() -> Result<f64, Failure>,
    mut theirs: impl FnMut() -> Result<f64, Failure>,
) -> Result<Pair, Failure> {
    ours()?;
    theirs()?;
    let (mut our_values, mut their_values) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            our_values.push(ours()?);
            their_values.push(theirs()?);
        } else {
            their_values.push(theirs()?);
            our_values.push(ours()?);
        }
    }
    let bad = |value: &f64| !value.is_finite() || *value <= 0.0;
    if our_values.iter().chain(&their_values).any(bad) {
        return Err(Failure::Failed("a measured value is not above zero".to_owned()));
    }
    let quotients = our_values.iter().zip(&their_values).map(|(ours, theirs)| ours / theirs);
    let series = |values| Series::new(values).ok_or_else(no_rounds);
    Ok(Pair {
        ours_by_theirs: series(quotients.collect())?,
        ours: series(our_values)?,
        theirs: series(their_values)?,
    })
}

fn no_rounds() -> Failure {
    Failure::Failed("a measurement needs at least one round".to_owned())
}

/// Nanoseconds that `work` takes, for each of `count` things it does.
pub(super) fn nanoseconds_each(count: usize, work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    let total = began.elapsed().as_secs_f64() * 1e9;
    // Exact below 2^32, and nothing here counts as far.
    total / f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
