//! A forgotten snapshot holds the pages it reads and no others; beyond a limit its reader is told.

use crate::key_sets::KeySet;
use crate::model::value_hash;
use bmt_beatree::{Background, Batch, Key, Snapshot, Store, StoreOptions, TreeError};
use bmt_io::SimDisk;

const KEY_COUNT: u64 = 3000;

fn stamped(number: u64) -> Batch {
    let value = number.to_le_bytes().to_vec();
    (0..KEY_COUNT).map(|at| (KeySet::Uniform.key(at), Some(value.clone()))).collect()
}

/// A store with one checkpoint, and a snapshot of it.
fn prepared(held_bytes_max: u64) -> (Store, Snapshot) {
    let options = StoreOptions {
        background: Background::Inline,
        leaf_cache_bytes: 0,
        held_bytes_max,
        value_hasher: value_hash,
        slice_changes_min: 500,
        ..StoreOptions::default()
    };
    let store = Store::open_in(SimDisk::new(1).directory(), options).unwrap();
    store.commit(stamped(0)).unwrap();
    store.checkpoint().unwrap();
    let snapshot = store.snapshot();
    (store, snapshot)
}

fn next(store: &Store, number: u64) {
    store.commit(stamped(number)).unwrap();
    store.checkpoint().unwrap();
}

fn keys() -> Vec<Key> {
    (0..KEY_COUNT).map(|number| KeySet::Uniform.key(number)).collect()
}

#[test]
fn a_snapshot_that_holds_too_much_expires() {
    let (store, snapshot) = prepared(40 << 10);
    let mut held = snapshot.range(..);
    next(&store, 1);
    next(&store, 2);
    let error = snapshot.get_many(&keys()).unwrap_err();
    assert!(matches!(error, TreeError::SnapshotExpired { .. }), "{error}");
    assert!(matches!(held.find_map(Result::err).unwrap(), TreeError::SnapshotExpired { .. }));
    assert!(store.stats().tree.expired_count > 0);
    // The current state is not touched, nor is the integrity of the pages.
    assert_eq!(*store.get(&keys()[0]).unwrap().unwrap(), 2_u64.to_le_bytes());
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
}

#[test]
fn a_snapshot_holds_its_own_pages_only() {
    let (store, snapshot) = prepared(1 << 30);
    let page_count = store.stats().tree.page_count;
    for number in 1..30 {
        next(&store, number);
    }
    let stats = store.stats().tree;
    assert!(stats.page_count < page_count * 3, "{stats:?}");
    assert!(stats.held_pages <= u64::from(page_count) && stats.held_pages > 30, "{stats:?}");
    let values = snapshot.get_many(&keys()).unwrap();
    assert!(values.iter().all(|value| value.as_deref() == Some(0_u64.to_le_bytes().as_slice())));
    drop(snapshot);
    assert!(store.stats().tree.held_pages < stats.held_pages / 2);
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
}
