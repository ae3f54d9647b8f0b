//! Once preparing has ended, nothing is written that nobody asked for, and appending goes on.

use crate::setup::{options, payloads};
use bmt_io::SimDisk;
use bmt_seglog::{Log, LogOptions, SEGMENT_BYTES_MIN, SpareMode};

#[test]
fn nothing_is_written_any_more_and_records_go_on() {
    let disk = SimDisk::new(1);
    let options = LogOptions {
        first_segment_bytes: SEGMENT_BYTES_MIN,
        segment_bytes: SEGMENT_BYTES_MIN,
        spare: SpareMode::Background,
        ..options()
    };
    let log = Log::create(disk.directory(), options.clone()).unwrap();
    let mut expected: Vec<Vec<u8>> = (0..20).map(|number| vec![number; 5_000]).collect();
    for payload in &expected {
        log.append_sync(payload).unwrap();
    }
    log.end_preparing();
    let before = disk.operation_count();
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(disk.operation_count(), before);
    log.end_preparing();
    for number in 20..30 {
        expected.push(vec![number; 5_000]);
        log.append_sync(&expected[usize::from(number)]).unwrap();
    }
    drop(log);
    let (log, _) = Log::open(disk.power_loss_losing_all().directory(), options).unwrap();
    assert_eq!(payloads(&log), expected);
}
