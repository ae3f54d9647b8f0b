//! A store with its threads, on real files: readers, commits and checkpoints at once.

use crate::key_sets::KeySet;
use crate::model::{Model, check_all, value_hash};
use crate::random::Random;
use bmt_beatree::{Batch, Faults, Store, StoreError, StoreOptions};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn options() -> StoreOptions {
    StoreOptions {
        buffer_bytes: 400_000,
        leaf_cache_bytes: 300_000,
        segment_bytes: 1 << 20,
        log_bytes_max: 1 << 20,
        value_hasher: value_hash,
        slice_changes_min: 200,
        ..StoreOptions::default()
    }
}

/// A commit whose every value is its number, over the same keys each time: a reader that sees two
/// numbers at once has seen half a commit.
fn stamped(number: u64, key_count: u64) -> Batch {
    (0..key_count)
        .map(|key| (KeySet::Uniform.key(key), Some(number.to_le_bytes().to_vec())))
        .collect()
}

#[test]
fn readers_see_whole_commits() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path(), options()).unwrap();
    store.commit(stamped(0, 500)).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for seed in 0..3 {
            let (store, is_over) = (&store, &is_over);
            scope.spawn(move || {
                let (mut random, mut newest) = (Random(seed), Vec::new());
                while !is_over.load(Ordering::SeqCst) {
                    let snapshot = store.snapshot();
                    let first = snapshot.get(&KeySet::Uniform.key(0)).unwrap().unwrap().into_vec();
                    assert!(first.iter().rev().ge(newest.iter().rev()), "time goes forward");
                    for _ in 0..20 {
                        let key = KeySet::Uniform.key(random.next() % 500);
                        assert_eq!(snapshot.get(&key).unwrap().unwrap().to_vec(), first);
                    }
                    assert!(snapshot.range(..).all(|entry| entry.unwrap().1.to_vec() == first));
                    newest = first;
                }
            });
        }
        for number in 1..300 {
            store.commit(stamped(number, 500)).unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    assert!(store.stats().tree.slice_count > 3, "checkpoints went on: {:?}", store.stats());
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
    drop(store);
    let store = Store::open(place.path(), options()).unwrap();
    assert!(store.range(..).all(|entry| *entry.unwrap().1 == 299_u64.to_le_bytes()));
    assert_eq!(store.range(..).count(), 500);
    store.close().unwrap();
}

#[test]
fn commits_of_many_threads_are_all_there() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path(), options()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..100 {
                    let key = KeySet::Jam.key(thread * 1000 + number);
                    store.commit([(key, Some(vec![7; 300]))].into_iter().collect()).unwrap();
                }
            });
        }
    });
    let before = store.stats();
    assert_eq!(before.sequence, 400);
    assert_eq!(store.range(..).count(), 400);
    store.close().unwrap();
    let store = Store::open(place.path(), options()).unwrap();
    assert_eq!(store.range(..).count(), 400);
    assert_eq!(store.stats().buffer_bytes, 0);
}

#[test]
fn a_snapshot_is_unchanged_by_a_hundred_commits_and_three_checkpoints() {
    let place = tempfile::tempdir().unwrap();
    let store = Store::open(place.path(), options()).unwrap();
    let mut random = Random(3);
    let mut model = Model::new();
    for number in 0..2000 {
        let len = random.pick(&[20, 40, 2000]);
        model.insert(KeySet::Jam.key(number), Arc::from(random.bytes(len)));
    }
    let entries = model.iter().map(|(key, value)| (*key, Some(value.to_vec())));
    store.commit(entries.collect()).unwrap();
    store.checkpoint().unwrap();
    let snapshot = store.snapshot();
    for round in 0..100 {
        let changes = (0..200).map(|_| {
            let key = KeySet::Jam.key(random.next() % 3000);
            (key, (random.below(3) > 0).then(|| vec![1; 30]))
        });
        store.commit(changes.collect()).unwrap();
        if round % 33 == 32 {
            store.checkpoint().unwrap();
        }
    }
    check_all(&snapshot, &model);
    assert!(store.stats().tree.held_pages > 0);
    drop(snapshot);
    store.checkpoint().unwrap();
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
}

#[test]
fn commits_do_not_wait_for_a_thread_that_is_gone() {
    let place = tempfile::tempdir().unwrap();
    let faults = Faults { checkpoint_panic: true, ..Faults::default() };
    let store = Store::open(place.path(), StoreOptions { faults, ..options() }).unwrap();
    // Other keys each time, so that the buffer gets full.
    let batch = |number: u64| -> Batch {
        (0..500).map(|key| (KeySet::Uniform.key(number * 500 + key), Some(vec![1; 30]))).collect()
    };
    let mut commits = (0..100).map(|number| store.commit(batch(number)));
    let committed = commits.by_ref().take_while(Result::is_ok).count();
    let error = commits.next().unwrap().unwrap_err();
    let StoreError::Poisoned { source } = &error else { panic!("{error}") };
    assert!(matches!(**source, StoreError::ThreadEnded), "{source}");
    // Nothing was lost by it.
    assert_eq!(store.range(..).count(), committed * 500);
    drop(store);
    let store = Store::open(place.path(), options()).unwrap();
    assert_eq!(store.range(..).count(), committed * 500);
}
