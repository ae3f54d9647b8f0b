//! Write sessions, chains of overlays, reading at old roots.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{
    CommitError, Db, EMPTY_ROOT, Hash, Options, ReadAtError, SessionError, StateKey, WriteOptions,
};

const A: StateKey = StateKey::component(1);
const B: StateKey = StateKey::component(2);

fn database() -> (tempfile::TempDir, Db) {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open_with(directory.path(), &Options::new().seed(1)).unwrap();
    (directory, db)
}

fn set(db: &Db, key: StateKey, value: &[u8]) -> Hash {
    let mut session = db.begin_write();
    session.insert(key, value).unwrap();
    session.prepare().unwrap().commit().unwrap().root
}

#[test]
fn roots_are_known_at_every_stage_and_others_see_nothing_before_the_commit() {
    let (_directory, db) = database();
    let before = set(&db, A, b"old");
    db.insert(B, b"pending in the handle").unwrap();
    let mut session = db.begin_write();
    session.insert(A, b"new").unwrap();
    assert_eq!(session.get(&A).unwrap().unwrap(), b"new");
    assert_eq!(session.get(&B).unwrap(), None);
    let root = session.root().unwrap();
    let prepared = session.prepare().unwrap();
    assert_eq!((prepared.previous_root(), prepared.root()), (before, root));
    prepared.prove(&A).unwrap().verify_present(&root, &A, b"new").unwrap();
    assert_eq!((db.root(), db.get(&A).unwrap().unwrap().to_vec()), (before, b"old".to_vec()));
    let commit = prepared.commit().unwrap();
    assert_eq!((commit.root, db.root()), (root, root));
}

#[test]
fn the_loser_of_a_race_is_told_what_it_lost_to() {
    let (_directory, db) = database();
    let first = set(&db, A, b"1");
    let mut loser = db.begin_write();
    loser.insert(A, b"2").unwrap();
    let loser = loser.prepare().unwrap();
    // To another state and back: the roots are equal, the states of the log are not.
    set(&db, A, b"3");
    assert_eq!(set(&db, A, b"1"), first);
    match loser.commit().unwrap_err() {
        CommitError::Stale { expected, found } => {
            assert_eq!((expected.sequence, found.sequence), (Some(3), Some(1)));
            assert_eq!(expected.root, found.root);
        }
        other => panic!("{other}"),
    }
}

#[test]
fn a_chain_is_committed_in_order_and_a_fork_that_lost_is_dropped() {
    let (_directory, db) = database();
    set(&db, A, b"base");
    let mut session = db.begin_write();
    session.insert(A, b"first").unwrap();
    let first = session.prepare().unwrap().into_overlay();
    let mut session = db.begin_write_with(&WriteOptions::new().on(&first)).unwrap();
    assert_eq!(session.get(&A).unwrap().unwrap(), b"first");
    session.delete(&A);
    session.insert(B, b"second").unwrap();
    let second = session.prepare().unwrap().into_overlay();
    let mut session = db.begin_write_with(&WriteOptions::new().on(&first)).unwrap();
    session.insert(B, b"fork").unwrap();
    let fork = session.prepare().unwrap().into_overlay();

    assert_eq!(second.get(&A).unwrap(), None);
    assert_eq!(second.get(&B).unwrap().unwrap(), b"second");
    second.prove(&A).unwrap().verify_absent(&second.root(), &A).unwrap();
    assert!(matches!(second.commit().unwrap_err(), CommitError::ParentNotCommitted(_)));
    assert_eq!(first.commit().unwrap().root, first.root());
    assert!(matches!(first.commit().unwrap_err(), CommitError::Closed));
    assert_eq!(second.commit().unwrap().sequence, 3);
    assert!(matches!(fork.commit().unwrap_err(), CommitError::Stale { .. }));
    assert_eq!(fork.get(&B).unwrap().unwrap(), b"fork", "what it was can still be read");
    assert_eq!(db.rollback(1).unwrap().root, first.root());
    assert_eq!(db.get(&A).unwrap().unwrap(), b"first");
}

