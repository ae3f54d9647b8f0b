//! A forgotten snapshot holds so many pages and no more; then its reader is told.

use crate::key_sets::KeySet;
use crate::model::value_hash;
use bmt_beatree::{Background, Batch, Key, Store, StoreOptions, TreeError};
use bmt_io::SimDisk;

fn stamped(number: u64) -> Batch {
    let key = |number| KeySet::Uniform.key(number);
    (0..3000).map(|at| (key(at), Some(number.to_le_bytes().to_vec()))).collect()
}

#[test]
fn a_snapshot_that_holds_too_much_expires() {
    let options = StoreOptions {
        background: Background::Inline,
        leaf_cache_bytes: 0,
        held_bytes_max: 1 << 20,
        value_hasher: value_hash,
        slice_changes_min: 500,
        ..StoreOptions::default()
    };
    let store = Store::open_in(SimDisk::new(1).directory(), options).unwrap();
    store.commit(stamped(0)).unwrap();
    store.checkpoint().unwrap();
    let snapshot = store.snapshot();
    let mut held = snapshot.range(..);
    let keys: Vec<Key> = (0..3000).map(|number| KeySet::Uniform.key(number)).collect();
    let mut round = 0;
    let error = loop {
        round += 1;
        assert!(round < 100, "it expires at some time");
        store.commit(stamped(round)).unwrap();
        store.checkpoint().unwrap();
        match snapshot.get_many(&keys) {
            Ok(values) => assert!(
                values
                    .iter()
                    .all(|value| { value.as_deref() == Some(0_u64.to_le_bytes().as_slice()) })
            ),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, TreeError::SnapshotExpired { .. }), "{error}");
    assert!(round > 2, "but not at once: {round}");
    assert!(matches!(snapshot.get(&keys[0]), Err(TreeError::SnapshotExpired { .. })));
    assert!(matches!(held.find_map(Result::err).unwrap(), TreeError::SnapshotExpired { .. }));
    let stats = store.stats().tree;
    assert!(stats.expired_count > 0 && stats.held_pages * 4096 <= 1 << 20);
    // The current state is not touched, nor is the integrity of the pages.
    assert_eq!(*store.get(&keys[0]).unwrap().unwrap(), round.to_le_bytes());
    assert!(store.check(|_, _| {}).unwrap().findings.is_empty());
}
