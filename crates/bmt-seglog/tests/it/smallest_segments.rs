//! The smallest segments take every record, the empty one too.

use crate::setup::{options, payloads};
use bmt_io::SimDisk;
use bmt_seglog::{Log, LogOptions, SEGMENT_BYTES_MIN};

#[test]
fn an_empty_record_in_a_full_segment_is_there_after_reopening() {
    let disk = SimDisk::new(1);
    let options = LogOptions {
        first_segment_bytes: SEGMENT_BYTES_MIN,
        segment_bytes: SEGMENT_BYTES_MIN,
        ..options()
    };
    let log = Log::create(disk.directory(), options.clone()).unwrap();
    let expected: Vec<Vec<u8>> = (1..=9).map(|number| vec![7; number % 4 * 1000]).collect();
    for payload in &expected {
        log.append_sync(payload).unwrap();
    }
    assert_eq!(log.stats().segment_count, 3, "the fourth record, an empty one, opens a segment");
    drop(log);
    let (log, _) = Log::open(disk.power_loss_losing_all().directory(), options).unwrap();
    assert_eq!(payloads(&log), expected);
}
