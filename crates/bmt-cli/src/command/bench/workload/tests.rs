//! Tests of the workload's figures.

use super::*;

#[test]
fn percentiles_are_ranks_of_what_was_noted() {
    let mut timer = Timer::new(Duration::ZERO);
    (1..=200).rev().for_each(|ms| timer.note(Duration::from_millis(ms)));
    let timed = timer.finish();
    assert_eq!((timed.percentile_ms(50), timed.percentile_ms(99)), (100.0, 198.0));
    assert_eq!((timed.percentile_ms(100), timed.count()), (200.0, 200));
}

#[test]
fn keys_differ() {
    let mut keys: Vec<StateKey> = (0..10_000).map(key).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 10_000);
}
