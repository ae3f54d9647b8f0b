//! Cutting the end of the log off.

use crate::model::bytes_of;
use crate::setup::{create, open, payloads};
use bmt_io::SimDisk;
use bmt_seglog::LogError;

fn record(number: u64) -> Vec<u8> {
    bytes_of(number, usize::try_from(number * 1500 % 40_000).unwrap())
}

#[test]
fn nothing_of_what_was_cut_comes_back() {
    for keep in [0, 1, 7, 20, 39, 40] {
        let disk = SimDisk::new(keep);
        let log = create(&disk);
        (1..=40).for_each(|number| {
            log.append(&record(number)).unwrap();
        });
        log.truncate_back(keep).unwrap();
        assert_eq!((log.first_sequence(), log.next_sequence()), (1, keep + 1));
        let mut expected: Vec<_> = (1..=keep).map(record).collect();
        assert_eq!(payloads(&log), expected);
        // The numbers are used again, here with the very records that were cut.
        for number in keep + 1..=keep + 3 {
            assert_eq!(log.append(&record(number)).unwrap().sequence, number);
            expected.push(record(number));
        }
        log.sync().unwrap();
        drop(log);
        let (log, report) = open(&disk.power_loss(keep)).unwrap();
        assert_eq!((report.torn_tail, report.finished_cut), (None, None));
        assert_eq!(payloads(&log), expected);
    }
}

#[test]
fn what_is_kept_is_durable_on_return() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=9).for_each(|number| {
        log.append(&record(number)).unwrap();
    });
    log.truncate_back(5).unwrap();
    assert_eq!(log.synced_through(), 5);
    let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
    assert_eq!(log.next_sequence(), 6);
}

#[test]
fn records_that_were_pruned_cannot_be_the_end() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=40).for_each(|number| {
        log.append(&record(number)).unwrap();
    });
    log.sync().unwrap();
    log.prune_front(30).unwrap();
    let first = log.first_sequence();
    assert!(first > 10);
    let refused = log.truncate_back(first - 2);
    assert!(matches!(refused, Err(LogError::NotInLog { .. })), "{refused:?}");
    log.truncate_back(first - 1).unwrap();
    assert_eq!((log.first_sequence(), log.next_sequence()), (first, first));
    log.append_sync(b"again").unwrap();
    let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
    assert_eq!(payloads(&log), [b"again".to_vec()]);
    assert_eq!(log.first_sequence(), first);
}

#[test]
fn an_interrupted_cut_is_finished_by_opening() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=40).for_each(|number| {
        log.append(&record(number)).unwrap();
    });
    log.sync().unwrap();
    let start = disk.operation_count();
    let probe = disk.process_crash();
    drop(log);
    let (log, _) = open(&probe).unwrap();
    log.truncate_back(10).unwrap();
    let mut finished = 0;
    for number in start..start + 30 {
        let disk = SimDisk::new(1);
        disk.crash_at(number);
        let log = create(&disk);
        (1..=40).for_each(|number| drop(log.append(&record(number))));
        drop(log.sync());
        drop(log.truncate_back(10));
        let (log, report) = open(&disk.power_loss(number)).unwrap();
        let last = log.next_sequence() - 1;
        assert!(last == 40 || last == 10, "found {last}");
        assert!(report.finished_cut.is_none_or(|keep| keep == 10 && last == 10));
        finished += usize::from(report.finished_cut.is_some());
    }
    assert!(finished > 3, "found {finished}");
}

#[test]
fn a_reader_learns_that_its_records_were_cut() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=40).for_each(|number| {
        log.append(&record(number)).unwrap();
    });
    let mut records = log.iter_from(1).unwrap();
    for _ in 0..3 {
        records.next().unwrap().unwrap();
    }
    log.truncate_back(5).unwrap();
    let rest: Vec<_> = records.collect();
    let (last, read) = rest.split_last().unwrap();
    assert!(matches!(last, Err(LogError::CutAway { .. })), "{last:?}");
    let sequences = read.iter().map(|record| record.as_ref().unwrap().sequence());
    assert!(sequences.eq(4..4 + u64::try_from(read.len()).unwrap()));
}
