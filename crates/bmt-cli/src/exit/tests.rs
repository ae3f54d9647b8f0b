//! Tests of the exit statuses that no test of the program can provoke.

use super::*;
use bmt::{Corruption, Db};

fn unknown_outcome() -> CommitError {
    CommitError::OutcomeUnknown { sequence: 7, reason: "fdatasync failed".to_owned() }
}

#[test]
fn a_commit_that_may_have_failed_is_a_failure_of_io() {
    assert_eq!(Failure::from(unknown_outcome()).status(), Status::Io);
    assert_eq!(Failure::from(RollbackError::Commit(unknown_outcome())).status(), Status::Io);
    let source = Error::Commit(unknown_outcome());
    let failure = Failure::AtLine { file: "a.jsonl".to_owned(), line_number: 3, source };
    assert_eq!(failure.status(), Status::Io);
    assert!(failure.to_string().starts_with("a.jsonl:3: "), "{failure}");
}

#[test]
fn what_is_too_large_is_wrong_input() {
    let value = WriteError::ValueTooLarge { length_bytes: 2, max_bytes: 1 };
    assert_eq!(Failure::from(value).status(), Status::Usage);
    let commit = || CommitError::TooLarge { bytes: 2, max_bytes: 1 };
    assert_eq!(Failure::from(commit()).status(), Status::Usage);
    assert_eq!(Failure::from(RollbackError::Commit(commit())).status(), Status::Usage);
}

/// Damage as a database tells it.
fn damage() -> Corruption {
    let directory = tempfile::tempdir().unwrap();
    Db::open(directory.path()).unwrap().close().unwrap();
    let manifest = directory.path().join("MANIFEST");
    let length = std::fs::metadata(&manifest).unwrap().len();
    std::fs::write(manifest, vec![7; usize::try_from(length).unwrap()]).unwrap();
    match Db::open(directory.path()) {
        Err(OpenError::Corruption(damage)) => damage,
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn damage_is_damage_whichever_operation_meets_it() {
    let through_close = |read| Failure::from(CloseError::Checkpoint(CheckpointError::Read(read)));
    let through_rollback = |read| Failure::from(RollbackError::Commit(CommitError::Read(read)));
    let through_open = |read| Failure::from(OpenError::Checkpoint(CheckpointError::Read(read)));
    for through in [through_close, through_rollback, through_open] {
        assert_eq!(through(damage().into()).status(), Status::Corruption);
        assert_eq!(through(ReadError::SnapshotExpired).status(), Status::Io);
    }
}

#[test]
fn another_version_or_scheme_is_wrong_usage() {
    let version =
        OpenError::UnsupportedVersion { file: "MANIFEST".to_owned(), found: 2, supported: 1 };
    assert_eq!(Failure::from(version).status(), Status::Usage);
    let features = OpenError::UnsupportedFeatures { file: "MANIFEST".to_owned(), found: 2 };
    assert_eq!(Failure::from(features).status(), Status::Usage);
    let scheme = OpenError::SchemeMismatch { stored: 2, asked: 1 };
    assert_eq!(Failure::from(scheme).status(), Status::Usage);
}

#[test]
fn a_reader_that_goes_away_is_no_failure_but_for_apply() {
    let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
    assert_eq!(Failure::Output(broken()).status(), Status::Done);
    assert_eq!(Failure::Output(io::ErrorKind::StorageFull.into()).status(), Status::Io);
    let failure =
        Failure::Acknowledgement { file: "-".to_owned(), line_number: 2, source: broken() };
    assert_eq!(failure.status(), Status::Io);
}
