//! A checkpoint that fails before its meta record is stored has changed nothing: reads, commits and the
//! next checkpoint go on.

use crate::key_sets::KeySet;
use crate::model::{Model, check_all, value_hash};
use crate::random::Random;
use bmt_beatree::{Background, Batch, Faults, Store, StoreError, StoreOptions};
use bmt_io::{Fault, SimDisk, When};
use std::panic::{AssertUnwindSafe, catch_unwind};

fn open(disk: &SimDisk, faults: Faults) -> Store {
    let options = StoreOptions {
        background: Background::Inline,
        segment_bytes: 256 << 10,
        salt: Some(1),
        value_hasher: value_hash,
        slice_changes_min: 100,
        faults,
        ..StoreOptions::default()
    };
    Store::open_in(disk.directory(), options).unwrap()
}

fn commit(store: &Store, model: &mut Model, random: &mut Random, count: usize) {
    let mut batch = Batch::new();
    for _ in 0..count {
        let key = KeySet::Uniform.key(u64::try_from(random.below(900)).unwrap());
        let len = random.pick(&[10, 60, 1281]);
        let value = random.bytes(len);
        if random.below(3) == 0 {
            batch.delete(key);
            model.remove(&key);
        } else {
            batch.put(key, value.clone());
            model.insert(key, value.into());
        }
    }
    store.commit(batch).unwrap();
}

/// A store with pages and a full buffer, the same each time.
fn prepared(faults: Faults) -> (SimDisk, Store, Model) {
    let (disk, mut model, mut random) = (SimDisk::new(1), Model::new(), Random(1));
    let store = open(&disk, faults);
    for count in [800, 500, 300] {
        commit(&store, &mut model, &mut random, count);
        if count != 300 {
            store.checkpoint().unwrap();
        }
    }
    (disk, store, model)
}

/// Lets operation `number` of a checkpoint fail; whether the store was poisoned.
fn fail_at(number: u64, fault: Fault, faults: Faults) -> bool {
    let (disk, store, mut model) = prepared(faults);
    disk.inject(When::Number(disk.operation_count() + number), fault);
    let error = store.checkpoint().unwrap_err();
    check_all(&store.snapshot(), &model);
    let mut random = Random(number);
    if matches!(error, StoreError::Tree(_)) {
        commit(&store, &mut model, &mut random, 50);
        check_all(&store.snapshot(), &model);
        store.checkpoint().unwrap();
        check_all(&store.snapshot(), &model);
        let report = store.check(|_, _| {}).unwrap();
        assert!(report.findings.is_empty(), "{:?}", report.findings);
    } else {
        // The slot file or the log: not known, so nothing more is written.
        assert!(matches!(store.commit(Batch::new()), Err(StoreError::Poisoned { .. })), "{error}");
    }
    drop(store);
    let store = open(&disk.power_loss_losing_all(), faults);
    check_all(&store.snapshot(), &model);
    matches!(error, StoreError::Tree(_))
}

fn operations_of_a_checkpoint() -> u64 {
    let (disk, store, _) = prepared(Faults::default());
    let before = disk.operation_count();
    store.checkpoint().unwrap();
    disk.operation_count() - before
}

#[test]
fn a_checkpoint_that_fails_can_be_repeated() {
    let count = operations_of_a_checkpoint();
    let outcomes: Vec<bool> = (0..count)
        .flat_map(|number| [(number, Fault::Error), (number, Fault::NoSpace)])
        .map(|(number, fault)| fail_at(number, fault, Faults::default()))
        .collect();
    let abandoned_count = outcomes.iter().filter(|is_abandoned| **is_abandoned).count();
    assert!(abandoned_count > outcomes.len() / 2, "{abandoned_count} of {}", outcomes.len());
}

#[test]
fn runs_that_are_dropped_early_would_be_missed() {
    let faults = Faults { early_drop: true, ..Faults::default() };
    let count = operations_of_a_checkpoint();
    let is_caught = (0..count).any(|number| {
        catch_unwind(AssertUnwindSafe(|| fail_at(number, Fault::Error, faults))).is_err()
    });
    assert!(is_caught);
}
