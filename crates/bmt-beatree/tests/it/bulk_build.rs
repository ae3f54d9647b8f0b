//! Building a tree from sorted entries: it is what commits would have made, or what it was.

use crate::key_sets::{ALL, KeySet};
use crate::model::{Model, check_all, value_hash};
use crate::random::Random;
use crate::world::options;
use bmt_beatree::{Buffer, Change, FlushOptions, Index, Key, Meta, Run, Tree, TreeError, Version};
use bmt_io::{Fault, SimDisk, When};
use std::sync::Arc;

fn entries(set: KeySet, count: u64) -> Model {
    let mut random = Random(count);
    let lengths = [0, 32, 32, 32, 128, 129, 1280, 1281, 20_000];
    let mut value = || {
        let len = random.pick(&lengths);
        Arc::from(random.bytes(len))
    };
    (0..count).map(|number| (set.key(number), value())).collect()
}

fn build(tree: &Tree, base: &Index, model: &Model) -> Index {
    let entries = model.iter().map(|(key, value)| (*key, value));
    tree.bulk_build(base, entries).unwrap().into_index()
}

fn check(tree: &Tree, index: &Index, model: &Model) {
    let report = tree.check(index, |_, _| {}).unwrap();
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    check_all(&Version::new(Buffer::new(), index.clone()), model);
    assert_eq!(index.counts().entries, u64::try_from(model.len()).unwrap());
}

#[test]
fn a_tree_that_was_built_is_opened_and_changed_like_any_other() {
    for set in ALL {
        let disk = SimDisk::new(1);
        let (tree, base) = Tree::create(disk.directory(), options()).unwrap();
        let mut model = entries(set, 3000);
        let index = build(&tree, &base, &model);
        check(&tree, &index, &model);
        let stored = index.meta().encode();
        drop((tree, base, index));
        let disk = disk.power_loss_losing_all();
        let meta = Meta::decode(&stored).unwrap();
        let (tree, mut index) = Tree::open(disk.directory(), options(), &meta).unwrap();
        check(&tree, &index, &model);
        let keys: Vec<Key> = model.keys().copied().step_by(2).collect();
        let run = Run::new(keys.iter().map(|key| (*key, Change::Delete)), value_hash).unwrap();
        let buffer = Buffer::new().with_run(Arc::new(run)).freeze().unwrap();
        let mut flush = tree.flush(&index, &buffer, FlushOptions::default());
        while let Some(slice) = flush.next_slice().unwrap() {
            index = flush.stored(slice);
        }
        drop(flush);
        keys.iter().for_each(|key| drop(model.remove(key)));
        check(&tree, &index, &model);
    }
}

#[test]
fn what_cannot_be_built_leaves_the_tree_as_it_was() {
    let disk = SimDisk::new(1);
    let (tree, base) = Tree::create(disk.directory(), options()).unwrap();
    let model = entries(KeySet::Uniform, 2000);
    let unsorted = [([2; 32], b"two"), ([1; 32], b"one")];
    let error = tree.bulk_build(&base, unsorted).unwrap_err();
    assert!(matches!(error, TreeError::Unsorted { index: 1 }), "{error}");
    let twice = [([2; 32], b"two"), ([2; 32], b"two")];
    assert!(tree.bulk_build(&base, twice).is_err());
    for number in 0..30 {
        disk.inject(When::Number(disk.operation_count() + number), Fault::NoSpace);
        let entries = model.iter().map(|(key, value)| (*key, value));
        if let Ok(slice) = tree.bulk_build(&base, entries) {
            slice.abandon();
        }
        disk.clear_faults();
        check(&tree, &base, &Model::new());
    }
    let index = build(&tree, &base, &model);
    check(&tree, &index, &model);
    assert!(matches!(tree.bulk_build(&base, unsorted), Err(TreeError::Stale { .. })));
    let error = tree.bulk_build(&index, unsorted).unwrap_err();
    assert!(
        matches!(error, TreeError::NotEmpty { entry_count } if entry_count == index.counts().entries)
    );
}
