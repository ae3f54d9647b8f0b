//! A chain of overlays that is committed is in the database link by link, after reopening too.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{CommitError, Db, GrayPaper, Options, Overlay, StateKey, WriteOptions};

const A: StateKey = StateKey::component(1);
const B: StateKey = StateKey::component(2);

fn step(
    db: &Db,
    parent: Option<&Overlay<GrayPaper>>,
    changes: &[(StateKey, Option<&[u8]>)],
) -> Overlay<GrayPaper> {
    let options = parent.map_or_else(WriteOptions::new, |parent| WriteOptions::new().on(parent));
    let mut session = db.begin_write_with(&options).unwrap();
    for (key, value) in changes {
        match value {
            Some(value) => session.insert(*key, *value).unwrap(),
            None => session.delete(key),
        }
    }
    session.prepare().unwrap().into_overlay()
}

#[test]
fn a_child_is_not_committed_without_its_parent() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let chain = [step(&db, None, &[(A, Some(b"one"))])];
    let second = step(&db, Some(&chain[0]), &[(B, Some(b"two"))]);
    let third = step(&db, Some(&second), &[(A, None)]);
    let error = third.commit().unwrap_err();
    let is_told = matches!(&error, CommitError::ParentNotCommitted(error)
        if error.ancestor_count == 2);
    assert!(is_told, "{error}");
    assert_eq!(db.sequence(), 0);
    let roots = [&chain[0], &second, &third].map(|overlay| overlay.commit().unwrap().root);
    drop((chain, second, third, db));
    let db = Db::open(directory.path()).unwrap();
    assert_eq!((db.sequence(), db.root()), (3, roots[2]));
    assert_eq!(db.get(&B).unwrap().unwrap(), b"two");
    assert_eq!(db.begin_read_at(&roots[0]).unwrap().get(&A).unwrap().unwrap(), b"one");
    assert_eq!(db.begin_read_at(&roots[1]).unwrap().get(&B).unwrap().unwrap(), b"two");
}

#[test]
fn rolling_back_one_of_two_links_restores_the_first() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_with(directory.path(), &Options::new().seed(2)).unwrap();
    let first = step(&db, None, &[(A, Some(b"value")), (B, Some(b"kept"))]);
    let second = step(&db, Some(&first), &[(A, None)]);
    first.commit().unwrap();
    second.commit().unwrap();
    assert_eq!(db.get(&A).unwrap(), None);
    assert_eq!(db.rollback(1).unwrap().root, first.root());
    assert_eq!(db.get(&A).unwrap().unwrap(), b"value");
    drop((first, second));
    db.close().unwrap();
    let db = Db::open(directory.path()).unwrap();
    assert_eq!(db.get(&A).unwrap().unwrap(), b"value");
    db.prove(&A).unwrap().verify_present(&db.root(), &A, b"value").unwrap();
}
