//! Any number of sessions, held on the thread that commits: nothing waits for them.

use bmt::{Db, StateKey, WriteOptions};
use std::time::{Duration, Instant};

fn key(n: u64) -> StateKey {
    StateKey::service_storage(1, &n.to_le_bytes())
}

#[test]
fn held_on_the_committing_thread() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let mut held = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for n in 0..100_u64 {
        held.0.push(db.begin_read());
        let mut session = db.begin_write_with(&WriteOptions::new().witness(n % 2 == 0)).unwrap();
        session.insert(key(n), b"held").unwrap();
        held.1.push(session);
        let mut session = db.begin_write();
        session.insert(key(n), b"held").unwrap();
        held.2.push(session.prepare().unwrap());
        let mut session = db.begin_write();
        session.insert(key(n), b"held").unwrap();
        held.3.push(session.prepare().unwrap().into_overlay());
        db.insert(key(n), n.to_le_bytes()).unwrap();
        assert_eq!(db.commit().unwrap().sequence, n + 1);
        if n % 20 == 0 {
            db.flush().unwrap();
        }
    }
    assert_eq!(held.0[10].get(&key(10)).unwrap(), None);
    assert_eq!(held.3[10].get(&key(10)).unwrap().unwrap(), b"held");
    assert_eq!(db.rollback(50).unwrap().sequence, 101);
}

#[test]
fn sessions_begin_read_and_prepare_while_others_commit() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0..200_u64 {
                db.insert(key(n), n.to_le_bytes()).unwrap();
                db.commit().unwrap();
            }
        });
        let deadline = Instant::now() + Duration::from_secs(60);
        while db.sequence() < 200 {
            assert!(Instant::now() < deadline);
            let mut session = db.begin_write();
            session.insert(key(1 << 40), b"never committed").unwrap();
            let prepared = session.prepare().unwrap();
            let proof = prepared.prove(&key(1 << 40)).unwrap();
            proof.verify_present(&prepared.root(), &key(1 << 40), b"never committed").unwrap();
        }
    });
    assert_eq!(db.get(&key(1 << 40)).unwrap(), None);
}

#[test]
fn racing_writers_lose_no_update() {
    const WRITERS: u64 = 3;
    const EACH: u64 = 60;
    let directory = tempfile::tempdir().unwrap();
    let options = bmt::Options::new().durability(bmt::Durability::Eventual);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    let counter = StateKey::component(9);
    let number = |value: Option<bmt::Value>| {
        value.map_or(0, |value| u64::from_le_bytes(value.to_vec().try_into().unwrap()))
    };
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (db, number) = (&db, &number);
            scope.spawn(move || {
                let mut made = 0;
                while made < EACH {
                    let mut session = db.begin_write();
                    let shared = number(session.get(&counter).unwrap());
                    session.insert(counter, (shared + 1).to_le_bytes()).unwrap();
                    session.insert(key(writer), (made + 1).to_le_bytes()).unwrap();
                    match session.prepare().unwrap().commit() {
                        Ok(_) => made += 1,
                        Err(bmt::CommitError::Stale { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        scope.spawn(|| {
            let deadline = Instant::now() + Duration::from_secs(120);
            while db.sequence() < WRITERS * EACH {
                assert!(Instant::now() < deadline, "the writers have stopped");
                let session = db.begin_read();
                let parts = (0..WRITERS).map(|writer| number(session.get(&key(writer)).unwrap()));
                assert_eq!(parts.sum::<u64>(), number(session.get(&counter).unwrap()));
                let (root, found, proof) = db.prove_with_root(&counter).unwrap();
                match found {
                    Some(value) => proof.verify_present(&root, &counter, &value).unwrap(),
                    None => proof.verify_absent(&root, &counter).unwrap(),
                }
            }
        });
    });
    assert_eq!(number(db.get(&counter).unwrap()), WRITERS * EACH);
}
