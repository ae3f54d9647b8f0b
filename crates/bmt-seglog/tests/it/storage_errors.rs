//! An error of storage at any operation costs nothing that was synced.

use crate::judge::{Trial, seed_count};
use crate::setup::{create, open, options};
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_seglog::{Faults, Log, LogError};

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

#[test]
fn a_spare_that_fails_is_no_failure_of_the_record_before_it() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=7).for_each(|_| {
        log.append(&[7; 5000]).unwrap();
    });
    let creations = disk.attempts().count(Operation::Create);
    disk.inject(When::Kind(Operation::Create, creations), Fault::Error);
    assert_eq!(log.append(&[8; 5000]).unwrap().sequence, 8, "it took the spare there was");
    assert!(log.stats().is_poisoned);
    assert!(matches!(log.append(b"next"), Err(LogError::Poisoned { .. })));
}

#[test]
fn a_log_that_was_not_created_durably_cannot_be_opened() {
    for operation in [Operation::ZeroFill, Operation::SyncData, Operation::SyncDirectory] {
        let disk = SimDisk::new(1);
        disk.inject(When::Kind(operation, 0), Fault::Error);
        Log::create(disk.directory(), options()).unwrap_err();
        assert!(
            matches!(open(&disk), Err(LogError::NotFound { foreign_count: 0 })),
            "{operation:?}"
        );
        assert_eq!(create(&disk).next_sequence(), 1);
    }
}
