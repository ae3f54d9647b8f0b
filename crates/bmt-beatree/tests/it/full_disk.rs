//! A full disk: what a failed checkpoint wrote does not stay in the way, and the store opens.

use crate::key_sets::KeySet;
use crate::model::{Model, check_all, value_hash};
use crate::random::Random;
use bmt_beatree::{Background, Store, StoreError, StoreOptions, TreeError};
use bmt_io::{IoError, SimDisk};
use std::ops::Range;
use std::sync::Arc;

fn open(disk: &SimDisk, buffer_bytes: usize) -> Result<Store, StoreError> {
    let options = StoreOptions {
        buffer_bytes,
        background: Background::Inline,
        segment_bytes: 4 << 20,
        value_hasher: value_hash,
        slice_changes_min: 4096,
        ..StoreOptions::default()
    };
    Store::open_in(disk.directory(), options)
}

fn commit(store: &Store, model: &mut Model, seed: u64, numbers: Range<u64>) {
    let mut random = Random(seed);
    let mut changes = Vec::new();
    for number in numbers {
        let value = random.bytes(100);
        model.insert(KeySet::Uniform.key(number), Arc::from(&*value));
        changes.push((KeySet::Uniform.key(number), Some(value)));
    }
    store.commit(changes.into_iter().collect()).unwrap();
}

fn used_bytes(disk: &SimDisk) -> usize {
    disk.list().iter().filter_map(|name| Some(disk.read_file(name)?.len())).sum()
}

fn limit(disk: &SimDisk, more_bytes: usize) {
    disk.set_capacity_bytes(Some(u64::try_from(used_bytes(disk) + more_bytes).unwrap()));
}

#[test]
fn a_checkpoint_that_found_no_space_leaves_none_taken() {
    let (disk, mut model) = (SimDisk::new(1), Model::new());
    let store = open(&disk, 8 << 20).unwrap();
    commit(&store, &mut model, 1, 0..3000);
    store.checkpoint().unwrap();
    commit(&store, &mut model, 2, 0..6000);
    let before = used_bytes(&disk);
    limit(&disk, 512 << 10);
    for round in 0..2 {
        let error = store.checkpoint().unwrap_err();
        let is_full = matches!(error, StoreError::Tree(TreeError::Io(IoError::NoSpace { .. })));
        assert!(is_full, "{error}");
        // Slices before it were stored and are kept.
        let live = usize::try_from(store.stats().tree.page_count).unwrap() * 4096;
        let file = disk.read_file("beatree.pages").unwrap().len();
        assert!(
            file <= live,
            "round {round}: {file} bytes of which {live} are pages; {before} before"
        );
        check_all(&store.snapshot(), &model);
        assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
    }
    commit(&store, &mut model, 3, 0..10);
    disk.set_capacity_bytes(None);
    store.checkpoint().unwrap();
    check_all(&store.snapshot(), &model);
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
}

#[test]
fn a_store_opens_on_a_full_disk_while_its_log_fits_the_buffer() {
    let (disk, mut model) = (SimDisk::new(1), Model::new());
    let store = open(&disk, 8 << 20).unwrap();
    for seed in 0..4 {
        commit(&store, &mut model, seed, seed * 1000..seed * 1000 + 1000);
    }
    let buffer_bytes = store.stats().buffer_bytes;
    drop(store);
    limit(&disk, 0);
    // At half of its buffer it would write a checkpoint.
    let store = open(&disk, buffer_bytes * 5 / 4).unwrap();
    check_all(&store.snapshot(), &model);
    drop(store);
    let error = open(&disk, buffer_bytes / 4).unwrap_err();
    assert!(matches!(error, StoreError::Tree(TreeError::Io(IoError::NoSpace { .. }))), "{error}");
    disk.set_capacity_bytes(None);
    let store = open(&disk, buffer_bytes / 4).unwrap();
    check_all(&store.snapshot(), &model);
}
