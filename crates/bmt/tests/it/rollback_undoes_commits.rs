//! Rolling back, also after reopening and after other rollbacks.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, EMPTY_ROOT, Hash, Options, RollbackError, StateKey};

const KEY: StateKey = StateKey::component(1);

/// Commits the values 1 to `count` of one key and returns the roots, that of the empty state first.
fn commits(db: &Db, count: u8) -> Vec<Hash> {
    let commit = |n| {
        db.insert(KEY, [n]).unwrap();
        db.insert(StateKey::service_storage(1, &[n]), b"kept").unwrap();
        db.commit().unwrap().root
    };
    [db.root()].into_iter().chain((1..=count).map(commit)).collect()
}

#[test]
fn it_restores_values_and_roots_one_by_one_or_many_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let roots = commits(&db, 6);
    assert_eq!(db.rollback(1).unwrap().root, roots[5]);
    assert_eq!(db.get(&KEY).unwrap().unwrap(), [5][..]);
    assert_eq!(db.get(&StateKey::service_storage(1, &[6])).unwrap(), None);
    let commit = db.rollback(3).unwrap();
    assert_eq!((commit.sequence, commit.previous_root, commit.root), (8, roots[5], roots[2]));
    assert_eq!(db.rollback(2).unwrap().root, EMPTY_ROOT);
    assert_eq!(db.get(&KEY).unwrap(), None);
}

#[test]
fn zero_only_drops_pending_changes() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let roots = commits(&db, 2);
    db.insert(KEY, b"pending").unwrap();
    let commit = db.rollback(0).unwrap();
    assert_eq!((commit.sequence, commit.root), (2, roots[2]));
    assert_eq!(db.get(&KEY).unwrap().unwrap(), [2][..]);
    assert_eq!(db.sequence(), 2, "no step was made");
}

#[test]
fn it_drops_pending_changes_too() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let roots = commits(&db, 2);
    db.insert(KEY, b"pending").unwrap();
    db.rollback(1).unwrap();
    assert_eq!(db.get(&KEY).unwrap().unwrap(), [1][..]);
    assert_eq!(db.pending_root().unwrap(), roots[1]);
}

#[test]
fn too_far_is_an_error_that_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let roots = commits(&db, 2);
    db.insert(KEY, b"pending").unwrap();
    let error = db.rollback(3).unwrap_err();
    assert!(matches!(error, RollbackError::HistoryTooShort { asked: 3, held: 2 }), "{error}");
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"pending");
    assert_eq!(db.root(), roots[2]);
}

#[test]
fn rollback_commit_rollback_rollback_goes_further_back() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let roots = commits(&db, 3);
    db.rollback(1).unwrap();
    db.insert(KEY, b"again").unwrap();
    db.commit().unwrap();
    assert_eq!(db.rollback(1).unwrap().root, roots[2]);
    assert_eq!(db.rollback(1).unwrap().root, roots[1]);
}

#[test]
fn the_chain_survives_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let mut db = Db::open(directory.path()).unwrap();
    let roots = commits(&db, 5);
    db.rollback(2).unwrap();
    db.insert(KEY, b"fork").unwrap();
    db.commit().unwrap();
    for expected in [3, 2, 1, 0] {
        drop(db);
        db = Db::open(directory.path()).unwrap();
        assert_eq!(db.rollback(1).unwrap().root, roots[expected]);
    }
    drop(db);
    let db = Db::open(directory.path()).unwrap();
    assert_eq!(db.root(), EMPTY_ROOT, "everything rolled back stays rolled back");
    assert!(db.rollback(1).is_err());
}

#[test]
fn the_window_is_bounded_in_commits() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().rollback_commits_max(3);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    let roots = commits(&db, 5);
    assert!(db.rollback(4).is_err());
    assert_eq!(db.stats().undoable_commits, 3);
    assert_eq!(db.rollback(3).unwrap().root, roots[2]);
    assert!(db.rollback(1).is_err());
}

#[test]
fn the_window_is_bounded_in_bytes() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().rollback_bytes_max(100_000);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    for n in 0..5 {
        db.insert(KEY, vec![n; 40_000]).unwrap();
        db.commit().unwrap();
    }
    let stats = db.stats();
    assert!(stats.undoable_commits < 4 && stats.undoable_commits > 0, "{stats:?}");
    assert!(stats.undo_bytes <= 100_000);
}
