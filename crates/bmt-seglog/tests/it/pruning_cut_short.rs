//! A process that dies, or an operation that fails, while a segment leaves the log costs nothing
//! (INV-LG-08).

use crate::model::bytes_of;
use crate::setup::{create, open, payloads};
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_seglog::Log;

/// Forty records, seven a segment.
fn forty_records(disk: &SimDisk) -> Log {
    let log = create(disk);
    (1..=40).for_each(|number| {
        log.append_sync(&bytes_of(number, 5000)).unwrap();
    });
    log
}

/// Makes the next operation of a kind go wrong.
fn fail_next(disk: &SimDisk, operation: Operation, fault: Fault) {
    disk.inject(When::Kind(operation, disk.attempts().count(operation)), fault);
}

#[test]
fn recovery_erases_a_segment_only_once_its_header_is_durably_gone() {
    // The zeros over the header are in the page cache alone when the process dies; the next process
    // sees a file that is not live, and is cut short by a power loss while it erases that.
    let mut crash_count = 0;
    for fault in [Fault::Crash, Fault::Error] {
        for number in 0..80 {
            let disk = SimDisk::new(number);
            let log = forty_records(&disk);
            fail_next(&disk, Operation::SyncData, Fault::Crash);
            log.prune_front(8).unwrap_err();
            drop(log);
            let disk = disk.process_crash();
            disk.inject(When::Number(number), fault);
            let is_met = open(&disk).is_err();
            crash_count += u64::from(is_met);
            for seed in 0..20 {
                let (log, _) = open(&disk.power_loss(seed)).unwrap();
                let kept = payloads(&log).len();
                assert!(kept == 40 || kept == 33, "{fault:?} at {number}, seed {seed}: {kept}");
            }
        }
    }
    assert!(crash_count > 40, "{crash_count} recoveries were cut short");
}

#[test]
fn a_removed_segment_that_comes_back_leaves_no_gap() {
    let mut comebacks = 0;
    for seed in 0..20 {
        let disk = SimDisk::new(seed);
        let log = forty_records(&disk);
        // Three segments leave: two files are kept, one is removed, and that is never durable.
        fail_next(&disk, Operation::SyncDirectory, Fault::Error);
        log.prune_front(22).unwrap_err();
        drop(log);
        let disk = disk.process_crash();
        let (log, _) = open(&disk).unwrap();
        log.prune_front(36).unwrap();
        let names = disk.list().len();
        drop(log);
        let disk = disk.power_loss_losing_all();
        comebacks += u64::from(disk.list().len() > names);
        let (log, _) = open(&disk).unwrap();
        assert_eq!((log.first_sequence(), payloads(&log).len()), (36, 5), "seed {seed}");
    }
    assert!(comebacks > 3, "{comebacks} times the file came back");
}

#[test]
fn a_spare_whose_name_may_not_be_durable_is_not_used() {
    for seed in 0..20 {
        let disk = SimDisk::new(seed);
        let log = create(&disk);
        (1..=7).for_each(|number| {
            log.append_sync(&bytes_of(number, 5000)).unwrap();
        });
        // The eighth record takes the spare, and the process dies while the next one gets its name.
        fail_next(&disk, Operation::SyncDirectory, Fault::Crash);
        drop(log.append_sync(&bytes_of(8, 5000)));
        drop(log);
        let disk = disk.process_crash();
        fail_next(&disk, Operation::SyncDirectory, Fault::Error);
        open(&disk).unwrap_err();
        let disk = disk.process_crash();
        let (log, _) = open(&disk).unwrap();
        let next = log.next_sequence();
        (next..=20).for_each(|number| {
            log.append_sync(&bytes_of(number, 5000)).unwrap();
        });
        drop(log);
        let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
        assert_eq!(payloads(&log).len(), 20, "seed {seed}");
        assert_eq!(log.stats().segment_count, 3);
    }
}
