//! A state that has come back is another step: what was prepared on the first is stale, though the roots are equal.

use bmt::{CommitError, Db, StateKey, StateName};

const KEY: StateKey = StateKey::component(1);

#[test]
fn also_when_the_root_is_the_same_again() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let set = |value: &[u8]| {
        db.insert(KEY, value).unwrap();
        db.commit().unwrap()
    };
    let first = set(b"a");
    let prepare = || {
        let mut session = db.begin_write();
        session.insert(StateKey::component(2), b"x").unwrap();
        session.prepare().unwrap()
    };
    let (by_commit, by_rollback, tried) = (prepare(), prepare(), prepare());
    let overlay = prepare().into_overlay();
    set(b"b");
    let again = set(b"a");
    assert_eq!(first.root, again.root);
    let is_told = |error: CommitError, sequence: u64| match error {
        CommitError::Stale { expected, found } => {
            let name = |sequence| StateName { sequence: Some(sequence), root: first.root };
            assert_eq!((*expected, *found), (name(sequence), name(1)));
        }
        error => panic!("{error}"),
    };
    is_told(by_commit.commit().unwrap_err(), 3);
    is_told(tried.try_commit().unwrap_err(), 3);
    is_told(overlay.commit().unwrap_err(), 3);
    // A rollback to the very step makes one of its own, too.
    assert_eq!(db.rollback(2).unwrap().root, first.root);
    is_told(by_rollback.commit_async().unwrap().wait().unwrap_err(), 4);
    assert_eq!((db.sequence(), db.root()), (4, first.root));
    prepare().commit().unwrap();
}
