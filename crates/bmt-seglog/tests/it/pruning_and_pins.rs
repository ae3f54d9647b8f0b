//! Pruning drops whole old segments, except what is pinned, and uses them again.

use crate::model::bytes_of;
use crate::setup::{create, open, payloads};
use bmt_io::SimDisk;
use bmt_seglog::{Log, LogError};

fn filled(disk: &SimDisk, count: u64) -> Log {
    let log = create(disk);
    (1..=count).for_each(|number| {
        log.append_sync(&bytes_of(number, 5000)).unwrap();
    });
    log
}

#[test]
fn records_from_the_given_one_on_stay() {
    for keep_from in [1, 7, 8, 9, 30, 40, 41, 1000] {
        let disk = SimDisk::new(keep_from);
        let log = filled(&disk, 40);
        log.prune_front(keep_from).unwrap();
        // Seven records a segment, so the oldest is one more than a multiple of seven.
        let first = (keep_from.min(36) - 1) / 7 * 7 + 1;
        assert_eq!(log.first_sequence(), first);
        let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
        assert_eq!((log.first_sequence(), log.next_sequence()), (first, 41));
        let gone = log.iter_from(first - 1);
        assert!(first == 1 || matches!(gone, Err(LogError::NotInLog { .. })));
        assert_eq!(payloads(&log).len(), usize::try_from(41 - first).unwrap());
    }
}

#[test]
fn records_that_are_not_durable_stay() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=40).for_each(|number| {
        log.append(&bytes_of(number, 5000)).unwrap();
    });
    log.prune_front(40).unwrap();
    assert_eq!(log.first_sequence(), 1);
}

#[test]
fn pins_and_readers_hold_segments() {
    let disk = SimDisk::new(1);
    let log = filled(&disk, 40);
    let reader = log.iter_from(12).unwrap();
    let pin = log.pin(20);
    assert_eq!((pin.sequence(), log.stats().pin_count), (20, 2));
    log.prune_front(41).unwrap();
    assert_eq!(log.first_sequence(), 8);
    assert_eq!(reader.map(|record| record.unwrap().sequence()).collect::<Vec<_>>().len(), 29);
    log.prune_front(41).unwrap();
    assert_eq!(log.first_sequence(), 15);
    drop(pin);
    log.prune_front(41).unwrap();
    assert_eq!((log.first_sequence(), log.stats().pin_count), (36, 0));
}

#[test]
fn a_log_that_is_pruned_lives_in_few_files() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    for number in 1..=500 {
        log.append_sync(&bytes_of(number, 5000)).unwrap();
        log.prune_front(number).unwrap();
        assert!(disk.list().len() <= 4, "{:?}", disk.list());
    }
    let stats = log.stats();
    assert!(stats.recycled_count > 60, "{stats:?}");
    assert_eq!(stats.commit_sync_count, 500);
    let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
    assert_eq!(log.next_sequence(), 501);
}
