//! An error of storage at any operation costs nothing that was synced.

use crate::judge::{Trial, seed_count};
use bmt_io::Fault;
use bmt_seglog::Faults;

fn judge(fault: Fault, seeds: u64) {
    for seed in 0..seeds {
        let trial = Trial { seed, faults: Faults::default() };
        let count = trial.operation_count().unwrap();
        for number in 0..count {
            let judged = trial.fail_at(number, fault);
            assert_eq!(judged, Ok(()), "{fault:?}, seed {seed}, operation {number} of {count}");
        }
    }
}

#[test]
fn an_error_at_any_operation_keeps_every_promise() {
    judge(Fault::Error, seed_count(2));
}

#[test]
fn no_space_at_any_operation_keeps_every_promise() {
    judge(Fault::NoSpace, seed_count(2));
}

#[test]
fn a_short_read_at_any_operation_keeps_every_promise() {
    judge(Fault::ShortRead, seed_count(1));
}
