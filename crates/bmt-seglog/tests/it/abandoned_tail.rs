//! A tail that recovery abandoned never comes back, whatever is written over it.

use crate::model::bytes_of;
use crate::setup::{create, open, payloads, power_loss_keeping};
use bmt_io::SimDisk;

/// A log with record 1 durable; 2 is lost and 3 (block 3) survives. Recovery abandons 3.
fn with_abandoned_tail() -> (SimDisk, Vec<Vec<u8>>) {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    let records: Vec<_> = (1..=3).map(|number| bytes_of(number, 3000)).collect();
    log.append_sync(&records[0]).unwrap();
    log.append(&records[1]).unwrap();
    log.append(&records[2]).unwrap();
    (power_loss_keeping(&disk, &[3]), records)
}

#[test]
fn it_is_cut_and_reported() {
    let (disk, records) = with_abandoned_tail();
    let (log, report) = open(&disk).unwrap();
    let tail = report.torn_tail.unwrap();
    assert_eq!((tail.bytes, tail.records), (4096, 1));
    assert_eq!((log.stats().torn_tail_bytes, log.stats().torn_tail_records), (4096, 1));
    assert_eq!(payloads(&log), records[..1]);
}

#[test]
fn followed_by_a_record_of_equal_length_and_a_second_crash() {
    for seed in 0..50 {
        let (disk, records) = with_abandoned_tail();
        let (log, _) = open(&disk).unwrap();
        let other = bytes_of(99, 3000);
        log.append_sync(&other).unwrap();
        drop(log);
        let (log, report) = open(&disk.power_loss(seed)).unwrap();
        assert_eq!(payloads(&log), [records[0].clone(), other]);
        assert_eq!(report.torn_tail, None);
    }
}

#[test]
fn followed_by_the_identical_record_and_a_second_crash() {
    for seed in 0..50 {
        let (disk, records) = with_abandoned_tail();
        let (log, _) = open(&disk).unwrap();
        log.append_sync(&records[1]).unwrap();
        drop(log);
        let (log, report) = open(&disk.power_loss(seed)).unwrap();
        assert_eq!(payloads(&log), records[..2], "record 3 was never committed");
        assert_eq!(report.torn_tail, None);
    }
}

#[test]
fn followed_by_the_identical_record_that_is_not_synced() {
    for seed in 0..50 {
        let (disk, records) = with_abandoned_tail();
        let (log, _) = open(&disk).unwrap();
        log.append(&records[1]).unwrap();
        drop(log);
        let (log, _) = open(&disk.power_loss(seed)).unwrap();
        let found = payloads(&log);
        assert!(found == records[..1] || found == records[..2], "seed {seed}");
    }
}
