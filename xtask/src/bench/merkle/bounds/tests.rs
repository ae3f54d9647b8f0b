//! A bound that is missed fails the suite.

use super::{Bounds, Measured};

const GOOD: Measured = Measured {
    update_ns_min: 1.0,
    hashes_by_needed: 1.0,
    hashes_in_full_lanes: 0.98,
    entries_per_page: 80.0,
};

#[test]
fn counts_that_miss_a_bound_are_a_failure() {
    let outcome = |measured: Measured| {
        let mut bounds = Bounds::default();
        bounds.counts("name", &measured);
        bounds.outcome()
    };
    assert!(outcome(GOOD).is_ok());
    assert!(outcome(Measured { hashes_by_needed: 1.03, ..GOOD }).is_err());
    assert!(outcome(Measured { hashes_in_full_lanes: 0.8, ..GOOD }).is_err());
}

#[test]
fn every_bound_that_was_missed_is_named() {
    let mut bounds = Bounds::default();
    bounds.at_most("first", 2.0, 1.0);
    bounds.at_least("second", 1.0, 2.0);
    bounds.at_most("third", 1.0, 1.0);
    let text = bounds.outcome().map_err(|failure| failure.to_string());
    let text = text.err().unwrap_or_default();
    assert!(text.contains("first") && text.contains("second") && !text.contains("third"), "{text}");
}
