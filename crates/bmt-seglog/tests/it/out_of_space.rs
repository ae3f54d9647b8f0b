//! Running out of space before a record is written is a clean error.

use crate::model::bytes_of;
use crate::setup::{create, open, payloads};
use bmt_io::SimDisk;
use bmt_seglog::LogError;

/// Appends until the log has no space, with one segment and one spare.
fn fill(disk: &SimDisk) -> (bmt_seglog::Log, Vec<Vec<u8>>) {
    let log = create(disk);
    disk.set_capacity_bytes(Some(2 * (64 << 10)));
    let mut written = Vec::new();
    loop {
        let record = bytes_of(log.next_sequence(), 5000);
        match log.append_sync(&record) {
            Ok(_) => written.push(record),
            Err(LogError::NoSpace { segment_bytes: 65536, .. }) => return (log, written),
            Err(error) => unreachable!("{error}"),
        }
    }
}

#[test]
fn the_log_stays_usable_and_goes_on_when_there_is_space() {
    let disk = SimDisk::new(1);
    let (log, mut written) = fill(&disk);
    assert_eq!(written.len(), 14, "two segments of seven records: the spare was ready");
    assert!(!log.stats().is_poisoned && !log.stats().spare_is_ready);
    assert_eq!(payloads(&log), written);
    assert!(log.append(b"no").is_ok(), "a small record still fits");
    written.push(b"no".to_vec());
    assert!(matches!(log.append(&bytes_of(0, 100_000)), Err(LogError::NoSpace { .. })));

    disk.set_capacity_bytes(None);
    let large = bytes_of(3, 100_000);
    log.append_sync(&large).unwrap();
    written.push(large);
    let (log, report) = open(&disk.power_loss_losing_all()).unwrap();
    assert_eq!(report.torn_tail, None);
    assert_eq!(payloads(&log), written);
}

#[test]
fn pruning_gives_space_back() {
    let disk = SimDisk::new(1);
    let (log, written) = fill(&disk);
    log.prune_front(log.next_sequence()).unwrap();
    log.append_sync(b"more").unwrap();
    assert_eq!(log.first_sequence(), 8);
    log.append_sync(&bytes_of(9, 20_000)).unwrap();
    let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
    assert_eq!(payloads(&log)[..7], written[7..]);
    assert_eq!(log.next_sequence(), 17);
}

#[test]
fn a_disk_too_small_for_the_first_segment_is_a_clean_error() {
    let disk = SimDisk::new(1);
    disk.set_capacity_bytes(Some(10_000));
    let result = bmt_seglog::Log::create(disk.directory(), crate::setup::options());
    assert!(matches!(result, Err(LogError::NoSpace { .. })));
}
