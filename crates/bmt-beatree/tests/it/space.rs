//! How much space pages take: by the bytes of keys and values, and the file by its pages in use.

#![expect(clippy::print_stdout, reason = "the ratios are for people to read")]

use crate::key_sets::KeySet;
use crate::model::value_hash;
use crate::random::Random;
use bmt_beatree::{Background, Batch, Key, Store, StoreOptions};
use bmt_io::SimDisk;

const VALUE_BYTES: usize = 32;

fn open() -> Store {
    let options = StoreOptions {
        buffer_bytes: 1 << 20,
        background: Background::Inline,
        value_hasher: value_hash,
        slice_changes_min: 100,
        ..StoreOptions::default()
    };
    Store::open_in(SimDisk::new(1).directory(), options).unwrap()
}

/// Pages in use by raw bytes, and the file by pages in use.
fn ratios(store: &Store, key_count: usize) -> (f64, f64) {
    store.checkpoint().unwrap();
    let stats = store.stats();
    let live_bytes = stats.pages.live_pages() as f64 * 4096.0;
    let raw_bytes = (key_count * (32 + VALUE_BYTES)) as f64;
    (live_bytes / raw_bytes, f64::from(stats.tree.page_count) * 4096.0 / live_bytes)
}

fn update(store: &Store, random: &mut Random, keys: &[Key]) {
    for keys in keys.chunks(1000) {
        let mut batch = Batch::new();
        for key in keys {
            batch.put(*key, random.bytes(VALUE_BYTES));
        }
        store.commit(batch).unwrap();
    }
}

/// Inserts at random, then updates at random.
fn measure(set: KeySet, key_count: usize) -> [(f64, f64); 2] {
    let (store, mut random) = (open(), Random(key_count as u64));
    let keys: Vec<Key> = (0..key_count as u64).map(|number| set.key(number)).collect();
    update(&store, &mut random, &keys);
    let inserted = ratios(&store, key_count);
    for _ in 0..3 {
        let keys: Vec<Key> = (0..key_count / 2).map(|_| random.pick(&keys)).collect();
        update(&store, &mut random, &keys);
    }
    let updated = ratios(&store, key_count);
    println!("{set:?}, {key_count} keys: inserted {inserted:.3?}, updated {updated:.3?}");
    [inserted, updated]
}

#[test]
fn pages_are_full_and_the_file_is_little_longer() {
    for set in [KeySet::Uniform, KeySet::Jam] {
        for key_count in [16_000, 20_000, 24_000, 28_000] {
            for (live_by_raw, file_by_live) in measure(set, key_count) {
                assert!(live_by_raw <= 1.30, "{set:?}, {key_count} keys: pages {live_by_raw:.3}");
                assert!(file_by_live <= 1.15, "{set:?}, {key_count} keys: file {file_by_live:.3}");
            }
        }
    }
}
