//! Each deliberate fault is caught by the judge: the crash tests can fail.

use crate::judge::Trial;
use bmt_seglog::Faults;

/// Whether a crash somewhere in one of some workloads shows the fault.
fn is_caught(faults: Faults) -> bool {
    (0..8).any(|seed| {
        let trial = Trial { seed, faults };
        let Ok(count) = trial.operation_count() else { return true };
        (0..count).any(|number| trial.crash_at(number).is_err())
    })
}

#[test]
fn no_sync_in_a_commit() {
    assert!(is_caught(Faults { no_commit_sync: true, ..Faults::default() }));
}

#[test]
fn no_sync_in_recovery() {
    assert!(is_caught(Faults { no_recovery_sync: true, ..Faults::default() }));
}

#[test]
fn no_sync_of_prepared_segments() {
    assert!(is_caught(Faults { no_preparation_sync: true, ..Faults::default() }));
}

#[test]
fn no_sync_of_the_directory() {
    assert!(is_caught(Faults { no_directory_sync: true, ..Faults::default() }));
}

#[test]
fn checksums_ignored() {
    assert!(is_caught(Faults { no_checksum: true, ..Faults::default() }));
}

#[test]
fn the_tail_not_zeroed() {
    assert!(is_caught(Faults { no_tail_zeroing: true, ..Faults::default() }));
}

#[test]
fn a_cut_without_its_record() {
    assert!(is_caught(Faults { no_cut_record: true, ..Faults::default() }));
}
