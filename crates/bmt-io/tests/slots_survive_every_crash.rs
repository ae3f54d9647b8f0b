//! A slot file crashed at every operation holds the record stored last, or the one being stored
//! (INV-SL-01, INV-SL-03).
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use bmt_io::slots::{Slots, SlotsError};
use bmt_io::{Fault, IoError, Operation, SimDisk, When};

const KIND: u32 = 0x600d;
const ROUNDS: u64 = 6;

fn payload(sequence: u64) -> Vec<u8> {
    vec![sequence.try_into().unwrap(); 3000 + usize::try_from(sequence).unwrap()]
}

/// Creates and stores, in both ways in turn; the last sequence number that was acknowledged, or zero.
fn run(disk: &SimDisk) -> u64 {
    let directory = disk.directory();
    let Ok(mut slots) = Slots::create(&*directory, "m", KIND, 1, &payload(1)) else { return 0 };
    for sequence in 2..=ROUNDS {
        let stored = match sequence % 2 {
            0 => slots.store(sequence, &payload(sequence)),
            _ => slots.store_both(sequence, &payload(sequence)),
        };
        if stored.is_err() {
            return sequence - 1;
        }
    }
    ROUNDS
}

/// Whether the record found is one that may be there.
fn is_sound(disk: &SimDisk, acknowledged: u64) -> bool {
    match Slots::open(&*disk.directory(), "m", KIND) {
        Ok((_, record)) => {
            record.payload == payload(record.sequence)
                && (record.sequence == acknowledged || record.sequence == acknowledged + 1)
        }
        Err(SlotsError::Io(IoError::NotFound { .. })) => acknowledged == 0,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_last_record_or_the_next_is_found() {
    let whole = SimDisk::new(0);
    assert_eq!(run(&whole), ROUNDS);
    for number in 0..whole.operation_count() {
        let disk = SimDisk::new(number);
        disk.crash_at(number);
        let acknowledged = run(&disk);
        assert!(is_sound(&disk.process_crash(), acknowledged), "operation {number}");
        for seed in 0..50 {
            let after = disk.power_loss(seed);
            assert!(is_sound(&after, acknowledged), "operation {number}, seed {seed}");
            // Creating again works where the first creation did not get through.
            if acknowledged == 0 && after.read_file("m").is_none() {
                assert_eq!(run(&after), ROUNDS);
            }
        }
    }
}

#[test]
fn after_settling_nothing_is_lost() {
    let disk = SimDisk::new(3);
    let directory = disk.directory();
    let mut slots = Slots::create(&*directory, "m", KIND, 1, b"1").unwrap();
    let syncs = disk.attempts().count(Operation::SyncData);
    disk.inject(When::Kind(Operation::SyncData, syncs), Fault::Crash);
    slots.store(2, b"2").unwrap_err();

    // The process died between write and sync: the record is seen, and a power loss can take it.
    let after = disk.process_crash();
    let (mut slots, record) = Slots::open(&*after.directory(), "m", KIND).unwrap();
    assert_eq!(record.sequence, 2);
    let lost = after.power_loss_losing_all();
    assert_eq!(Slots::open(&*lost.directory(), "m", KIND).unwrap().1.sequence, 1);
    slots.settle().unwrap();
    let kept = after.power_loss_losing_all();
    assert_eq!(Slots::open(&*kept.directory(), "m", KIND).unwrap().1.sequence, 2);
}

#[test]
fn a_crash_in_settling_after_a_failed_sync_loses_nothing() {
    let mut seen_newer = 0;
    for seed in 0..200 {
        let disk = SimDisk::new(seed);
        let directory = disk.directory();
        let mut slots = Slots::create(&*directory, "m", KIND, 1, &payload(1)).unwrap();
        slots.store(2, &payload(2)).unwrap();
        let syncs = disk.attempts().count(Operation::SyncData);
        disk.inject(When::Kind(Operation::SyncData, syncs), Fault::Error);
        slots.store(3, &payload(3)).unwrap_err();
        // A new process finds the record in the page cache, whether the device has it or not.
        let disk = disk.process_crash();
        let (mut slots, record) = Slots::open(&*disk.directory(), "m", KIND).unwrap();
        seen_newer += u64::from(record.sequence == 3);
        disk.crash_at(disk.operation_count() + seed % 4);
        slots.settle().unwrap_err();
        // INV-SL-05: record 2 was acknowledged.
        assert!(is_sound(&disk.power_loss(seed), 2), "seed {seed}");
    }
    assert_eq!(seen_newer, 200);
}

#[test]
fn a_missing_sync_is_caught() {
    let unsound = (0..50).filter(|seed| {
        let disk = SimDisk::new(*seed);
        disk.set_ignore_sync(true);
        let acknowledged = run(&disk);
        let after = disk.power_loss(*seed);
        match Slots::open(&*after.directory(), "m", KIND) {
            Ok((_, record)) => record.sequence < acknowledged,
            Err(_) => true,
        }
    });
    assert!(unsound.count() > 0);
}
