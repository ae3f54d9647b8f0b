//! A reader that was begun on an overlay reads its state after the overlay and others were committed,
//! checkpoints stored and replaced their pages, and the pages were dropped from memory.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, Options, Overlay, ReadSession, StateKey, WriteOptions};

const KEYS: u32 = 60_000;

fn key(n: u32) -> StateKey {
    StateKey::service_storage(n % 3, &n.to_le_bytes())
}

/// A database with more pages of the trie than fit its memory.
fn database(directory: &tempfile::TempDir) -> Db {
    let options = Options::new().seed(3).memory_bytes(1 << 20);
    let db = Db::open_with(directory.path(), &options).unwrap();
    for n in 0..KEYS {
        db.insert(key(n), n.to_le_bytes()).unwrap();
    }
    db.commit().unwrap();
    db.flush().unwrap();
    db
}

/// A step on an overlay, or on the newest state, that changes keys all over the trie.
fn step(db: &Db, parent: Option<&Overlay<GrayPaper>>, value: &[u8]) -> Overlay<GrayPaper> {
    let mut options = WriteOptions::new();
    if let Some(parent) = parent {
        options = options.on(parent);
    }
    let mut session = db.begin_write_with(&options).unwrap();
    for n in (0..KEYS).step_by(100) {
        session.insert(key(n), value).unwrap();
    }
    session.prepare().unwrap().into_overlay()
}

/// Commits until every page has been dropped from memory, more or less.
fn churn(db: &Db) {
    for round in 0..3_u8 {
        for n in (0..KEYS).step_by(50) {
            db.insert(key(n), [round; 3]).unwrap();
        }
        db.commit().unwrap();
        db.flush().unwrap();
    }
}

fn reads(session: &ReadSession<GrayPaper>, value: &[u8]) {
    for n in (0..KEYS).step_by(300) {
        let proof = session.prove(&key(n)).unwrap();
        proof.verify_present(&session.root(), &key(n), value).unwrap();
        assert_eq!(session.get(&key(n)).unwrap().unwrap(), value);
    }
    for n in (1..KEYS).step_by(997).filter(|n| n % 100 > 0) {
        let proof = session.prove(&key(n)).unwrap();
        proof.verify_present(&session.root(), &key(n), &n.to_le_bytes()).unwrap();
    }
}

#[test]
fn begun_when_the_parent_was_committed() {
    let directory = tempfile::tempdir().unwrap();
    let db = database(&directory);
    let first = step(&db, None, b"first");
    let second = step(&db, Some(&first), b"second");
    let third = step(&db, Some(&second), b"third");
    first.commit().unwrap();
    let (on_second, on_third) = (second.begin_read(), third.begin_read());
    let fork = step(&db, Some(&second), b"fork");
    db.flush().unwrap();
    second.commit().unwrap();
    db.flush().unwrap();
    third.commit().unwrap();
    churn(&db);
    reads(&on_second, b"second");
    reads(&on_third, b"third");
    reads(&fork.begin_read(), b"fork");
}

#[test]
fn begun_before_anything_was_committed() {
    let directory = tempfile::tempdir().unwrap();
    let db = database(&directory);
    let first = step(&db, None, b"first");
    let second = step(&db, Some(&first), b"second");
    let (on_first, on_second) = (first.begin_read(), second.begin_read());
    let lost = step(&db, Some(&first), b"lost");
    first.commit().unwrap();
    db.flush().unwrap();
    second.commit().unwrap();
    churn(&db);
    reads(&on_first, b"first");
    reads(&on_second, b"second");
    reads(&lost.begin_read(), b"lost");
}
