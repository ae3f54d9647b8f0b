//! An error of storage at any operation is a typed error, and costs nothing that was acknowledged.

use crate::judge::{Trial, seed_count};
use bmt_io::Fault;

fn judge(fault: Fault) -> Result<(), String> {
    for seed in 0..seed_count(1) {
        let trial = Trial::new(seed);
        let count = trial.operation_count()?;
        for number in 0..count {
            trial
                .fail_at(number, fault)
                .map_err(|what| format!("seed {seed}, operation {number} of {count}: {what}"))?;
        }
    }
    Ok(())
}

#[test]
fn an_input_output_error() {
    assert_eq!(judge(Fault::Error), Ok(()));
}

#[test]
fn being_out_of_space() {
    assert_eq!(judge(Fault::NoSpace), Ok(()));
}

#[test]
fn a_read_that_ends_early() {
    assert_eq!(judge(Fault::ShortRead), Ok(()));
}

#[test]
fn a_read_with_a_wrong_bit() {
    assert_eq!(judge(Fault::CorruptRead), Ok(()));
}
