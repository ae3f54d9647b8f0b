//! A directory is opened where it is, made where that is asked for, and locked by one handle.

use bmt_io::{IoError, IoOptions, open_directory};

#[test]
fn a_missing_directory_is_made_only_on_request() {
    let path = tempfile::tempdir().unwrap();
    let deep = path.path().join("x/y/z");
    let error = open_directory(&deep, &IoOptions::default()).unwrap_err();
    assert!(matches!(error, IoError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains("z"), "{error}");

    let options = IoOptions { create: true, ..IoOptions::default() };
    let directory = open_directory(&deep, &options).unwrap();
    assert_eq!(directory.path(), deep);
    drop(directory.create("a").unwrap());
    let again = open_directory(&deep, &options).unwrap();
    assert_eq!(again.entries().unwrap(), ["a"]);
}

#[test]
fn a_read_only_open_makes_nothing() {
    let path = tempfile::tempdir().unwrap();
    let options = IoOptions { create: true, read_only: true, ..IoOptions::default() };
    assert!(open_directory(&path.path().join("x"), &options).is_err());
    assert!(!path.path().join("x").exists());
}

#[test]
fn a_file_is_not_a_directory() {
    let path = tempfile::tempdir().unwrap();
    std::fs::write(path.path().join("x"), b"").unwrap();
    assert!(open_directory(&path.path().join("x"), &IoOptions::default()).is_err());
}

#[test]
fn two_handles_on_one_directory_share_its_lock() {
    let path = tempfile::tempdir().unwrap();
    let first = open_directory(path.path(), &IoOptions::default()).unwrap();
    let second = open_directory(path.path(), &IoOptions::default()).unwrap();
    let lock = first.try_lock().unwrap();
    let error = second.try_lock().unwrap_err();
    assert!(matches!(error, IoError::Locked { .. }), "{error}");
    drop(first);
    assert!(second.try_lock().is_err(), "the lock is the handle's, not the directory's");
    drop(lock);
    drop(second.try_lock().unwrap());
}
