//! A failed `fdatasync` is not tried again: its record is of unknown outcome, the log is poisoned.

use crate::setup::{create, open, options, payloads};
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_seglog::{Log, LogError, LogOptions};

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

#[test]
fn a_segment_header_that_only_the_page_cache_has_is_written_again() {
    let mut headers_alone = 0;
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        let log = create(&disk);
        (1..=7).for_each(|_| {
            log.append_sync(&[7; 5000]).unwrap();
        });
        // The eighth begins a segment. Its write and its sync fail: the cache has some of its sectors,
        // the device others.
        disk.inject(
            When::Kind(Operation::Write, disk.attempts().count(Operation::Write)),
            Fault::Error,
        );
        log.append(&[8; 5000]).unwrap_err();
        let header_alone = log.stats().segment_count;
        assert_eq!(header_alone, 1);
        drop(log);
        let file = disk.list().into_iter().rfind(|name| name.starts_with("seglog-0")).unwrap();
        let handle = disk.directory().open(&file).unwrap();
        disk.inject(
            When::Kind(Operation::SyncData, disk.attempts().count(Operation::SyncData)),
            Fault::Error,
        );
        handle.sync_data().unwrap_err();
        drop(handle);
        let disk = disk.process_crash();
        let options = LogOptions { scan_from: 8, expected_through: 7, ..options() };
        let (log, _) = Log::open(disk.directory(), options.clone()).unwrap();
        headers_alone += u64::from(log.stats().segment_count == 2 && log.next_sequence() == 8);
        let place = log.append_sync(b"acknowledged").unwrap();
        drop(log);
        let options = LogOptions { expected_through: place.sequence, ..options };
        let (log, _) = Log::open(disk.power_loss_losing_all().directory(), options).unwrap();
        assert_eq!(payloads(&log).last().unwrap(), b"acknowledged", "seed {seed}");
    }
    assert!(
        headers_alone > 20,
        "{headers_alone} times the header was there and its record was not"
    );
}
