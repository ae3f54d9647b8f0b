//! What a commit returns, and what is there after reopening.

use bmt::{Db, EMPTY_ROOT, StateKey};

#[test]
fn everything_is_found_again_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (StateKey::component(1), StateKey::service_storage(7, b"x"));
    let db = Db::open(directory.path()).unwrap();
    assert_eq!((db.root(), db.sequence()), (EMPTY_ROOT, 0));

    db.insert(first, b"alpha").unwrap();
    db.insert(second, vec![9; 5000]).unwrap();
    let one = db.commit().unwrap();
    assert_eq!((one.sequence, one.previous_root, one.root), (1, EMPTY_ROOT, db.root()));
    db.delete(&first).unwrap();
    let two = db.commit().unwrap();
    assert_eq!((two.sequence, two.previous_root), (2, one.root));
    db.close().unwrap();

    let db = Db::open(directory.path()).unwrap();
    assert_eq!((db.root(), db.sequence()), (two.root, 2));
    assert_eq!(db.get(&first).unwrap(), None);
    assert_eq!(db.get(&second).unwrap().unwrap(), vec![9; 5000]);
    assert_eq!(db.commit().unwrap().sequence, 3);
}

#[test]
fn an_empty_commit_has_a_number_and_the_same_root() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(StateKey::MIN, b"").unwrap();
    let one = db.commit().unwrap();
    let two = db.commit().unwrap();
    assert_eq!((two.sequence, two.previous_root, two.root), (2, one.root, one.root));
}

#[test]
fn a_commit_that_only_deletes_works_on_an_empty_database() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.delete(&StateKey::MAX).unwrap();
    assert_eq!(db.commit().unwrap().root, EMPTY_ROOT);
}

#[test]
fn a_state_emptied_and_filled_again_has_its_root_again() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let keys: Vec<_> = (0..100).map(|n: u8| StateKey::service_storage(3, &[n])).collect();
    let fill = || keys.iter().for_each(|key| db.insert(*key, key.to_bytes()).unwrap());
    fill();
    let full = db.commit().unwrap().root;
    keys.iter().for_each(|key| db.delete(key).unwrap());
    assert_eq!(db.commit().unwrap().root, EMPTY_ROOT);
    fill();
    assert_eq!(db.commit().unwrap().root, full);
}

#[test]
fn an_empty_value_is_a_value() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(StateKey::MAX, b"").unwrap();
    let root = db.commit().unwrap().root;
    assert_ne!(root, EMPTY_ROOT);
    drop(db);
    let db = Db::open(directory.path()).unwrap();
    assert_eq!(db.get(&StateKey::MAX).unwrap().unwrap().len(), 0);
    assert_eq!(db.root(), root);
}
