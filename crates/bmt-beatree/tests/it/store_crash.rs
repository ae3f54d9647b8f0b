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

/// A process that ends while a store is made leaves a slot file whose name is not durable yet; a loss of
/// power while the next process goes on making it must not leave the other files without it.
#[test]
fn a_store_whose_making_crashed_twice_opens() {
    Trial::new(22).crash_at(8).unwrap();
    for seed in 100..400 {
        for number in 0..12 {
            let judged = Trial::new(seed).crash_at(number);
            assert_eq!(judged, Ok(()), "seed {seed}, operation {number}");
        }
    }
}
