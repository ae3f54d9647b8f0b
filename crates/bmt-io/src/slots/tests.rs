//! What loading reports, and what storing refuses.

use super::{LoadedRecord, OtherSlot, SLOT_BYTES, SLOT_PAYLOAD_BYTES_MAX, SlotDamage};
use super::{Slots, SlotsError};
use crate::{Fault, IoError, Operation, SimDisk, When};

const KIND: u32 = 7;

fn created(disk: &SimDisk) -> Slots {
    Slots::create(&*disk.directory(), "m", KIND, 1, b"one").unwrap()
}

fn load(disk: &SimDisk) -> Result<LoadedRecord, SlotsError> {
    Slots::open(&*disk.directory(), "m", KIND).map(|(_, record)| record)
}

fn record(sequence: u64, payload: &[u8], other: OtherSlot) -> LoadedRecord {
    LoadedRecord { sequence, payload: payload.to_vec(), other }
}

fn damage(disk: &SimDisk, at: usize) {
    let mut bytes = disk.read_file("m").unwrap();
    bytes[at] ^= 1;
    disk.write_file("m", &bytes);
}

#[test]
fn the_newest_record_is_loaded_and_the_other_one_told() {
    let disk = SimDisk::new(0);
    let mut slots = created(&disk);
    assert_eq!(load(&disk).unwrap(), record(1, b"one", OtherSlot::Same));
    slots.store(2, b"two").unwrap();
    assert_eq!(load(&disk).unwrap(), record(2, b"two", OtherSlot::Older { sequence: 1 }));
    slots.store(5, b"five").unwrap();
    assert_eq!(load(&disk).unwrap(), record(5, b"five", OtherSlot::Older { sequence: 2 }));
    slots.store_both(6, b"six").unwrap();
    assert_eq!(load(&disk).unwrap(), record(6, b"six", OtherSlot::Same));
    assert_eq!((slots.sequence(), slots.payload()), (6, b"six".as_slice()));
    assert_eq!(disk.read_file("m").unwrap().len(), 2 * SLOT_BYTES);
}

/// INV-SL-01, INV-SL-03.
#[test]
fn a_damaged_slot_leaves_the_other() {
    for (at, sequence) in [(100, 2), (SLOT_BYTES + 100, 1)] {
        let disk = SimDisk::new(0);
        created(&disk).store(2, b"two").unwrap();
        damage(&disk, at);
        let loaded = load(&disk).unwrap();
        assert_eq!(loaded.sequence, sequence);
        assert!(matches!(loaded.other, OtherSlot::Damaged(SlotDamage::Checksum { .. })));
        let (mut slots, _) = Slots::open(&*disk.directory(), "m", KIND).unwrap();
        slots.settle().unwrap();
        assert_eq!(load(&disk).unwrap().other, OtherSlot::Same);
    }
}

#[test]
fn both_damaged_is_an_error_with_both_reasons() {
    let disk = SimDisk::new(0);
    created(&disk);
    damage(&disk, 0);
    let mut bytes = disk.read_file("m").unwrap();
    bytes.truncate(SLOT_BYTES + 100);
    disk.write_file("m", &bytes);
    match load(&disk).unwrap_err() {
        SlotsError::NoValidSlot { file, first, second } => {
            assert_eq!((&*file, first, second), ("m", SlotDamage::Magic, SlotDamage::Empty));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn records_that_are_not_ours_are_refused_and_not_taken_for_damage() {
    let disk = SimDisk::new(0);
    created(&disk);
    let error = Slots::open(&*disk.directory(), "m", KIND + 1).unwrap_err();
    assert!(matches!(error, SlotsError::WrongKind { expected: 8, found: 7, .. }), "{error}");

    let other = SimDisk::new(0);
    Slots::create(&*other.directory(), "m", KIND, 1, b"eno").unwrap();
    let mut mixed = disk.read_file("m").unwrap();
    mixed[SLOT_BYTES..].copy_from_slice(&other.read_file("m").unwrap()[SLOT_BYTES..]);
    disk.write_file("m", &mixed);
    let error = load(&disk).unwrap_err();
    assert!(matches!(error, SlotsError::Conflict { sequence: 1, .. }), "{error}");
}

/// INV-SL-04.
#[test]
fn what_does_not_fit_or_follow_is_refused_and_changes_nothing() {
    let disk = SimDisk::new(0);
    let mut slots = created(&disk);
    let long = vec![0; SLOT_PAYLOAD_BYTES_MAX + 1];
    assert!(matches!(slots.store(2, &long), Err(SlotsError::TooLong { len_bytes: 3585 })));
    assert!(matches!(slots.store(1, b"x"), Err(SlotsError::NotNewer { newest: 1, .. })));
    slots.store(2, &long[1..]).unwrap();
    assert_eq!(load(&disk).unwrap().payload.len(), SLOT_PAYLOAD_BYTES_MAX);
    let error = Slots::create(&*disk.directory(), "m", KIND, 9, b"").unwrap_err();
    assert!(matches!(error, SlotsError::Io(IoError::AlreadyExists { .. })), "{error}");
}

#[test]
fn a_failed_store_poisons_the_handle() {
    for kind in [Operation::Write, Operation::SyncData] {
        let disk = SimDisk::new(0);
        let mut slots = created(&disk);
        disk.inject(When::Kind(kind, disk.attempts().count(kind)), Fault::Error);
        assert!(matches!(slots.store(2, b"two"), Err(SlotsError::Io(_))));
        assert!(matches!(slots.store(3, b"three"), Err(SlotsError::Poisoned { .. })));
        assert!(matches!(slots.settle(), Err(SlotsError::Poisoned { .. })));
        let loaded = load(&disk).unwrap();
        assert!([1, 2].contains(&loaded.sequence));
    }
}

/// INV-SL-02.
#[test]
fn the_second_slot_is_written_when_the_first_is_durable() {
    let disk = SimDisk::new(0);
    let mut slots = created(&disk);
    let writes = disk.attempts().count(Operation::Write);
    disk.inject(When::Kind(Operation::Write, writes + 1), Fault::Crash);
    slots.store_both(2, b"two").unwrap_err();
    for seed in 0..50 {
        assert_eq!(load(&disk.power_loss(seed)).unwrap().sequence, 2);
    }
}
