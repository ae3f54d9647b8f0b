//! Being out of space costs the batch alone, wherever it is met.

use crate::random::id_of;
use crate::setup::{assert_clean, create, has_all, open, put_all};
use bmt_bitbox::{Batch, Store, TableError};
use bmt_io::SimDisk;

fn used_bytes(disk: &SimDisk) -> u64 {
    disk.list().iter().map(|name| disk.read_file(name).unwrap().len() as u64).sum()
}

/// A store whose next growth meets a full disk.
fn full() -> (SimDisk, Store) {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..6, 0);
    disk.set_capacity_bytes(Some(used_bytes(&disk)));
    (disk, store)
}

#[test]
fn a_batch_that_needs_a_larger_table_is_refused_and_can_be_repeated() {
    let (disk, store) = full();
    let mut batch = Batch::new();
    (6..12).for_each(|number| batch.put(id_of(number), vec![1]).unwrap());
    for _ in 0..3 {
        assert!(matches!(store.commit(&batch), Err(TableError::NoSpace { .. })));
    }
    assert!(!store.stats().is_poisoned && !store.is_resizing());
    assert!(has_all(&store, 0..6, 0));
    assert_clean(&store, 6);
    assert_eq!(disk.list().len(), 2, "nothing is left of the tables that did not come");
    disk.set_capacity_bytes(None);
    assert_eq!(store.commit(&batch).unwrap(), 2);
    assert_clean(&store, 12);
    assert_clean(&open(&disk.power_loss_losing_all()), 12);
}

#[test]
fn there_is_room_for_some_more_pages_and_always_for_deletions() {
    let (_, store) = full();
    put_all(&store, 6..9, 0);
    assert_eq!((store.stats().page_count, store.stats().bucket_count), (9, 16));
    let mut batch = Batch::new();
    batch.put(id_of(9), vec![1]).unwrap();
    assert!(matches!(store.commit(&batch), Err(TableError::NoSpace { .. })), "over 0.6");
    (0..4).for_each(|number| store.delete(id_of(number)).map(drop).unwrap());
    put_all(&store, 0..2, 5);
    assert!(has_all(&store, 0..2, 5) && has_all(&store, 4..9, 0));
    assert!(matches!(store.grow(), Err(TableError::NoSpace { .. })));
    assert_clean(&store, 7);
}
