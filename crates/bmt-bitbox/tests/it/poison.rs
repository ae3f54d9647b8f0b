//! After a failed write or sync nothing is committed any more, and reads go on.

use crate::setup::{create, has_all, open, put_all};
use bmt_bitbox::{Batch, TableError};
use bmt_io::{Fault, Operation, SimDisk, When};

fn fail_next(disk: &SimDisk, operation: Operation, skip: u64) {
    let number = disk.attempts().count(operation) + skip;
    disk.inject(When::Kind(operation, number), Fault::Error);
}

fn one_page() -> Batch<'static> {
    let mut batch = Batch::new();
    batch.put(crate::random::id_of(1), vec![7]).unwrap();
    batch
}

#[test]
fn a_failed_sync_of_a_table_is_not_tried_again() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..3, 0);
    fail_next(&disk, Operation::SyncData, 0);
    assert!(matches!(store.commit(&one_page()), Err(TableError::Io(_))));
    let syncs = disk.attempts().count(Operation::SyncData);
    for _ in 0..2 {
        assert!(matches!(store.commit(&one_page()), Err(TableError::Poisoned { .. })));
        assert!(matches!(store.grow(), Err(TableError::Poisoned { .. })));
    }
    assert_eq!(disk.attempts().count(Operation::SyncData), syncs);
    assert!(has_all(&store, 0..3, 0), "reads go on");
    assert!(store.check(|_, _| {}).unwrap().is_clean());
    drop(store);
    assert!(has_all(&open(&disk.power_loss_losing_all()), 0..3, 0));
}

#[test]
fn a_failed_manifest_leaves_the_outcome_open() {
    for (skip, is_there) in [(1, None), (2, Some(true))] {
        let disk = SimDisk::new(1);
        let store = create(&disk);
        put_all(&store, 0..3, 0);
        // After the sync of the table: the first slot, or the second.
        fail_next(&disk, Operation::SyncData, skip);
        let result = store.commit(&one_page());
        assert!(matches!(result, Err(TableError::OutcomeUnknown { batch: 2, .. })), "{result:?}");
        assert!(matches!(store.commit(&one_page()), Err(TableError::Poisoned { .. })));
        assert!(has_all(&store, 0..3, 0), "what is not acknowledged is not shown");
        drop(store);
        let batch = open(&disk.power_loss_losing_all()).stats().batch;
        assert!(is_there.is_none() || batch == 2);
    }
}

#[test]
fn an_exhausted_pool_is_an_error_and_no_poison() {
    let disk = SimDisk::new(1);
    let mut options = crate::setup::options();
    options.table.pool = bmt_io::PagePool::new(2 * 4096);
    options.table.bucket_count_min = 64;
    let store = bmt_bitbox::Store::create(disk.directory(), options).unwrap();
    put_all(&store, 0..8, 0);
    let ids: Vec<_> = (0..8).map(crate::random::id_of).collect();
    assert!(matches!(store.get_many(&ids), Err(TableError::Io(_))));
    let mut count = 0;
    store.pin().get_each(&ids, |_, _| count += 1).unwrap();
    assert_eq!(count, 8, "pages that are dropped at once need few buffers");
    let held: Vec<_> = ids[..2].iter().map(|id| store.get(id).unwrap()).collect();
    assert!(matches!(store.commit(&one_page()), Err(TableError::Io(_))));
    drop(held);
    store.commit(&one_page()).unwrap();
    assert!(!store.stats().is_poisoned);
}
