//! `figure` and `ratio` lines, each with its spread.

/// The median of at least one value.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    }
}

fn spread(name: &str, values: &[f64]) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    println!("spread {name} {least:.4} to {most:.4}, {} values", values.len());
}

/// The median of what was measured.
pub(crate) fn figure(name: &str, values: &[f64], unit: &str) {
    println!("figure {name} {:.4} {unit}", median(values));
    spread(name, values);
}

/// The median of ratios of values from the same round.
pub(crate) fn ratio(name: &str, values: &[f64]) {
    println!("ratio {name} {:.4}", median(values));
    spread(name, values);
}
