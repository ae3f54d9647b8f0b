//! A changed byte of any file is a typed error, or does no harm.

use crate::key_sets::KeySet;
use crate::model::{Model, value_hash};
use crate::random::{Random, from_environment};
use bmt_beatree::{Background, Batch, Faults, Prefix, Store, StoreError, StoreOptions};
use bmt_io::{PAGE_SIZE, SimDisk};

fn open(disk: &SimDisk, faults: Faults) -> Result<Store, StoreError> {
    let options = StoreOptions {
        background: Background::Inline,
        segment_bytes: 16 << 10,
        salt: Some(1),
        value_hasher: value_hash,
        faults,
        ..StoreOptions::default()
    };
    Store::open_in(disk.directory(), options)
}

/// A store with pages of every kind, closed.
fn prepared() -> (SimDisk, Model) {
    let (disk, mut model, mut random) = (SimDisk::new(1), Model::new(), Random(1));
    let store = open(&disk, Faults::default()).unwrap();
    for round in 0..3 {
        let mut batch = Batch::new();
        for number in 0..300 {
            let key = KeySet::Uniform.key(number);
            let len = random.pick(&[0, 50, 50, 50, 200, 1300, 9000]);
            let value = random.bytes(len);
            if round > 0 && random.below(2) == 0 {
                batch.delete(key);
                model.remove(&key);
            } else {
                batch.put(key, value.clone());
                model.insert(key, value.into());
            }
        }
        store.commit(batch).unwrap();
        store.checkpoint().unwrap();
    }
    store.close().unwrap();
    (disk, model)
}

/// Reads everything: whether it is what it should be, and `None` if an error says that it is not.
fn is_right(disk: &SimDisk, model: &Model, faults: Faults) -> Option<bool> {
    let store = open(disk, faults).ok()?;
    let mut found = Model::new();
    for entry in store.range(..) {
        let (key, value) = entry.ok()?;
        found.insert(key, value.to_vec().into());
    }
    let report = store.check(|_, _| {}).ok()?;
    // What a check finds and no reader sees: a page that is free, or none of this store's.
    let is_clean = report.findings.is_empty();
    (is_clean || found != *model).then_some(found == *model)
}

/// Damages bytes here and there: how many changes were reported, did no harm, were not noticed.
fn damage(count: u64, faults: Faults) -> [u64; 3] {
    let (disk, model) = prepared();
    let mut random = Random(7);
    let mut outcomes = [0; 3];
    for _ in 0..count {
        let disk = disk.process_crash();
        let files = disk.list();
        let file =
            if random.below(3) > 0 { "beatree.pages" } else { &files[random.below(files.len())] };
        let mut bytes = disk.read_file(file).unwrap();
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        disk.write_file(file, &bytes);
        match is_right(&disk, &model, faults) {
            None => outcomes[0] += 1,
            Some(true) => outcomes[1] += 1,
            Some(false) => outcomes[2] += 1,
        }
    }
    outcomes
}

#[test]
fn no_changed_byte_goes_unnoticed() {
    let [reported, harmless, unnoticed] =
        damage(from_environment("BMT_STEPS", 600).min(20_000), Faults::default());
    assert_eq!(unnoticed, 0);
    assert!(reported > 0 && harmless > 0, "{reported} reported, {harmless} harmless");
}

#[test]
fn without_checksums_it_would() {
    let [_, _, unnoticed] = damage(300, Faults { no_checksum: true, ..Faults::default() });
    assert!(unnoticed > 0);
}

#[test]
fn a_check_of_an_open_store_reads_every_page_that_opening_needs() {
    let (disk, _) = prepared();
    let disk = disk.process_crash();
    let store = open(&disk, Faults::default()).unwrap();
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
    let bytes = disk.read_file("beatree.pages").unwrap();
    for magic in [b"BTHD", b"BTLF", b"BTBR", b"BTOV", b"BTFR"] {
        let found = (0..bytes.len() / PAGE_SIZE).filter(|page| {
            let mut bytes = bytes.clone();
            if bytes[page * PAGE_SIZE..].starts_with(magic) {
                bytes[page * PAGE_SIZE + 17] ^= 1;
            }
            disk.write_file("beatree.pages", &bytes);
            !store.check(|_, _| {}).unwrap().findings.is_empty()
        });
        assert!(found.count() > 0, "a damaged page of kind {magic:?}");
    }
}

/// What a page says is believed only as far as its checksum goes: without, it may still be wrong in any
/// way, and nothing may panic.
#[test]
fn no_damage_panics_even_if_checksums_fit() {
    let faults = Faults { no_checksum: true, ..Faults::default() };
    let (disk, model) = prepared();
    let mut random = Random(11);
    let mut outcomes = [0; 2];
    for _ in 0..from_environment("BMT_STEPS", 400).min(100_000) {
        let disk = disk.process_crash();
        let mut bytes = disk.read_file("beatree.pages").unwrap();
        for _ in 0..=random.below(2) {
            let page = random.below(bytes.len() / PAGE_SIZE);
            let within = 8 + {
                let bound = random.pick(&[24, 200, PAGE_SIZE - 8]);
                random.below(bound)
            };
            bytes[page * PAGE_SIZE + within] ^= 1 << random.below(8);
        }
        disk.write_file("beatree.pages", &bytes);
        let worked = work_over(&disk, &model, &mut random, faults);
        outcomes[usize::from(worked.is_ok())] += 1;
    }
    assert!(outcomes[0] > 0 && outcomes[1] > 0, "{outcomes:?}");
}

/// Reads everything in every way, and changes most of it.
fn work_over(
    disk: &SimDisk,
    model: &Model,
    random: &mut Random,
    faults: Faults,
) -> Result<(), StoreError> {
    let store = open(disk, faults)?;
    let keys: Vec<_> = model.keys().copied().collect();
    // Errors are what they are; the work goes on.
    let read = store.get_many(&keys).map(drop);
    let ranged = store.range(..).rev().try_for_each(|entry| entry.map(drop));
    let listed = store.snapshot().leaf_entries(&[Prefix::EMPTY], |_, _| {});
    let checked = store.check(|_, _| {}).map(drop);
    let mut written = Ok(());
    for share in [2, 5, 1] {
        let changes = keys.iter().filter(|_| random.below(share) == 0).map(|key| {
            let len = [0, 40, 1300][usize::from(key[0] % 3)];
            (*key, (key[1] % 3 > 0).then(|| vec![7; len]))
        });
        store.commit(changes.collect::<Vec<_>>().into_iter().collect())?;
        written = written.and(store.checkpoint());
    }
    read.and(checked).and(written)?;
    Ok(ranged.and(listed)?)
}
