//! A crash at any storage operation of a workload, and again after it, loses no page that was
//! acknowledged, and shows no wrong one.

use crate::judge::{Seen, Trial, seed_count};
use bmt_bitbox::CopyMode;
use bmt_io::Fault;

#[test]
fn a_crash_at_any_operation_keeps_every_promise() {
    for seed in 0..seed_count(3) {
        let trial = Trial::new(seed);
        let count = trial.operation_count().unwrap();
        assert!(count > 300, "a workload that does something, found {count} operations");
        for number in 0..count {
            if let Err(what) = trial.fail_at(number, Fault::Crash) {
                panic!("seed {seed}, operation {number} of {count}: {what}");
            }
        }
    }
}

/// As the product runs: the order of the operations differs from run to run, the promises do not.
#[test]
fn so_does_a_crash_beside_the_thread_that_copies() {
    for seed in 0..seed_count(2) {
        let trial = Trial { copying: CopyMode::Background, ..Trial::new(seed) };
        let count = trial.operation_count().unwrap();
        assert!(count > 300, "a workload that does something, found {count} operations");
        for number in (seed % 3..count).step_by(3) {
            if let Err(what) = trial.fail_at(number, Fault::Crash) {
                panic!("seed {seed}, operation {number} of {count}: {what}");
            }
        }
    }
}

#[test]
fn the_workloads_meet_everything_that_can_happen() {
    let everything = Seen {
        growth: true,
        shrinking: true,
        batch_meanwhile: true,
        copies: true,
        tombstones: true,
        pinned_images: true,
        reopening: true,
    };
    let mut seen = Seen::default();
    for seed in 0..3 {
        seen.add(Trial::new(seed).seen().unwrap());
    }
    assert_eq!(seen, everything);
}
