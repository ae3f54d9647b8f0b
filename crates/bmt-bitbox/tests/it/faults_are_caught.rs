//! Each deliberate fault is caught by the judge: the crash tests can fail.

use crate::judge::Trial;
use bmt_bitbox::Faults;
use bmt_io::Fault;

/// Whether one of these failures somewhere in one of some workloads shows the fault.
fn is_caught_by(failure: Fault, faults: Faults) -> bool {
    (0..12).any(|seed| {
        let trial = Trial { faults, ..Trial::new(seed) };
        let Ok(count) = trial.operation_count() else { return true };
        (0..count).any(|number| trial.fail_at(number, failure).is_err())
    })
}

fn is_caught(faults: Faults) -> bool {
    is_caught_by(Fault::Crash, faults)
}

#[test]
fn no_sync_in_a_batch() {
    assert!(is_caught(Faults { no_switch_sync: true, ..Faults::default() }));
}

#[test]
fn no_sync_of_a_new_table() {
    assert!(is_caught(Faults { no_creation_sync: true, ..Faults::default() }));
}

#[test]
fn no_sync_of_the_directory() {
    assert!(is_caught(Faults { no_directory_sync: true, ..Faults::default() }));
}

#[test]
fn the_meta_map_written_before_the_manifest() {
    assert!(is_caught(Faults { early_map: true, ..Faults::default() }));
}

#[test]
fn the_record_not_written_to_the_map_after_recovery() {
    assert!(is_caught(Faults { no_settling_after_recovery: true, ..Faults::default() }));
}

#[test]
fn a_live_bucket_overwritten() {
    assert!(is_caught(Faults { live_bucket: true, ..Faults::default() }));
}

#[test]
fn a_bucket_used_again_by_the_batch_that_replaces_it() {
    assert!(is_caught(Faults { early_reuse: true, ..Faults::default() }));
}

#[test]
fn pins_ignored() {
    assert!(is_caught(Faults { no_pins: true, ..Faults::default() }));
}

#[test]
fn checksums_ignored() {
    assert!(is_caught_by(Fault::CorruptRead, Faults { no_checksum: true, ..Faults::default() }));
}

#[test]
fn a_record_applied_that_is_not_named() {
    assert!(is_caught(Faults { stale_record: true, ..Faults::default() }));
}

#[test]
fn both_records_in_one_area() {
    assert!(is_caught(Faults { one_area: true, ..Faults::default() }));
}

#[test]
fn a_stale_copy_made_live() {
    assert!(is_caught(Faults { stale_copies: true, ..Faults::default() }));
}
