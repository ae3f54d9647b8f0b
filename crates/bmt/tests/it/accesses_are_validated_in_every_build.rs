//! The bulk form refuses what is not sorted, given twice, wrong about the value before, or too long.

use bmt::{Access, Db, Lookup, Options, PrepareError, StateKey, WriteOptions};
use bmt_io::SimDisk;
use std::collections::BTreeMap;

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

/// Values that lie beside the leaves are where a read shows.
#[test]
fn prior_values_that_are_given_are_not_read() {
    let key = |n: u8| StateKey::service_storage(7, &[n]);
    let old = |n: u8| vec![n; 20_000];
    for (witness, given) in [(false, true), (true, true), (false, false)] {
        let disk = SimDisk::new(1);
        let db: Db = Db::open_in(disk.directory(), &Options::new().seed(1)).unwrap();
        (0..50).for_each(|n| db.insert(key(n), old(n)).unwrap());
        db.commit().unwrap();
        db.close().unwrap();
        let db: Db = Db::open_in(disk.directory(), &Options::new().seed(1)).unwrap();
        let old_values: BTreeMap<StateKey, Vec<u8>> = (0..50).map(|n| (key(n), old(n))).collect();
        let accesses: Vec<_> = (old_values.iter())
            .map(|(key, old)| match given {
                true => (*key, Access::Replace { prior: Some(old), value: Some(b"new") }),
                false => (*key, Access::Write(Some(b"new"))),
            })
            .collect();
        let options = WriteOptions::new().witness(witness);
        let session = db.begin_write_with(&options).unwrap();
        let before = (session.previous_root(), db.stats().tree);
        let prepared = session.prepare_with(&accesses).unwrap();
        let after = db.stats().tree;
        let overflow_reads = after.overflow_reads - before.1.overflow_reads;
        assert_eq!(overflow_reads, if given { 0 } else { 50 });
        // What the trie needs, and each once.
        assert!(after.leaf_reads - before.1.leaf_reads <= 2, "{after:?}");
        if let Some(witness) = prepared.witness() {
            let state = witness.verify(&before.0).unwrap();
            assert_eq!(state.get(&key(3)), Lookup::Value(&old(3)));
        }
        // The undo record has them.
        prepared.commit().unwrap();
        db.rollback(1).unwrap();
        assert_eq!(db.root(), before.0);
        (0..50).for_each(|n| assert_eq!(db.get(&key(n)).unwrap().unwrap(), old(n)));
    }
}

#[test]
fn a_wrong_prior_is_told_at_every_length_and_changes_nothing() {
    let disk = SimDisk::new(1);
    let db: Db = Db::open_in(disk.directory(), &Options::new().seed(1)).unwrap();
    let lengths = [0, 1, 32, 33, 128, 129, 1280, 1281, 20_000_usize];
    let key = |len: usize| StateKey::service_storage(7, &len.to_le_bytes());
    lengths.iter().for_each(|len| db.insert(key(*len), vec![5; *len]).unwrap());
    let root = db.commit().unwrap().root;
    for is_flushed in [false, true] {
        if is_flushed {
            db.flush().unwrap();
        }
        for len in lengths {
            let (longer, mut other) = (vec![5; len + 1], vec![5; len]);
            other.iter_mut().take(1).for_each(|byte| *byte = 6);
            let wrong = [None, Some(&longer[..]), Some(&other[..]).filter(|_| len > 0)];
            for prior in wrong {
                let write = Access::Replace { prior, value: Some(b"x") };
                let mut accesses = [(A, Access::Write(None)), (B, Access::Read), (key(len), write)];
                accesses.sort_by_key(|(key, _)| *key);
                let index = accesses.iter().position(|(other, _)| *other == key(len)).unwrap();
                let result = db.begin_write().prepare_with(&accesses);
                let is_told =
                    matches!(result, Err(PrepareError::WrongPrior { index: at }) if at == index);
                assert!(is_told, "{len} {result:?}");
            }
        }
    }
    assert_eq!((db.root(), db.sequence()), (root, 1));
}
