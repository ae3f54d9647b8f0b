//! Reads, roots and proofs before a commit.

use bmt::{Db, StateKey};

const KEY: StateKey = StateKey::component(1);
const OTHER: StateKey = StateKey::component(2);

#[test]
fn get_and_range_see_pending_changes_and_root_does_not() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(KEY, b"old").unwrap();
    let committed = db.commit().unwrap().root;

    db.insert(KEY, b"new").unwrap();
    db.insert(OTHER, b"more").unwrap();
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"new");
    assert_eq!(db.root(), committed);
    let pending = db.pending_root().unwrap();
    assert_ne!(pending, committed);
    assert_eq!(db.range(..).unwrap().count(), 2);

    db.delete(&KEY).unwrap();
    assert_eq!(db.get(&KEY).unwrap(), None, "a key deleted and not committed reads as absent");
    assert_eq!(db.range(..).unwrap().count(), 1);

    db.insert(KEY, b"new").unwrap();
    assert_eq!(db.pending_root().unwrap(), pending, "the last write of a key counts");
    assert_eq!(db.commit().unwrap().root, pending);
}

#[test]
fn a_proof_is_of_the_committed_state() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(KEY, b"old").unwrap();
    let root = db.commit().unwrap().root;
    db.insert(KEY, b"new").unwrap();
    assert_eq!(db.prove(&KEY).unwrap().verify_present(&root, &KEY, b"old"), Ok(()));
    let (same, value, proof) = db.prove_with_root(&OTHER).unwrap();
    assert_eq!((same, value), (root, None));
    assert_eq!(proof.verify_absent(&root, &OTHER), Ok(()));
}

#[test]
fn closing_drops_them_and_says_how_many() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(KEY, b"old").unwrap();
    db.commit().unwrap();
    db.insert(KEY, b"new").unwrap();
    db.insert(KEY, b"newer").unwrap();
    db.delete(&OTHER).unwrap();
    assert_eq!(db.close().unwrap().dropped_changes, 2);
    let db = Db::open(directory.path()).unwrap();
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"old");
}

#[test]
fn a_range_is_a_snapshot() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    for n in 0..10 {
        db.insert(StateKey::component(n), [n]).unwrap();
    }
    let mut range = db.range(StateKey::component(2)..=StateKey::component(7)).unwrap();
    db.delete(&StateKey::component(4)).unwrap();
    db.commit().unwrap();
    assert_eq!(range.next().unwrap().unwrap().1, b"\x02");
    assert_eq!(range.next_back().unwrap().unwrap().1, b"\x07");
    let middle: Vec<u8> = range.map(|entry| entry.unwrap().1[0]).collect();
    assert_eq!(middle, [3, 4, 5, 6]);
}
