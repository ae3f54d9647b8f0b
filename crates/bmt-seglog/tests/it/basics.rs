//! What is appended is read back, in order, before and after reopening.

use crate::model::bytes_of;
use bmt_io::SimDisk;
use bmt_seglog::{Log, LogError, LogOptions, SpareMode};

fn options() -> LogOptions {
    LogOptions {
        first_segment_bytes: 16 << 10,
        segment_bytes: 64 << 10,
        spare: SpareMode::Inline,
        ..LogOptions::new(7)
    }
}

fn payload(sequence: u64) -> Vec<u8> {
    bytes_of(sequence, usize::try_from(sequence * 977 % 90_000).unwrap())
}

#[test]
fn records_of_all_sizes_come_back() {
    let disk = SimDisk::new(1);
    let log = Log::create(disk.directory(), options()).unwrap();
    for sequence in 1..=200 {
        let position = log.append(&payload(sequence)).unwrap();
        assert_eq!(position.sequence, sequence);
    }
    log.sync().unwrap();
    assert_eq!(log.synced_through(), 200);
    drop(log);
    let (log, report) = Log::open(disk.directory(), options()).unwrap();
    assert_eq!((report.records, report.torn_tail), (200, None));
    for from in [1, 2, 57, 200] {
        let mut expected = from;
        for record in log.iter_from(from).unwrap() {
            let record = record.unwrap();
            assert_eq!(record.sequence(), expected);
            assert!(record.payload == payload(expected), "bytes of {expected}");
            expected += 1;
        }
        assert_eq!(expected, 201);
    }
    assert_eq!(log.iter_from(201).unwrap().count(), 0);
    assert!(matches!(log.iter_from(202), Err(LogError::NotInLog { first: 1, next: 201, .. })));
}

#[test]
fn a_commit_is_one_fdatasync() {
    let disk = SimDisk::new(1);
    let log = Log::create(disk.directory(), options()).unwrap();
    let before = log.stats();
    for sequence in 1..=100 {
        log.append_sync(&bytes_of(sequence, 3000)).unwrap();
    }
    let after = log.stats();
    assert_eq!(after.commit_sync_count - before.commit_sync_count, 100);
    assert!(after.roll_count > 5 && after.spare_is_ready);
}

#[test]
fn a_small_log_is_one_segment() {
    let disk = SimDisk::new(1);
    let log = Log::create(disk.directory(), options()).unwrap();
    let half = options().first_segment_bytes / 2;
    let len = log.stats().file_bytes;
    assert_eq!(len, options().first_segment_bytes);
    for number in 1..half / 4096 {
        log.append_sync(b"small").unwrap();
        assert_eq!(log.stats().file_bytes, len, "record {number}");
    }
    drop(log);
    let (log, _) = Log::open(disk.directory(), options()).unwrap();
    assert!(!log.stats().spare_is_ready);
    log.append_sync(b"past the middle").unwrap();
    assert!(log.stats().spare_is_ready);
    drop(log);
    let (log, _) = Log::open(disk.directory(), options()).unwrap();
    assert!(log.stats().spare_is_ready);
}

#[test]
fn a_salt_of_another_log_is_not_found_and_nothing_is_touched() {
    let disk = SimDisk::new(1);
    drop(Log::create(disk.directory(), options()).unwrap());
    let before = disk.list();
    let other = LogOptions { salt: 8, ..options() };
    let found = Log::open(disk.directory(), other.clone());
    assert!(matches!(found, Err(LogError::NotFound { foreign_count: 1 })));
    assert!(matches!(Log::create(disk.directory(), other), Err(LogError::AlreadyExists { .. })));
    assert_eq!(disk.list(), before);
    assert!(Log::open(disk.directory(), options()).is_ok());
}
