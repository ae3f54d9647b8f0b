//! Pages of the trie that are dropped from memory are found again, or stay: those that no manifest names yet,
//! and those that only a held version has.

use crate::profile::Broken;
use bmt_core::StateKey;
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_store::{Db, Options, ReadError};

/// So many that the pages of the trie do not fit the smallest cache.
const KEY_COUNT: u64 = 9_000;

fn key(index: u64) -> StateKey {
    StateKey::service_storage(3, &index.to_le_bytes())
}

/// Values so long that no two entries make a bottom subtrie.
fn value(index: u64) -> Vec<u8> {
    index.to_le_bytes().repeat(70)
}

fn made(broken: Broken) -> (SimDisk, Db) {
    let mut options = Options::new()
        .seed(1)
        .memory_bytes(1 << 20)
        .slice_changes_min(1 << 20)
        .log_segment_bytes(1 << 20);
    options.faults = broken.engine;
    options.table_faults = broken.table;
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    for index in 0..KEY_COUNT {
        db.insert(key(index), value(index)).unwrap();
        if index % 300 == 299 {
            db.commit().unwrap();
        }
    }
    db.commit().unwrap();
    db.flush().unwrap();
    (disk, db)
}

/// A checkpoint fails when its manifest is written; whether everything can be read and proved then.
fn reads_go_on(broken: Broken) -> Result<(), ReadError> {
    let (disk, db) = made(broken);
    for index in (0..KEY_COUNT).step_by(2000) {
        db.insert(key(index), value(index + 1)).unwrap();
    }
    // No checkpoint within the commit: the trie's new pages are few enough.
    let before = db.stats().checkpoint_count;
    db.commit().unwrap();
    assert_eq!(db.stats().checkpoint_count, before, "the pages are not stored yet");
    let trace_from = disk.operation_count();
    let number = manifest_write(&disk, trace_from, &db);
    assert!(number.is_some(), "the checkpoint failed at its manifest");
    let session = db.begin_read();
    for index in (0..KEY_COUNT).rev().step_by(5) {
        let expected = if index % 2000 == 0 { value(index + 1) } else { value(index) };
        assert_eq!(session.get(&key(index))?.unwrap(), expected);
        let proof = session.prove(&key(index))?;
        proof.verify_present(&session.root(), &key(index), &expected).unwrap();
    }
    Ok(())
}

/// Lets the next write of the manifest fail, in a checkpoint.
fn manifest_write(disk: &SimDisk, from: u64, db: &Db) -> Option<u64> {
    // The manifest's write is the first one after the batch of the table; found by trying on a copy
    // would need a second engine, so every sync but the last one of the checkpoint is counted instead.
    let syncs = disk.attempts().count(Operation::SyncData);
    // The log is synced already; pages of the ordered store, the table, then the manifest's slot.
    disk.inject(When::Kind(Operation::SyncData, syncs + 2), Fault::Error);
    disk.start_trace();
    db.flush().unwrap_err();
    let trace = disk.take_trace();
    let last = trace.iter().rfind(|entry| entry.operation == Operation::SyncData)?;
    (last.file == "MANIFEST" && last.number >= from).then_some(last.number)
}

#[test]
fn reads_go_on_after_a_manifest_that_could_not_be_stored() {
    reads_go_on(Broken::default()).unwrap();
}

#[test]
fn pages_that_count_as_stored_too_early_are_noticed() {
    let mut broken = Broken::default();
    broken.engine.sets_location_early = true;
    assert!(reads_go_on(broken).is_err(), "the fault goes unnoticed");
}

/// A version is held while every page of the trie is replaced, several times; whether it can be proved from.
fn a_held_version_is_whole(broken: Broken) -> Result<(), ReadError> {
    let (_disk, db) = made(broken);
    let held = db.begin_read();
    for round in 1..5 {
        for index in (0..KEY_COUNT).step_by(60) {
            db.insert(key(index), value(index + round)).unwrap();
        }
        db.commit().unwrap();
        db.flush().unwrap();
        // Other pages take the place of the held ones in memory.
        for index in (round..KEY_COUNT).step_by(90) {
            db.prove(&key(index))?;
        }
    }
    for index in (0..KEY_COUNT).step_by(12) {
        let proof = held.prove(&key(index))?;
        proof.verify_present(&held.root(), &key(index), &value(index)).unwrap();
    }
    Ok(())
}

#[test]
fn a_held_version_finds_its_own_pages() {
    a_held_version_is_whole(Broken::default()).unwrap();
}

#[test]
fn a_table_that_ignores_pins_is_noticed() {
    let mut broken = Broken::default();
    broken.table.no_pins = true;
    let judged = std::panic::catch_unwind(|| a_held_version_is_whole(broken));
    assert!(!matches!(judged, Ok(Ok(()))), "the fault goes unnoticed");
}
