//! A copy made while commits go on is a database of its own, with one of the committed states.

use crate::support::{check, entries, files, fill, key, options};
use bmt_core::Hash;
use bmt_store::{CopyError, Db, Options, StagingError};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn while_commits_and_checkpoints_run() {
    let place = tempfile::tempdir().unwrap();
    let small = Options::new().memory_bytes(4 << 20).log_segment_bytes(256 << 10);
    let db = Db::open_with(place.path().join("here"), &small).unwrap();
    let roots: Mutex<BTreeMap<u64, Hash>> = Mutex::new(BTreeMap::new());
    let stop = AtomicBool::new(false);
    let commit = |round: u64| {
        (0..60).for_each(|index| {
            db.insert(key(round * 17 + index), round.to_le_bytes().repeat(30)).unwrap();
        });
        // Under the lock, so that what is acknowledged is in the list.
        let mut roots = roots.lock().unwrap();
        let commit = db.commit().unwrap();
        roots.insert(commit.sequence, commit.root);
    };
    commit(0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut round = 1;
            while !stop.load(Ordering::Relaxed) {
                commit(round);
                round += 1;
            }
        });
        for number in 0..6 {
            let acknowledged = *roots.lock().unwrap().last_key_value().unwrap().0;
            let path = place.path().join(format!("copy {number}"));
            let copied = db.checkpoint_to(&path).unwrap();
            assert!(copied.sequence >= acknowledged);
            let copy = Db::open_with(&path, &small).unwrap();
            assert_eq!((copy.sequence(), copy.root()), (copied.sequence, copied.root));
            assert_eq!(copy.stats().recovery.torn_tail_bytes, 0);
            assert_eq!(roots.lock().unwrap()[&copied.sequence], copied.root);
            check(&copy);
            // It goes on by itself.
            fill(&copy, 30, 3);
            assert_eq!(copy.rollback(1).unwrap().root, copied.root);
            copy.close().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(db.sequence() > 6);
    check(&db);
}

#[test]
fn with_the_rollback_window() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path().join("here"), &options()).unwrap();
    let first = fill(&db, 300, 1);
    fill(&db, 300, 2);
    fill(&db, 300, 3);
    let path = place.path().join("there");
    db.checkpoint_to(&path).unwrap();
    assert_eq!(files(place.path()).into_keys().collect::<Vec<_>>(), ["here", "there"]);
    let copy = Db::open_with(&path, &options()).unwrap();
    assert_eq!(entries(&copy), entries(&db));
    assert_eq!(copy.rollback(2).unwrap().root, first);
}

#[test]
fn of_a_database_that_is_only_read() {
    let place = tempfile::tempdir().unwrap();
    let here = place.path().join("here");
    let db = Db::open_with(&here, &options()).unwrap();
    fill(&db, 300, 1);
    db.flush().unwrap();
    let root = fill(&db, 400, 2);
    drop(db);
    let before = files(&here);
    let copied =
        Db::open_read_only(&here).unwrap().checkpoint_to(place.path().join("there")).unwrap();
    assert_eq!((copied.sequence, copied.root), (2, root));
    assert!(files(&here) == before);
    let copy = Db::open_read_only(place.path().join("there")).unwrap();
    assert_eq!(copy.root(), root);
    check(&copy);
}

#[test]
fn only_where_nothing_is() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path().join("here"), &options()).unwrap();
    fill(&db, 10, 1);
    let error = db.checkpoint_to(place.path().join("here")).unwrap_err();
    assert!(matches!(error, CopyError::Staging(StagingError::Exists { .. })), "{error}");
    assert_eq!(files(place.path()).into_keys().collect::<Vec<_>>(), ["here"]);
    check(&db);
}
