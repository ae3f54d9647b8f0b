//! The log on real files, with the thread that prepares spares.

use crate::model::bytes_of;
use crate::setup::payloads;
use bmt_io::{IoOptions, open_directory};
use bmt_seglog::{Log, LogOptions};
use std::sync::Arc;

#[test]
fn it_is_written_pruned_cut_and_reopened() {
    let temp = tempfile::tempdir().unwrap();
    let directory = open_directory(temp.path(), &IoOptions::default()).unwrap();
    let options = LogOptions {
        first_segment_bytes: 64 << 10,
        segment_bytes: 256 << 10,
        ..LogOptions::new(1)
    };
    let log = Log::create(Arc::clone(&directory), options.clone()).unwrap();
    for number in 1..=300 {
        log.append_sync(&bytes_of(number, 5000)).unwrap();
    }
    log.append_sync(&bytes_of(301, 1 << 20)).unwrap();
    log.prune_front(200).unwrap();
    log.truncate_back(250).unwrap();
    drop(log);
    let (log, report) = Log::open(directory, options).unwrap();
    assert_eq!((report.torn_tail, report.last.sequence), (None, 250));
    let first = log.first_sequence();
    assert!(first > 100 && first <= 200);
    let expected: Vec<_> = (first..=250).map(|number| bytes_of(number, 5000)).collect();
    assert!(payloads(&log) == expected);
}
