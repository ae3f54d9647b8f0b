//! Damage to anything durable is reported or harmless, never silent.

use crate::judge::{Trial, seed_count};
use bmt_seglog::Faults;

#[test]
fn a_damaged_byte_anywhere_is_reported_or_harmless() {
    for seed in 0..seed_count(3) {
        let trial = Trial { seed, faults: Faults::default() };
        let (reported, harmless) = trial.damage(400).unwrap();
        assert!(reported > 50 && harmless > 20, "{reported} reported, {harmless} harmless");
    }
}

#[test]
fn ignoring_what_later_records_say_would_be_noticed() {
    let faults = Faults { no_evidence: true, ..Faults::default() };
    assert!((0..4).any(|seed| Trial { seed, faults }.damage(400).is_err()));
}