#[test]
fn a_witness_gives_the_new_root_to_whoever_has_only_the_old_one() {
    let (_directory, db) = database();
    for n in 0..50_u8 {
        db.insert(StateKey::service_storage(7, &[n]), [n]).unwrap();
    }
    let root = db.commit().unwrap().root;
    let mut session = db.begin_write_with(&WriteOptions::new().witness(true)).unwrap();
    let keys: Vec<_> = (0..60_u8).map(|n| StateKey::service_storage(7, &[n])).collect();
    assert_eq!(session.get(&keys[3]).unwrap().unwrap(), b"\x03");
    assert!(session.get(&keys[55]).unwrap().is_none());
    assert!(matches!(session.range(..).unwrap_err(), SessionError::RangeWithWitness));
    session.insert(keys[4], b"new").unwrap();
    session.delete(&keys[5]);
    let prepared = session.prepare().unwrap();
    let witness = prepared.witness().unwrap();
    let state = witness.verify(&root).unwrap();
    assert_eq!(state.get(&keys[3]), bmt::Lookup::Value(&[3]));
    let writes = [(keys[4], Some(&b"new"[..])), (keys[5], None)];
    let mut writes = writes.to_vec();
    writes.sort_unstable();
    assert_eq!(state.apply(writes).unwrap(), prepared.root());
}

#[test]
fn an_endless_chain_holds_nothing_old() {
    let (_directory, db) = database();
    let mut chain = std::collections::VecDeque::new();
    for n in 0..500_u32 {
        let mut options = WriteOptions::new();
        if let Some(tip) = chain.back() {
            options = options.on(tip);
        }
        let mut session = db.begin_write_with(&options).unwrap();
        session
            .insert(StateKey::service_storage(n % 5, &n.to_le_bytes()), n.to_le_bytes())
            .unwrap();
        chain.push_back(session.prepare().unwrap().into_overlay());
        if chain.len() > 4 {
            let oldest = chain.pop_front().unwrap();
            assert_eq!(oldest.commit().unwrap().root, db.root());
        }
        if n % 50 == 0 {
            db.flush().unwrap();
        }
    }
    assert!(db.stats().held_version_count < 12, "{}", db.stats().held_version_count);
    assert_eq!(db.stats().key_count, 496);
}

#[test]
fn old_roots_are_read_with_proofs_and_cancelled_ones_are_unknown() {
    let (directory, mut db) = database();
    let mut roots = vec![EMPTY_ROOT];
    for n in 1..=30_u8 {
        db.insert(A, [n]).unwrap();
        db.insert(StateKey::service_storage(1, &[n]), vec![n; 300]).unwrap();
        roots.push(db.commit().unwrap().root);
        if n % 7 == 0 {
            db.flush().unwrap();
        }
    }
    let check = |db: &Db, roots: &[Hash]| {
        for (n, root) in roots.iter().enumerate() {
            let n = u8::try_from(n).unwrap();
            let session = db.begin_read_at(root).unwrap();
            assert_eq!(session.root(), *root);
            let expected = (n > 0).then(|| vec![n]);
            assert_eq!(session.get(&A).unwrap().map(|value| value.to_vec()), expected);
            assert_eq!(session.range(..).unwrap().count(), usize::from(n) + usize::from(n > 0));
            let proof = session.prove(&A).unwrap();
            match expected {
                Some(value) => proof.verify_present(root, &A, &value).unwrap(),
                None => proof.verify_absent(root, &A).unwrap(),
            }
        }
    };
    check(&db, &roots);
    drop(db);
    db = Db::open_with(directory.path(), &Options::new().seed(1)).unwrap();
    check(&db, &roots);
    db.rollback(5).unwrap();
    check(&db, &roots[..26]);
    let gone = db.begin_read_at(&roots[28]).unwrap_err();
    assert!(matches!(gone, ReadAtError::UnknownRoot { held: 25 }), "{gone}");
    db.close().unwrap();
    db = Db::open_with(directory.path(), &Options::new().seed(1).history_bytes_max(500)).unwrap();
    let far = db.begin_read_at(&roots[3]).unwrap_err();
    assert!(matches!(far, ReadAtError::HistoryTooLarge { bytes_max: 500, .. }), "{far}");
}

#[test]
fn commits_in_the_background_tell_their_root_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let mut session = db.begin_write();
    session.insert(A, b"1").unwrap();
    session.warm_up(&[A, B]);
    let handle = session.prepare().unwrap().commit_async().unwrap();
    let root = handle.root();
    assert_eq!(handle.wait().unwrap().root, root);
    assert_eq!(db.root(), root);
}
