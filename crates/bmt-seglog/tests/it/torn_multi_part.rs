//! A record in several parts is there whole or not at all.

use crate::model::bytes_of;
use crate::setup::{create, open, payloads};
use bmt_io::SimDisk;

#[test]
fn a_record_over_segments_survives_whole_or_is_cut_at_its_first_part() {
    let (mut whole, mut cut, mut torn) = (0, 0, 0);
    for seed in 0..60 {
        let disk = SimDisk::new(seed);
        let log = create(&disk);
        let (small, large) = (bytes_of(1, 5000), bytes_of(2, 150_000));
        log.append_sync(&small).unwrap();
        log.append(&large).unwrap();
        assert_eq!(log.stats().segment_count, 3);
        drop(log);
        let disk = disk.power_loss(seed);
        let (log, report) = open(&disk).unwrap();
        match payloads(&log).as_slice() {
            [first] => {
                assert_eq!(*first, small);
                assert_eq!(log.stats().segment_count, 1, "the segments after the cut are free");
                cut += 1;
                torn += usize::from(report.torn_tail.is_some_and(|tail| tail.records == 1));
            }
            [first, second] => {
                assert!(*first == small && *second == large);
                whole += 1;
            }
            other => panic!("{} records", other.len()),
        }
        // And the place is clean: the same record fits again, and is the only one.
        let before = log.next_sequence() - 1;
        log.append_sync(&large).unwrap();
        let (log, report) = open(&disk.power_loss(!seed)).unwrap();
        assert_eq!((report.torn_tail, log.next_sequence()), (None, before + 2));
    }
    assert!(whole > 3 && cut > 20 && torn > 10, "{whole} whole, {cut} cut, {torn} torn");
}

#[test]
fn a_durable_record_over_segments_that_lost_a_part_is_damage() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    log.append_sync(&bytes_of(2, 150_000)).unwrap();
    log.append_sync(b"after").unwrap();
    drop(log);
    for file in disk.list() {
        let disk = disk.process_crash();
        let mut bytes = disk.read_file(&file).unwrap();
        bytes[9000] ^= 1;
        disk.write_file(&file, &bytes);
        if disk.list().last() == Some(&file) {
            assert!(open(&disk).is_ok(), "the last file is the spare");
        } else {
            let error = open(&disk).err().unwrap();
            assert!(matches!(error, bmt_seglog::LogError::Corruption { expected: 1, .. }));
        }
    }
}
