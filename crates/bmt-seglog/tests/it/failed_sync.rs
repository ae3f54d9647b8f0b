//! A failed `fdatasync` is not tried again: its record is of unknown outcome, the log is poisoned.

use crate::setup::{create, open, payloads};
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_seglog::LogError;

#[test]
fn it_poisons_the_log_and_reads_go_on() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    log.append_sync(b"one").unwrap();
    let syncs = disk.attempts().count(Operation::SyncData);
    disk.inject(When::Kind(Operation::SyncData, syncs), Fault::Error);
    let failed = log.append_sync(b"two");
    assert!(matches!(failed, Err(LogError::OutcomeUnknown { sequence: 2, .. })), "{failed:?}");
    assert!(matches!(log.append(b"three"), Err(LogError::Poisoned { .. })));
    assert!(matches!(log.sync(), Err(LogError::OutcomeUnknown { sequence: 2, .. })));
    assert!(matches!(log.truncate_back(1), Err(LogError::Poisoned { .. })));
    assert!(matches!(log.prune_front(1), Err(LogError::Poisoned { .. })));
    assert_eq!(disk.attempts().count(Operation::SyncData), syncs + 1, "not one sync more");
    assert_eq!(log.synced_through(), 1);
    assert!(log.stats().is_poisoned);
    assert_eq!(payloads(&log).len(), 2, "what was written can still be read");
}

#[test]
fn what_a_new_process_finds_after_it_is_durable_all_the_same() {
    // The page cache shows the record as clean, though the device never got it.
    for seed in 0..40 {
        let disk = SimDisk::new(seed);
        let log = create(&disk);
        log.append_sync(b"one").unwrap();
        log.append(&[7; 20_000]).unwrap();
        let syncs = disk.attempts().count(Operation::SyncData);
        disk.inject(When::Kind(Operation::SyncData, syncs), Fault::Error);
        log.sync().unwrap_err();
        drop(log);
        let disk = disk.process_crash();
        let (log, _) = open(&disk).unwrap();
        let shown = payloads(&log);
        drop(log);
        let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
        assert_eq!(payloads(&log), shown, "seed {seed}");
    }
}

#[test]
fn a_failed_write_is_of_unknown_outcome_too() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    let writes = disk.attempts().count(Operation::Write);
    disk.inject(When::Kind(Operation::Write, writes), Fault::Error);
    let failed = log.append(b"one");
    assert!(matches!(failed, Err(LogError::OutcomeUnknown { sequence: 1, .. })), "{failed:?}");
    assert!(matches!(log.append(b"two"), Err(LogError::Poisoned { .. })));
    assert_eq!(log.next_sequence(), 1);
}
