//! A database that is opened for reading only keeps every byte, whatever recovery it needs.

use crate::support::{check, entries, files, fill, key, options};
use bmt_core::{Hash, StateKey};
use bmt_store::{
    BulkLoadError, CheckpointError, CommitError, Db, OpenError, Options, RollbackError, WriteError,
};
use std::fs;
use std::path::Path;

fn open(path: &Path) -> Db {
    Db::open_with(path, &Options::new().memory_bytes(1 << 20).read_only(true)).unwrap()
}

/// Reads all there is in every way, and compares the directory before and after.
#[track_caller]
fn reads_without_a_change(path: &Path, root: &Hash, expected: &[(StateKey, Vec<u8>)]) {
    let before = files(path);
    {
        let db = open(path);
        assert_eq!(db.root(), *root);
        assert!(entries(&db) == expected);
        if let Some((key, value)) = expected.first() {
            assert!(db.get(key).unwrap().unwrap() == *value);
            db.prove(key).unwrap().verify_present(root, key, value).unwrap();
        }
        check(&db);
        assert_eq!(db.stats().pending_changes, 0);
        db.close().unwrap();
    }
    assert!(files(path) == before, "no byte of the directory changes");
}

#[test]
fn of_a_database_that_was_closed() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path(), &options()).unwrap();
    let root = fill(&db, 2000, 1);
    let expected = entries(&db);
    db.close().unwrap();
    reads_without_a_change(place.path(), &root, &expected);
}

#[test]
fn of_one_whose_log_must_be_applied() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path(), &Options::new()).unwrap();
    fill(&db, 500, 1);
    db.flush().unwrap();
    // More than the reader's buffer holds.
    for round in 2..6 {
        fill(&db, 1000, round);
    }
    let (root, expected) = (db.root(), entries(&db));
    drop(db);
    reads_without_a_change(place.path(), &root, &expected);
    let reader = open(place.path());
    assert_eq!(reader.stats().recovery.replayed_steps, 4);
}

#[test]
fn of_one_whose_last_record_is_torn() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path(), &options()).unwrap();
    let root = fill(&db, 20, 1);
    let expected = entries(&db);
    fill(&db, 300, 2);
    drop(db);
    // The last byte of the last record that is not zero.
    let log = |name: &&String| name.starts_with("seglog-");
    let (name, mut bytes) = {
        let files = files(place.path());
        let written = |name: &&String| files[*name].starts_with(b"BMTLGSEG");
        let name = files.keys().filter(log).find(written).unwrap();
        (name.clone(), files[name].clone())
    };
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[last] ^= 1;
    fs::write(place.path().join(&name), &bytes).unwrap();
    reads_without_a_change(place.path(), &root, &expected);
    let reader = open(place.path());
    assert!(reader.stats().recovery.torn_tail_bytes > 0);
    drop(reader);
    assert_eq!(Db::open(place.path()).unwrap().root(), root);
}

#[test]
fn of_one_with_a_damaged_slot_of_the_manifest() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path(), &options()).unwrap();
    let root = fill(&db, 20, 1);
    let expected = entries(&db);
    db.close().unwrap();
    let manifest = place.path().join("MANIFEST");
    let mut bytes = fs::read(&manifest).unwrap();
    bytes[60] ^= 1;
    fs::write(&manifest, bytes).unwrap();
    reads_without_a_change(place.path(), &root, &expected);
    assert!(open(place.path()).stats().recovery.damaged_manifest_slot.is_some());
}

#[test]
fn readers_share_and_exclude_a_writer() {
    let place = tempfile::tempdir().unwrap();
    let writer = Db::open(place.path()).unwrap();
    let locked = |options: &Options| {
        let error = Db::<bmt_core::GrayPaper>::open_with(place.path(), options).unwrap_err();
        matches!(error, OpenError::Locked { .. })
    };
    assert!(locked(&Options::new().read_only(true)));
    drop(writer);
    let readers = [open(place.path()), open(place.path())];
    assert!(locked(&Options::new()));
    drop(readers);
    Db::open(place.path()).unwrap();
}

#[test]
fn whatever_would_write_says_that_it_is_read_only() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path(), &options()).unwrap();
    let root = fill(&db, 20, 1);
    drop(db);
    let before = files(place.path());
    let db = Db::open_read_only(place.path()).unwrap();
    assert_eq!(db.insert(key(1), b"x").unwrap_err(), WriteError::ReadOnly);
    assert_eq!(db.delete(&key(1)).unwrap_err(), WriteError::ReadOnly);
    assert!(matches!(db.commit().unwrap_err(), CommitError::ReadOnly));
    assert!(matches!(db.flush().unwrap_err(), CheckpointError::ReadOnly));
    let error = db.rollback(1).unwrap_err();
    assert!(matches!(error, RollbackError::Commit(CommitError::ReadOnly)), "{error}");
    let error = db.bulk_load([(key(1), b"x")]).unwrap_err();
    assert!(matches!(error, BulkLoadError::Checkpoint(CheckpointError::ReadOnly)), "{error}");
    // What a commit would give can be asked for all the same.
    let mut session = db.begin_write();
    session.insert(key(1), b"x").unwrap();
    let prepared = session.prepare().unwrap();
    assert_ne!(prepared.root(), root);
    assert!(matches!(prepared.commit().unwrap_err(), CommitError::ReadOnly));
    assert_eq!(db.root(), root);
    drop(db);
    assert!(files(place.path()) == before);
}

#[test]
fn nothing_is_made_where_there_is_no_database() {
    let place = tempfile::tempdir().unwrap();
    let missing = place.path().join("missing");
    for path in [place.path(), &missing] {
        let error = Db::open_read_only(path).unwrap_err();
        assert!(matches!(error, OpenError::NotFound { .. }), "{error}");
    }
    assert!(files(place.path()).is_empty());
}

#[test]
fn a_copy_without_the_empty_lock_file_gets_one() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path(), &options()).unwrap();
    let root = fill(&db, 20, 1);
    drop(db);
    fs::remove_file(place.path().join("LOCK")).unwrap();
    let reader = open(place.path());
    assert_eq!(reader.root(), root);
    assert!(matches!(Db::open(place.path()).unwrap_err(), OpenError::Locked { .. }));
}
