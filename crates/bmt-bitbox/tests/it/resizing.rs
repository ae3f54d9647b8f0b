//! Tables grow, shrink and are rebuilt while batches go on.

use crate::random::id_of;
use crate::setup::{assert_clean, create, has_all, open, put_all};
use bmt_bitbox::{Batch, TableNames};
use bmt_io::SimDisk;

/// The tables that the manifest names.
fn named(disk: &SimDisk) -> usize {
    let slots = disk.read_file("bitbox-manifest").unwrap();
    let payload = |at: usize| TableNames::decode(&slots[at + 48..at + 112]).unwrap();
    assert_eq!(payload(0), payload(4096), "both slots have the same record");
    1 + usize::from(payload(0).source.is_some())
}

#[test]
fn a_growing_store_reads_and_writes_both_tables() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..6, 0);
    assert_eq!((store.stats().bucket_count, named(&disk)), (16, 1));
    put_all(&store, 6..9, 0);
    let stats = store.stats();
    assert_eq!((stats.bucket_count, stats.source_bucket_count), (64, 16));
    assert_eq!((stats.source_page_count, stats.live_count, named(&disk)), (6, 3, 2));
    // Replaced and deleted pages leave the old table.
    put_all(&store, [0, 7], 20);
    let mut batch = Batch::new();
    batch.delete(id_of(1));
    store.commit(&batch).unwrap();
    assert_eq!(store.stats().source_page_count, 4);
    assert!(has_all(&store, [0, 7], 20) && has_all(&store, [2, 3, 4, 5, 6, 8], 0));
    for disk in [disk.power_loss_losing_all(), disk.process_crash()] {
        let store = open(&disk);
        assert_eq!(store.stats().source_page_count, 4);
        assert_clean(&store, 8);
        store.finish_resize().unwrap();
        assert_eq!((store.stats().page_count, store.is_resizing(), named(&disk)), (8, false, 1));
        assert_clean(&store, 8);
    }
}

#[test]
fn a_batch_too_large_for_the_growing_table_empties_the_oldest_one() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..6, 0);
    put_all(&store, 6..9, 0);
    assert_eq!(store.stats().source_page_count, 6);
    put_all(&store, 9..2000, 0);
    let stats = store.stats();
    assert_eq!((stats.bucket_count, stats.source_bucket_count), (8192, 64));
    assert_eq!((stats.source_page_count, stats.resize_count, named(&disk)), (3, 2, 2));
    assert!(has_all(&store, 0..2000, 0));
    store.finish_resize().unwrap();
    assert_clean(&store, 2000);
    assert_clean(&open(&disk.power_loss_losing_all()), 2000);
}

#[test]
fn a_store_shrinks_on_request_and_no_further_than_its_pages() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..300, 0);
    store.finish_resize().unwrap();
    assert_eq!(store.stats().bucket_count, 2048);
    assert!(!store.shrink().unwrap(), "the pages need them");
    let mut batch = Batch::new();
    (20..300).for_each(|number| batch.delete(id_of(number)));
    store.commit(&batch).unwrap();
    assert!(store.shrink().unwrap());
    put_all(&store, 20..22, 0);
    store.finish_resize().unwrap();
    let stats = store.stats();
    assert_eq!((stats.bucket_count, stats.page_count, stats.tombstone_count), (128, 22, 0));
    assert_clean(&store, 22);
    assert_clean(&open(&disk.power_loss_losing_all()), 22);
}

#[test]
fn churn_uses_tombstones_again_and_at_last_rebuilds_the_table() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    for round in 0..400 {
        // Always new ids, as from the engine, and never more than five.
        put_all(&store, [round], 0);
        let mut batch = Batch::new();
        batch.delete(id_of(round.saturating_sub(4)));
        store.commit(&batch).unwrap();
        store.finish_resize().unwrap();
        let stats = store.stats();
        assert!(stats.bucket_count <= 32);
        assert!(stats.empty_count >= 1, "{stats:?}");
    }
    let rebuilds = store.stats().resize_count;
    assert!((1..60).contains(&rebuilds), "{rebuilds} rebuilds in 800 batches");
    assert_clean(&store, 4);
}

#[test]
fn files_that_are_not_named_are_removed() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..3, 0);
    // Named only with the next batch, which does not come.
    assert!(store.grow().unwrap());
    drop(store);
    disk.write_file("bitbox-00000000000000ff", b"left over");
    disk.write_file("bitbox-notatable", b"not ours");
    let store = open(&disk);
    put_all(&store, 3..4, 0);
    let expected = ["bitbox-0000000000000001", "bitbox-manifest", "bitbox-notatable"];
    assert_eq!(disk.list(), expected);
    assert!(store.grow().unwrap());
    assert!(disk.list().contains(&"bitbox-0000000000000100".to_owned()), "no number comes twice");
}
