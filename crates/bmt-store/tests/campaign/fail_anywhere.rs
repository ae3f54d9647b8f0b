//! Any operation may fail: the error is typed, nothing acknowledged is lost, the database opens again.

use crate::profile::Broken;
use crate::random::from_environment;
use crate::trial::Trial;
use bmt_io::Fault;

fn fail_everywhere(fault: Fault) {
    let seeds = from_environment("BMT_SEEDS", 6);
    let stride = from_environment("BMT_STRIDE", 13);
    let mut errors = 0;
    for seed in 0..seeds {
        let trial = Trial::new(seed, Broken::default());
        let count = trial.operation_count().unwrap();
        for number in (seed % stride..count).step_by(usize::try_from(stride).unwrap()) {
            match trial.fail_at(number, fault) {
                Ok(met) => errors += met,
                Err(what) => panic!("seed {seed}, operation {number} of {count}: {what}"),
            }
        }
    }
    assert!(errors > 20, "errors are seen: {errors}");
}

#[test]
fn an_error_at_any_operation_loses_nothing() {
    fail_everywhere(Fault::Error);
}

#[test]
fn a_full_disk_at_any_operation_loses_nothing() {
    fail_everywhere(Fault::NoSpace);
}

#[test]
fn a_short_read_at_any_operation_loses_nothing() {
    fail_everywhere(Fault::ShortRead);
}
