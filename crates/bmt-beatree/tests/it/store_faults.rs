//! Errors of the storage: typed, nothing acknowledged is lost, the store opens again.

use crate::judge::Trial;
use crate::random::seeds;
use bmt_io::Fault;

/// Every so many-th operation, another one for each seed.
const STRIDE: u64 = 5;

fn fail_everywhere(fault: Fault) -> Result<(), String> {
    for seed in seeds() {
        let trial = Trial::new(seed);
        let count = trial.operation_count().unwrap();
        for number in (seed % STRIDE..count).step_by(usize::try_from(STRIDE).unwrap()) {
            let judged = trial.fail_at(number, fault);
            judged.map_err(|what| format!("seed {seed}, operation {number} of {count}: {what}"))?;
        }
    }
    Ok(())
}

#[test]
fn an_error_at_any_operation_loses_nothing() {
    fail_everywhere(Fault::Error).unwrap();
}

#[test]
fn a_full_disk_at_any_operation_loses_nothing() {
    fail_everywhere(Fault::NoSpace).unwrap();
}
