//! Closing releases the directory, whatever sessions are left: their reads are `Closed`. Dropping the handle
//! leaves it to them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{
    CommitError, Db, GrayPaper, OpenError, Options, Overlay, PrepareError, ReadError, SessionError,
    StateKey, WriteOptions,
};
use std::path::Path;

fn key(n: u8) -> StateKey {
    StateKey::service_storage(7, &[n])
}

fn open(path: &Path, seed: Option<u64>) -> Result<Db, OpenError> {
    let options = Options::new().memory_bytes(1 << 20);
    Db::open_with(path, &seed.map_or(options.clone(), |seed| options.seed(seed)))
}

/// With a few hundred pages, so that not all are in memory.
fn filled(path: &Path, seed: Option<u64>) -> Db {
    let db = open(path, seed).unwrap();
    for n in 0..=255 {
        db.insert(key(n), vec![n; 9_000]).unwrap();
    }
    db.commit().unwrap();
    db
}

fn overlay(db: &Db, options: &WriteOptions<GrayPaper>) -> Overlay<GrayPaper> {
    let mut session = db.begin_write_with(options).unwrap();
    session.insert(key(1), b"not committed").unwrap();
    session.prepare().unwrap().into_overlay()
}

#[test]
fn everything_that_is_left_is_closed() {
    for seed in [None, Some(3)] {
        let directory = tempfile::tempdir().unwrap();
        let db = filled(directory.path(), seed);
        let (root, sequence) = (db.root(), db.sequence());
        let reader = db.begin_read();
        let mut range = db.range(..).unwrap();
        let first = range.next().unwrap().unwrap();
        let old = db.begin_read_at(&bmt::EMPTY_ROOT).unwrap();
        let step = overlay(&db, &WriteOptions::new());
        let child = overlay(&db, &WriteOptions::new().on(&step));
        let (writer, witnessed) = (db.begin_write(), WriteOptions::new().witness(true));
        let witnessed = db.begin_write_with(&witnessed).unwrap();
        let prepared = db.begin_write().prepare().unwrap();
        let (async_, tried) = (db.begin_write().prepare().unwrap(), db.begin_write().prepare());
        let value = reader.get(&key(9)).unwrap().unwrap();
        db.close().unwrap();

        // Others have it.
        let other = open(directory.path(), seed).unwrap();
        assert_eq!((other.root(), other.sequence()), (root, sequence));
        for n in 0..=255 {
            other.insert(key(n), vec![1; 9_000]).unwrap();
        }
        other.commit().unwrap();
        other.flush().unwrap();

        assert_eq!(value, [9; 9_000][..], "what was read is there");
        assert_eq!(first.1.len(), 9_000);
        assert!(matches!(reader.get(&key(1)), Err(ReadError::Closed)));
        assert!(matches!(reader.get_many(&[key(1), key(2)]), Err(ReadError::Closed)));
        assert!(matches!(reader.prove(&key(1)), Err(ReadError::Closed)));
        assert!(matches!(reader.prove_many(&[key(1)]), Err(ReadError::Closed)));
        assert!(matches!(reader.range(..), Err(ReadError::Closed)));
        assert!(matches!(reader.prefix(&bmt::Prefix::new(&key(1), 8)), Err(ReadError::Closed)));
        assert!(matches!(range.next(), Some(Err(ReadError::Closed))));
        assert!(range.next().is_none() && range.next_back().is_none());
        assert!(matches!(old.get(&key(1)), Err(ReadError::Closed)));
        for overlay in [&step, &child] {
            assert!(matches!(overlay.get(&key(1)), Err(ReadError::Closed)));
            assert!(matches!(overlay.prove(&key(1)), Err(ReadError::Closed)));
            assert!(matches!(overlay.begin_read().get(&key(1)), Err(ReadError::Closed)));
            assert!(matches!(overlay.try_commit(), Err(CommitError::Closed)));
            assert!(matches!(overlay.commit(), Err(CommitError::Closed)));
        }
        assert!(matches!(writer.get(&key(1)), Err(ReadError::Closed)));
        assert!(matches!(writer.range(..), Err(SessionError::Read(ReadError::Closed))));
        assert!(matches!(writer.root(), Err(ReadError::Closed)));
        assert!(matches!(writer.prepare(), Err(PrepareError::Read(ReadError::Closed))));
        assert!(matches!(witnessed.prepare(), Err(PrepareError::Read(ReadError::Closed))));
        assert!(matches!(prepared.prove(&key(1)), Err(ReadError::Closed)));
        assert!(matches!(prepared.commit(), Err(CommitError::Closed)));
        assert!(matches!(tried.unwrap().try_commit(), Err(CommitError::Closed)));
        let handle = async_.commit_async().unwrap();
        assert!(matches!(handle.wait(), Err(CommitError::Closed)));
        assert!(other.check(|_| {}).unwrap().findings.is_empty());
        other.close().unwrap();
    }
}

#[test]
fn a_dropped_handle_leaves_the_directory_to_its_sessions() {
    let directory = tempfile::tempdir().unwrap();
    let db = filled(directory.path(), None);
    let (reader, step) = (db.begin_read(), overlay(&db, &WriteOptions::new()));
    let mut range = reader.range(..).unwrap();
    drop(db);
    assert!(matches!(open(directory.path(), None), Err(OpenError::Locked { .. })));
    assert_eq!(reader.get(&key(200)).unwrap().unwrap(), [200; 9_000][..]);
    assert_eq!(step.get(&key(1)).unwrap().unwrap(), b"not committed");
    assert_eq!(range.next().unwrap().unwrap().1.len(), 9_000);
    drop(reader);
    assert!(matches!(step.commit(), Err(CommitError::Closed)));
    assert!(matches!(open(directory.path(), None), Err(OpenError::Locked { .. })));
    drop(step);
    // A range alone holds nothing.
    assert!(matches!(range.next(), Some(Err(ReadError::Closed))));
    assert_eq!(open(directory.path(), None).unwrap().sequence(), 1);
}

/// Readers and writers go on while it is closed: what they get is right, or they are told.
#[test]
fn in_the_middle_of_everything() {
    for round in 0..6_u8 {
        let directory = tempfile::tempdir().unwrap();
        let db = filled(directory.path(), None);
        let (reader, committed) = (db.begin_read(), std::sync::Mutex::new(1));
        let sessions: Vec<_> = (0..40).map(|_| db.begin_write()).collect();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for n in (0..=255_u8).cycle() {
                    match reader.get(&key(n)) {
                        Ok(value) => assert_eq!(value.unwrap(), [n; 9_000][..]),
                        Err(ReadError::Closed) => break,
                        Err(error) => unreachable!("{error}"),
                    }
                }
            });
            scope.spawn(|| {
                for mut session in sessions {
                    session.insert(key(0), [round]).unwrap();
                    match session.prepare().map(|prepared| prepared.commit()) {
                        Ok(Ok(commit)) => *committed.lock().unwrap() = commit.sequence,
                        Ok(Err(CommitError::Stale { .. })) => {}
                        Ok(Err(CommitError::Closed))
                        | Err(PrepareError::Read(ReadError::Closed)) => break,
                        other => unreachable!("{other:?}"),
                    }
                }
            });
            std::thread::sleep(std::time::Duration::from_millis(u64::from(round) * 2));
            db.close().unwrap();
            let other = open(directory.path(), None).unwrap();
            assert_eq!(other.sequence(), *committed.lock().unwrap());
            other.insert(key(3), b"other").unwrap();
            other.commit().unwrap();
            other.flush().unwrap();
        });
    }
}
