//! What a killed import leaves beside the name is taken away by the next, and nothing else is (INV-EX-05).

use crate::support::{exported, files, fill, import, options};
use bmt_io::{IoOptions, SimDisk, open_directory};
use bmt_store::{Db, ImportError, StagingError};
use std::fs;
use std::path::Path;

fn export() -> Vec<u8> {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options()).unwrap();
    fill(&db, 50, 1);
    exported(&db)
}

/// What a process that was killed leaves: a database that is half made, under a lock that nobody holds.
fn leave_unfinished(place: &Path) {
    let outer = place.join("there.unfinished");
    let db = Db::open_with(outer.join("database"), &options()).unwrap();
    fill(&db, 5, 9);
    fs::write(outer.join("LOCK"), "").unwrap();
}

#[test]
fn after_a_crash_the_same_import_succeeds() {
    let place = tempfile::tempdir().unwrap();
    leave_unfinished(place.path());
    let root = import(&export(), &place.path().join("there")).unwrap();
    assert_eq!(files(place.path()).into_keys().collect::<Vec<_>>(), ["there"]);
    assert_eq!(Db::open(place.path().join("there")).unwrap().root(), root);
}

#[test]
fn a_broken_file_leaves_neither_database_nor_remains() {
    let place = tempfile::tempdir().unwrap();
    leave_unfinished(place.path());
    let file = export();
    import(&file[..file.len() - 1], &place.path().join("there")).unwrap_err();
    assert!(files(place.path()).is_empty());
}

#[test]
fn an_import_that_still_goes_on_is_left_alone() {
    let place = tempfile::tempdir().unwrap();
    leave_unfinished(place.path());
    let outer = place.path().join("there.unfinished");
    let lock = open_directory(&outer, &IoOptions::default()).unwrap().try_lock().unwrap();
    let before = files(&outer.join("database"));
    let error = import(&export(), &place.path().join("there")).unwrap_err();
    assert!(matches!(error, ImportError::Staging(StagingError::Locked { .. })), "{error}");
    assert!(files(&outer.join("database")) == before);
    drop(lock);
    import(&export(), &place.path().join("there")).unwrap();
}

#[test]
fn something_else_of_that_name_is_refused_and_kept() {
    let place = tempfile::tempdir().unwrap();
    let outer = place.path().join("there.unfinished");
    for file in ["letter.txt", "database/letter.txt"] {
        fs::create_dir_all(outer.join("database")).unwrap();
        fs::write(outer.join(file), "dear reader").unwrap();
        let error = import(&export(), &place.path().join("there")).unwrap_err();
        assert!(matches!(error, ImportError::Staging(StagingError::Foreign { .. })), "{error}");
        assert_eq!(fs::read(outer.join(file)).unwrap(), b"dear reader");
        assert!(!place.path().join("there").exists());
        fs::remove_dir_all(&outer).unwrap();
    }
    fs::write(&outer, "a file").unwrap();
    import(&export(), &place.path().join("there")).unwrap_err();
    assert_eq!(fs::read(&outer).unwrap(), b"a file");
}
