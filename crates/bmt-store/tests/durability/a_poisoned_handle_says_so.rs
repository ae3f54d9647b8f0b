//! Writing is over after a failure whose outcome is unknown: `flush`, `sync` and `close` say so too, also when they
//! have nothing to do.
use crate::support::options;
use bmt_core::StateKey;
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_store::{CheckpointError, CloseError, CommitError, Db};

const KEY: StateKey = StateKey::component(1);

fn fail_next(disk: &SimDisk, operation: Operation) {
    disk.inject(When::Kind(operation, disk.attempts().count(operation)), Fault::Error);
}

#[test]
fn after_a_failed_commit() {
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    db.insert(KEY, b"durable").unwrap();
    db.commit().unwrap();
    db.flush().unwrap();
    db.insert(KEY, b"maybe").unwrap();
    fail_next(&disk, Operation::SyncData);
    assert!(matches!(db.commit(), Err(CommitError::OutcomeUnknown { .. })));
    assert_eq!(db.stats().checkpoint_sequence, db.sequence(), "nothing is to be written");
    let flushed = db.flush().unwrap_err();
    assert!(matches!(flushed, CheckpointError::Poisoned { .. }), "{flushed}");
    assert!(matches!(db.sync(), Err(CommitError::Poisoned { .. })));
    assert!(db.stats().poison.is_some_and(|reason| reason.contains("sync data")));
    let before = disk.operation_count();
    let closed = db.close().unwrap_err();
    assert!(matches!(closed, CloseError::Checkpoint(CheckpointError::Poisoned { .. })), "{closed}");
    assert_eq!(disk.operation_count(), before, "nothing more is written");
}

/// A segment is prepared after the commit that took the last one: nobody was told of that failure.
#[test]
fn after_a_failure_beside_commits() {
    let disk = SimDisk::new(0);
    let options = options().log_segment_bytes(64 << 10).checkpoint_log_bytes(1 << 30);
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    let is_met = (0_u64..400).any(|round| {
        db.insert(KEY, round.to_le_bytes()).unwrap();
        // The first sync is that of the commit.
        let next = disk.attempts().count(Operation::SyncData);
        disk.inject(When::Kind(Operation::SyncData, next + 1), Fault::Error);
        db.commit().unwrap();
        disk.clear_faults() == 0
    });
    assert!(is_met, "a segment was prepared");
    let synced = db.sync().unwrap_err();
    assert!(matches!(synced, CommitError::Poisoned { .. }), "{synced}");
    assert!(matches!(db.flush(), Err(CheckpointError::Poisoned { .. })));
}
