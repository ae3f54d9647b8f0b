//! A crash at any storage operation of a workload, and in recovery, costs nothing that was synced.

use crate::judge::{Trial, seed_count};
use bmt_seglog::Faults;

#[test]
fn a_crash_at_any_operation_keeps_every_promise() {
    for seed in 0..seed_count(4) {
        let trial = Trial { seed, faults: Faults::default() };
        let count = trial.operation_count().unwrap();
        assert!(count > 200, "a workload that does something, found {count} operations");
        for number in 0..count {
            let judged = trial.crash_at(number);
            assert_eq!(judged, Ok(()), "seed {seed}, operation {number} of {count}");
        }
    }
}
