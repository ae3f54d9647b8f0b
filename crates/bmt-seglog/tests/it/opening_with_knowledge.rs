//! What the caller knows narrows what opening accepts, and what it reads.

use crate::model::bytes_of;
use crate::setup::{create, options, payloads};
use bmt_io::{Operation, SimDisk};
use bmt_seglog::{Evidence, Log, LogError, LogOptions, Position};

/// Forty records, seven a segment.
fn forty() -> (SimDisk, Vec<Position>) {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    let places = (1..=40).map(|number| log.append_sync(&bytes_of(number, 5000)).unwrap()).collect();
    (disk, places)
}

fn damage(disk: &SimDisk, segment: u64, offset: usize) {
    let file = format!("seglog-{segment:016x}");
    let mut bytes = disk.read_file(&file).unwrap();
    bytes[offset] ^= 0x10;
    disk.write_file(&file, &bytes);
}

#[test]
fn scan_from_reads_less_and_finds_the_same_end() {
    let (disk, places) = forty();
    let scanned = |scan_from| {
        let disk = disk.process_crash();
        let options = LogOptions { scan_from, anchor: Some(places[35]), ..options() };
        let (log, report) = Log::open(disk.directory(), options).unwrap();
        let read = disk.attempts().bytes(Operation::Read);
        assert_eq!((log.first_sequence(), log.next_sequence()), (1, 41));
        assert_eq!(payloads(&log).len(), 40, "records before it can be read all the same");
        (report.records, read)
    };
    let (all, all_bytes) = scanned(0);
    let (some, some_bytes) = scanned(37);
    assert_eq!((all, some), (40, 5));
    assert!(some_bytes * 2 < all_bytes, "{some_bytes} of {all_bytes}");
}

#[test]
fn damage_before_scan_from_is_found_by_reading() {
    let (disk, _) = forty();
    damage(&disk, 1, 9000);
    assert!(matches!(
        Log::open(disk.directory(), options()),
        Err(LogError::Corruption { evidence: Evidence::LaterHeader { through: 39 }, .. })
    ));
    let options = LogOptions { scan_from: 37, ..options() };
    let (log, _) = Log::open(disk.directory(), options).unwrap();
    let found: Vec<_> = log.iter_from(1).unwrap().collect();
    let error = found.last().unwrap().as_ref().unwrap_err();
    assert!(matches!(error, LogError::Corruption { evidence: Evidence::Accepted, .. }));
    assert_eq!(log.iter_from(15).unwrap().filter(Result::is_ok).count(), 26);
}

#[test]
fn a_lost_old_segment_shortens_the_log_and_is_reported() {
    let (disk, _) = forty();
    disk.remove_file("seglog-0000000000000002");
    assert!(matches!(Log::open(disk.directory(), options()), Err(LogError::Corruption { .. })));
    let options = LogOptions { scan_from: 37, ..options() };
    let (log, report) = Log::open(disk.directory(), options.clone()).unwrap();
    assert_eq!((report.stranded_segments, report.first_sequence), (2, 22));
    assert_eq!(payloads(&log).len(), 19);
    let files = disk.list().len();
    log.prune_front(0).unwrap();
    assert_eq!(disk.list().len(), files - 2);
    drop(log);
    let kept = LogOptions { expected_from: 10, ..options };
    assert!(matches!(
        Log::open(disk.directory(), kept),
        Err(LogError::Corruption { evidence: Evidence::CallerFrom { from: 10 }, expected: 10, .. })
    ));
}

#[test]
fn the_loss_of_the_last_durable_record_is_seen_only_by_who_remembers_it() {
    let (disk, _) = forty();
    damage(&disk, 5, 4 * 8192 + 4096 + 100);
    let opened = Log::open(disk.process_crash().directory(), options()).unwrap();
    assert_eq!((opened.0.next_sequence(), opened.1.torn_tail.unwrap().records), (40, 1));
    let options = LogOptions { expected_through: 40, ..options() };
    assert!(matches!(
        Log::open(disk.directory(), options),
        Err(LogError::Corruption {
            evidence: Evidence::CallerThrough { through: 40 },
            expected: 40,
            ..
        })
    ));
}

#[test]
fn an_anchor_of_another_history_is_refused() {
    let (disk, places) = forty();
    let anchor = Some(Position { chain: places[9].chain ^ 1, ..places[9] });
    let options = LogOptions { anchor, ..options() };
    assert!(matches!(
        Log::open(disk.directory(), options),
        Err(LogError::Corruption { evidence: Evidence::CallerAnchor { .. }, expected: 10, .. })
    ));
}

#[test]
fn an_anchor_right_before_the_first_record_that_is_read_is_compared_too() {
    let (disk, places) = forty();
    // Record 8 is the first of the second segment, whose header has the chain value of record 7.
    for (flip, is_refused) in [(0, false), (1, true)] {
        let anchor = Some(Position { chain: places[6].chain ^ flip, ..places[6] });
        let options = LogOptions { anchor, scan_from: 8, ..options() };
        let opened = Log::open(disk.process_crash().directory(), options);
        let is_anchor = |error| {
            matches!(error, LogError::Corruption { evidence: Evidence::CallerAnchor { .. }, .. })
        };
        assert_eq!(opened.err().is_some_and(is_anchor), is_refused);
    }
}

#[test]
fn options_out_of_range_are_refused() {
    let disk = SimDisk::new(1);
    let cases = [
        LogOptions { segment_bytes: 4096, ..options() },
        LogOptions { first_segment_bytes: (64 << 10) + 1, ..options() },
        LogOptions { segment_bytes: 2 << 30, ..options() },
        LogOptions { record_bytes_max: 5 << 32, ..options() },
        LogOptions { first_sequence: 0, ..options() },
    ];
    for options in cases {
        let refused = Log::create(disk.directory(), options);
        assert!(matches!(refused, Err(LogError::InvalidOption { .. })), "{refused:?}");
    }
    assert!(disk.list().is_empty());
}

#[test]
fn a_record_over_the_limit_is_refused_and_a_log_can_start_anywhere() {
    let disk = SimDisk::new(1);
    let options = LogOptions { record_bytes_max: 10, first_sequence: 500, ..options() };
    let log = Log::create(disk.directory(), options.clone()).unwrap();
    assert!(matches!(
        log.append(&[0; 11]),
        Err(LogError::RecordTooLarge { record_bytes: 11, limit_bytes: 10 })
    ));
    assert_eq!(log.append_sync(&[0; 10]).unwrap().sequence, 500);
    let (log, _) = Log::open(disk.directory(), options).unwrap();
    assert_eq!((log.first_sequence(), log.next_sequence()), (500, 501));
}
