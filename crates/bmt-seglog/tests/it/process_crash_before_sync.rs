//! The process is killed before its `fdatasync`; what the next one reads is only in the page cache.

use crate::model::bytes_of;
use crate::setup::{create, open, options, payloads};
use bmt_io::SimDisk;
use bmt_seglog::{Faults, Log, LogOptions};

fn records() -> Vec<Vec<u8>> {
    (1..=5).map(|number| bytes_of(number, 9000)).collect()
}

/// Kill, reopen, power loss, reopen: what the first reopening showed and what the second one found.
fn reopen_twice(options: &LogOptions) -> (usize, usize) {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    records().iter().for_each(|record| {
        log.append(record).unwrap();
    });
    drop(log);
    let disk = disk.process_crash();
    let (log, report) = Log::open(disk.directory(), options.clone()).unwrap();
    assert_eq!(report.last.sequence, log.synced_through());
    let shown = payloads(&log);
    assert_eq!(shown, records());
    let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
    (shown.len(), payloads(&log).len())
}

#[test]
fn what_a_reopened_log_shows_survives_a_power_loss() {
    assert_eq!(reopen_twice(&options()), (5, 5));
}

#[test]
fn without_the_sync_in_recovery_it_would_not() {
    let faults = Faults { no_recovery_sync: true, ..Faults::default() };
    assert_eq!(reopen_twice(&LogOptions { faults, ..options() }), (5, 0));
}
