//! The bulk form refuses what is not sorted, given twice, wrong about the value before, or too long.

use bmt::{Access, Db, Lookup, PrepareError, StateKey, WriteOptions};

const A: StateKey = StateKey::component(1);
const B: StateKey = StateKey::component(2);
const C: StateKey = StateKey::component(3);

#[test]
fn each_fault_is_told_and_changes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(A, b"a").unwrap();
    let root = db.commit().unwrap().root;
    let prepare = |accesses: &[(StateKey, Access<'_>)]| db.begin_write().prepare_with(accesses);
    let write = Access::Write(Some(b"x"));
    let twice = prepare(&[(A, Access::Read), (B, write), (B, write)]).unwrap_err();
    assert!(matches!(twice, PrepareError::Unsorted { index: 2, .. }), "{twice}");
    let unsorted = prepare(&[(B, write), (A, write)]).unwrap_err();
    assert!(matches!(unsorted, PrepareError::Unsorted { index: 1, .. }), "{unsorted}");
    let wrong = Access::Replace { prior: Some(b"b"), value: None };
    let wrong = prepare(&[(A, wrong)]).unwrap_err();
    assert!(matches!(wrong, PrepareError::WrongPrior { index: 0 }), "{wrong}");
    let absent = Access::Replace { prior: None, value: Some(b"c") };
    let wrong = prepare(&[(A, absent)]).unwrap_err();
    assert!(matches!(wrong, PrepareError::WrongPrior { index: 0 }), "{wrong}");
    assert_eq!((db.root(), db.sequence()), (root, 1));
}

#[test]
fn what_is_right_is_what_a_session_does() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(A, b"a").unwrap();
    db.insert(C, b"c").unwrap();
    let before = db.commit().unwrap().root;
    let mut session = db.begin_write();
    session.insert(B, b"b").unwrap();
    session.delete(&C);
    let expected = session.root().unwrap();
    let session = db.begin_write_with(&WriteOptions::new().witness(true)).unwrap();
    let prepared = session
        .prepare_with(&[
            (A, Access::Read),
            (B, Access::Write(Some(b"b"))),
            (C, Access::Replace { prior: Some(b"c"), value: None }),
        ])
        .unwrap();
    assert_eq!(prepared.root(), expected);
    let state = prepared.witness().unwrap().verify(&before).unwrap();
    assert_eq!(state.get(&A), Lookup::Value(b"a"));
    assert_eq!(state.apply([(B, Some(b"b")), (C, None)]).unwrap(), expected);
}
