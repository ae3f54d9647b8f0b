//! A segment whose header is damaged is reported, and its records are not destroyed.

use crate::model::bytes_of;
use crate::setup::{FIRST, create, open, options, payloads};
use bmt_io::SimDisk;
use bmt_seglog::{Evidence, Log, LogError, LogOptions};

/// Forty records, seven a segment, and one bit wrong in the header of the oldest segment.
fn with_damaged_first_header() -> SimDisk {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=40).for_each(|number| {
        log.append_sync(&bytes_of(number, 5000)).unwrap();
    });
    drop(log);
    let mut bytes = disk.read_file(FIRST).unwrap();
    bytes[40] ^= 1;
    disk.write_file(FIRST, &bytes);
    disk
}

#[test]
fn the_oldest_one_is_reported_to_a_caller_that_remembers_nothing() {
    let disk = with_damaged_first_header();
    let before = disk.read_file(FIRST);
    let refused = open(&disk);
    assert!(
        matches!(
            &refused,
            Err(LogError::Corruption { file, expected: 1, evidence: Evidence::Structure, .. })
                if file == FIRST
        ),
        "{refused:?}"
    );
    assert_eq!(disk.read_file(FIRST), before, "nothing was written");
}

#[test]
fn one_that_is_not_needed_is_left_alone_until_the_next_pruning() {
    let cases =
        [LogOptions { scan_from: 8, ..options() }, LogOptions { expected_from: 8, ..options() }];
    for options in cases {
        let disk = with_damaged_first_header();
        let before = disk.read_file(FIRST);
        let (log, report) = Log::open(disk.directory(), options).unwrap();
        assert_eq!((report.stranded_segments, report.torn_tail), (1, None));
        assert_eq!((payloads(&log).len(), disk.read_file(FIRST)), (33, before));
        log.prune_front(0).unwrap();
        assert_eq!(disk.read_file(FIRST), None);
    }
}
