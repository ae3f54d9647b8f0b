//! A crash at any storage operation of a store, and in recovery, costs nothing that was committed.

use crate::judge::Trial;
use crate::random::seeds;

#[test]
fn a_crash_at_any_operation_keeps_every_promise() {
    for seed in seeds() {
        let trial = Trial::new(seed);
        let count = trial.operation_count().unwrap();
        assert!(count > 500, "a workload that does something, found {count} operations");
        for number in 0..count {
            if let Err(what) = trial.crash_at(number) {
                panic!("seed {seed}, operation {number} of {count}: {what}");
            }
        }
    }
}
