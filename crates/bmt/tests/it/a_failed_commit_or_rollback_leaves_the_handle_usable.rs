//! A full disk, a rollback too far, a commit too large: the root stays where it is, the handle goes on, and the
//! step can be tried again.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{CommitError, Db, Options, PrepareError, RollbackError, StateKey};
use bmt_io::SimDisk;

const KEY: StateKey = StateKey::component(1);

fn open(disk: &SimDisk) -> Db {
    let options = Options::new().seed(1).commit_bytes_max(500_000).log_segment_bytes(32 << 10);
    Db::open_in(disk.directory(), &options).unwrap()
}

fn used_bytes(disk: &SimDisk) -> u64 {
    disk.list().iter().map(|name| disk.read_file(name).unwrap().len() as u64).sum()
}

#[test]
fn an_overlay_that_found_no_space_is_committed_when_there_is_some() {
    let disk = SimDisk::new(0);
    let db = open(&disk);
    db.insert(KEY, b"small").unwrap();
    let root = db.commit().unwrap().root;
    let mut session = db.begin_write();
    session.insert(KEY, vec![1; 200_000]).unwrap();
    let overlay = session.prepare().unwrap().into_overlay();
    disk.set_capacity_bytes(Some(used_bytes(&disk)));
    for _ in 0..2 {
        assert!(matches!(overlay.commit(), Err(CommitError::NoSpace { .. })));
        assert_eq!((db.root(), db.sequence()), (root, 1));
        assert_eq!(db.get(&KEY).unwrap().unwrap(), b"small");
    }
    disk.set_capacity_bytes(None);
    assert_eq!(overlay.commit().unwrap().sequence, 2);
    assert_eq!(db.root(), overlay.root());
    drop((overlay, db));
    assert_eq!(open(&disk.power_loss(1)).get(&KEY).unwrap().unwrap().len(), 200_000);
}

#[test]
fn a_rollback_too_far_and_one_that_found_no_space() {
    let disk = SimDisk::new(0);
    let db = open(&disk);
    db.insert(KEY, vec![9; 150_000]).unwrap();
    let first = db.commit().unwrap().root;
    db.insert(KEY, b"small").unwrap();
    let second = db.commit().unwrap().root;
    assert!(matches!(db.rollback(9), Err(RollbackError::HistoryTooShort { .. })));
    assert_eq!((db.root(), db.sequence()), (second, 2));
    disk.set_capacity_bytes(Some(used_bytes(&disk)));
    let error = db.rollback(1).unwrap_err();
    assert!(matches!(error, RollbackError::Commit(CommitError::NoSpace { .. })), "{error}");
    assert_eq!((db.root(), db.sequence()), (second, 2));
    assert_eq!(db.stats().undoable_commits, 2);
    disk.set_capacity_bytes(None);
    assert_eq!(db.rollback(1).unwrap().root, first);
    db.insert(KEY, b"on we go").unwrap();
    assert_eq!(db.commit().unwrap().sequence, 4);
}

#[test]
fn a_commit_over_the_limit() {
    let disk = SimDisk::new(0);
    let db = open(&disk);
    let mut session = db.begin_write();
    session.insert(KEY, vec![1; 600_000]).unwrap();
    let overlay = session.prepare().unwrap().into_overlay();
    assert!(matches!(overlay.commit(), Err(CommitError::TooLarge { .. })));
    drop(overlay);
    db.insert(KEY, b"small").unwrap();
    assert_eq!(db.commit().unwrap().sequence, 1);
}

#[test]
fn a_step_over_the_budget_is_refused_until_others_are_gone() {
    let disk = SimDisk::new(0);
    let options = Options::new().seed(1).uncommitted_bytes_max(1 << 20);
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    let step = |length: usize| {
        let mut session = db.begin_write();
        session.insert(KEY, vec![1; length]).unwrap();
        session.prepare()
    };
    let held = step(300_000).unwrap();
    let error = step(300_000).unwrap_err();
    let is_told = matches!(&error, PrepareError::OverBudget(error)
        if error.bytes_max == 1 << 20 && error.used_bytes > 300_000);
    assert!(is_told, "{error}");
    step(1000).unwrap().discard();
    held.discard();
    step(300_000).unwrap().commit().unwrap();
    step(300_000).unwrap().commit().unwrap();
}

#[test]
fn a_failed_write_or_sync_moves_no_root() {
    use bmt_io::{Fault, Operation, When};
    for operation in [Operation::Write, Operation::SyncData] {
        for number in 0..12 {
            let disk = SimDisk::new(0);
            let db = open(&disk);
            db.insert(KEY, b"first").unwrap();
            let root = db.commit().unwrap().root;
            let mut session = db.begin_write();
            session.insert(KEY, b"second").unwrap();
            let overlay = session.prepare().unwrap().into_overlay();
            let done = disk.attempts().count(operation);
            disk.inject(When::Kind(operation, done + number), Fault::Error);
            match overlay.commit() {
                Ok(_) => assert_eq!(db.root(), overlay.root()),
                Err(_) => {
                    assert_eq!((db.root(), db.sequence()), (root, 1));
                    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"first");
                    assert!(overlay.commit().is_err() || db.root() == overlay.root());
                }
            }
        }
    }
}
