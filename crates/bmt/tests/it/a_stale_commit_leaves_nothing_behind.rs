//! A commit that lost its race writes nothing: no record, no undo, nothing that opening would find.

use bmt::{CommitError, Db, Options, StateKey};

const KEY: StateKey = StateKey::component(1);

#[test]
fn in_the_log_or_in_the_window() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().seed(4);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    let mut losers = Vec::new();
    for n in 0..20_u8 {
        let mut session = db.begin_write();
        session.insert(KEY, [n; 64]).unwrap();
        losers.push(session.prepare().unwrap().into_overlay());
    }
    db.insert(KEY, b"first").unwrap();
    let first = db.commit().unwrap().root;
    db.insert(KEY, b"second").unwrap();
    let second = db.commit().unwrap().root;
    let before = db.stats();
    for loser in losers.drain(..) {
        assert!(matches!(loser.commit(), Err(CommitError::Stale { .. })));
    }
    let after = db.stats();
    assert_eq!(after.log.append_count, before.log.append_count);
    assert_eq!(after.log.next_sequence, before.log.next_sequence);
    assert_eq!((after.undoable_commits, after.undo_bytes), (2, before.undo_bytes));
    drop(db);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    assert_eq!((db.root(), db.sequence()), (second, 2));
    assert_eq!(db.rollback(1).unwrap().root, first);
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"first");
}
