//! Committing twice, or after the database was closed or dropped, is `Closed`; after discarding it does not
//! compile. Nothing waits for what cannot come.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{CommitError, Db, GrayPaper, Options, Overlay, StateKey};

const KEY: StateKey = StateKey::component(1);

fn overlay(db: &Db, value: Vec<u8>) -> Overlay<GrayPaper> {
    let mut session = db.begin_write();
    session.insert(KEY, value).unwrap();
    session.prepare().unwrap().into_overlay()
}

#[test]
fn twice() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let step = overlay(&db, vec![1]);
    let same = step.clone();
    step.commit().unwrap();
    assert!(matches!(same.commit(), Err(CommitError::Closed)));
    assert!(matches!(same.try_commit(), Err(CommitError::Closed)));
    assert_eq!(db.sequence(), 1);
}

#[test]
fn after_closing_or_dropping_the_database() {
    for (seed, closes) in [(None, true), (Some(3), true), (None, false)] {
        let directory = tempfile::tempdir().unwrap();
        let options = seed.map_or_else(Options::new, |seed| Options::new().seed(seed));
        let db: Db = Db::open_with(directory.path(), &options).unwrap();
        db.insert(KEY, b"committed").unwrap();
        let root = db.commit().unwrap().root;
        let step = overlay(&db, b"not committed".to_vec());
        match closes {
            true => drop(db.close().unwrap()),
            false => drop(db),
        }
        assert!(matches!(step.commit(), Err(CommitError::Closed)));
        assert!(matches!(step.try_commit(), Err(CommitError::Closed)));
        drop(step);
        let db: Db = Db::open_with(directory.path(), &options).unwrap();
        assert_eq!((db.root(), db.sequence()), (root, 1));
    }
}

#[test]
fn with_a_full_buffer_and_nobody_to_empty_it() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().memory_bytes(1 << 20).checkpoint_log_bytes(1 << 30);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    db.insert(KEY, vec![1; 150_000]).unwrap();
    db.commit().unwrap();
    let step = overlay(&db, vec![2; 250_000]);
    drop(db);
    assert!(matches!(step.commit(), Err(CommitError::Closed)));
}
