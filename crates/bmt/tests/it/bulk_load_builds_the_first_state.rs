//! `bulk_load`: the same root as by commits, durable, all or nothing.

use bmt::{BulkLoadError, Db, EMPTY_ROOT, Options, StateKey};
use std::collections::BTreeMap;

fn entries(count: u32) -> BTreeMap<StateKey, Vec<u8>> {
    let entry = |n: u32| {
        let length = [0, 20, 32, 33, 100, 200, 2000][n as usize % 7];
        (StateKey::service_storage(n % 3, &n.to_le_bytes()), vec![n.to_le_bytes()[0]; length])
    };
    (0..count).map(entry).collect()
}

#[test]
fn it_gives_the_root_and_the_entries_that_commits_give() {
    for count in [0, 1, 2, 500, 70_000] {
        let entries = entries(count);
        let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let committed = Db::open(directories[0].path()).unwrap();
        entries.iter().for_each(|(key, value)| committed.insert(*key, value).unwrap());
        let expected = committed.commit().unwrap().root;

        let db = Db::open(directories[1].path()).unwrap();
        let loaded = db.bulk_load(entries.iter().map(|(key, value)| (*key, value))).unwrap();
        assert_eq!((loaded.sequence, loaded.previous_root), (0, EMPTY_ROOT));
        assert_eq!((loaded.root, db.root()), (expected, expected));
        drop(db);
        let db = Db::open(directories[1].path()).unwrap();
        assert_eq!((db.root(), db.stats().key_count), (expected, u64::from(count)));
        assert!(
            db.range(..)
                .unwrap()
                .map(Result::unwrap)
                .eq(committed.range(..).unwrap().map(Result::unwrap))
        );
        if let Some((key, value)) = entries.iter().nth(count as usize / 2) {
            db.prove(key).unwrap().verify_present(&expected, key, value).unwrap();
        }
        db.insert(StateKey::MAX, b"more").unwrap();
        let commit = db.commit().unwrap();
        assert_eq!((commit.sequence, commit.previous_root), (1, expected));
        assert_eq!(db.rollback(1).unwrap().root, expected);
        assert!(db.rollback(1).is_err(), "the first state can't be undone");
        assert_eq!(db.begin_read_at(&expected).unwrap().root(), expected);
    }
}

#[test]
fn what_is_not_sorted_or_not_empty_is_refused_and_nothing_is_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let db: Db = Db::open_with(directory.path(), &Options::new().seed(3)).unwrap();
    let mut sorted: Vec<_> = entries(1000).into_iter().collect();
    sorted.swap(700, 701);
    let error = db.bulk_load(sorted.clone()).unwrap_err();
    assert!(matches!(error, BulkLoadError::Unsorted { index: 701 }), "{error}");
    assert_eq!((db.root(), db.range(..).unwrap().count()), (EMPTY_ROOT, 0));
    sorted.swap(700, 701);
    let root = db.bulk_load(sorted.clone()).unwrap().root;
    let error = db.bulk_load(sorted).unwrap_err();
    assert!(matches!(error, BulkLoadError::NotEmpty { key_count: 1000, .. }), "{error}");
    db.close().unwrap();
    assert_eq!(Db::open(directory.path()).unwrap().root(), root);
}
