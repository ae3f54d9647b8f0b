//! Values in overflow pages: read together when many are asked for, and only when their turn comes in a range.

use crate::key_sets::KeySet;
use crate::model::{Model, check_all, value_hash};
use crate::random::Random;
use bmt_beatree::{Background, Key, Store, StoreOptions};
use bmt_io::{Operation, SimDisk};
use std::sync::Arc;

const KEY_COUNT: u64 = 200;

fn options() -> StoreOptions {
    StoreOptions {
        background: Background::Inline,
        leaf_cache_bytes: 0,
        value_hasher: value_hash,
        ..StoreOptions::default()
    }
}

/// A store of long values, all in pages.
fn prepared(disk: &SimDisk, len: impl Fn(&mut Random) -> usize) -> (Store, Model) {
    let store = Store::open_in(disk.directory(), options()).unwrap();
    let (mut model, mut random) = (Model::new(), Random(4));
    for number in 0..KEY_COUNT {
        let len = len(&mut random);
        model.insert(KeySet::Uniform.key(number), Arc::from(random.bytes(len)));
    }
    let entries = model.iter().map(|(key, value)| (*key, Some(value.to_vec())));
    store.commit(entries.collect()).unwrap();
    store.checkpoint().unwrap();
    (store, model)
}

#[test]
fn a_range_reads_the_long_values_that_are_asked_for() {
    let disk = SimDisk::new(1);
    let (store, model) = prepared(&disk, |_| 50_000);
    let reads = || store.stats().tree.overflow_reads;
    let before = reads();
    let mut range = store.range(..);
    let (key, value) = range.next().unwrap().unwrap();
    assert_eq!(Some((&key, &Arc::from(&*value))), model.first_key_value());
    assert_eq!(reads() - before, 1);
    let (key, value) = range.next_back().unwrap().unwrap();
    assert_eq!(Some((&key, &Arc::from(&*value))), model.last_key_value());
    assert!(reads() - before <= 3);
    assert_eq!(range.count(), model.len() - 2);
    assert_eq!(reads() - before, KEY_COUNT, "each once");
}

#[test]
fn long_values_of_all_lengths_are_right_from_both_ends() {
    let disk = SimDisk::new(1);
    let lengths = [1281, 4072, 4073, 8152, 9000, 300_000, 262_144 + 4056, 1_000_000];
    let (store, model) = prepared(&disk, |random| random.pick(&lengths));
    check_all(&store.snapshot(), &model);
    let mut keys: Vec<Key> = model.keys().copied().collect();
    // Twice the same, and some that are not there.
    keys.extend((0..10).map(|number| KeySet::Uniform.key(number)));
    keys.extend((KEY_COUNT..KEY_COUNT + 10).map(|number| KeySet::Uniform.key(number)));
    let values = store.get_many(&keys).unwrap();
    for (key, value) in keys.iter().zip(values) {
        assert_eq!(value.map(|value| Arc::from(value.into_vec())).as_ref(), model.get(key));
    }
    let (mut range, mut expected, mut random) = (store.range(..), model.iter(), Random(2));
    loop {
        let (found, expected) = match random.below(2) {
            0 => (range.next(), expected.next()),
            _ => (range.next_back(), expected.next_back()),
        };
        let found = found.map(Result::unwrap).map(|(key, value)| (key, Arc::from(&*value)));
        assert_eq!(found.as_ref().map(|(key, value)| (key, value)), expected);
        if found.is_none() {
            break;
        }
    }
}

#[test]
fn many_long_values_are_read_in_two_batches() {
    let disk = SimDisk::new(1);
    let (store, model) = prepared(&disk, |_| 3000);
    disk.start_trace();
    let keys: Vec<Key> = model.keys().copied().collect();
    assert!(store.get_many(&keys).unwrap().iter().all(Option::is_some));
    let reads = SimDisk::kinds_in(&disk.take_trace());
    let reads = reads.into_iter().filter(|kind| *kind == Operation::Read).count();
    // Neighbours come in one piece: written together, they lie side by side.
    assert!(reads < model.len() / 4, "{reads} reads");
}
