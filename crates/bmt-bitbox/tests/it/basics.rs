//! Creating, opening, limits, and batches as their documentation says.

use crate::random::{id_of, payload_of};
use crate::setup::{assert_clean, create, open, options};
use bmt_bitbox::{Batch, PAYLOAD_BYTES_MAX, Store, TableError};
use bmt_io::{IoError, SimDisk};

#[test]
fn a_store_is_created_once_and_locked_while_open() {
    let disk = SimDisk::new(1);
    let missing = Store::open(disk.directory(), options());
    assert!(matches!(missing, Err(TableError::Manifest(_))));
    let store = create(&disk);
    let second = Store::open(disk.directory(), options());
    assert!(matches!(second, Err(TableError::Io(IoError::Locked { .. }))));
    store.close().unwrap();
    let again = Store::create(disk.directory(), options());
    assert!(matches!(again, Err(TableError::AlreadyExists { .. })));
    assert_clean(&open(&disk), 0);
}

#[test]
fn options_out_of_range_are_refused() {
    let disk = SimDisk::new(1);
    for (bucket_count_min, queue_depth) in [(8, 1), (17, 1), (1 << 32, 1), (16, 0), (16, 5000)] {
        let mut options = options();
        options.table.bucket_count_min = bucket_count_min;
        options.table.queue_depth = queue_depth;
        let refused = Store::create(disk.directory(), options);
        assert!(matches!(refused, Err(TableError::InvalidOption { .. })), "{refused:?}");
    }
    assert!(disk.list().is_empty());
}

#[test]
fn of_two_changes_to_one_id_the_later_counts() {
    let store = create(&SimDisk::new(1));
    let mut batch = Batch::new();
    batch.put(id_of(1), b"first").unwrap();
    batch.put(id_of(1), b"second").unwrap();
    batch.put(id_of(2), b"deleted").unwrap();
    batch.delete(id_of(2));
    batch.delete(id_of(3));
    batch.put(id_of(3), b"put").unwrap();
    assert_eq!((batch.len(), batch.put_count(), batch.is_empty()), (3, 2, false));
    store.commit(&batch).unwrap();
    assert_eq!(store.get(&id_of(1)).unwrap().as_deref(), Some(b"second".as_slice()));
    assert!(store.get(&id_of(2)).unwrap().is_none());
    assert_eq!(store.get(&id_of(3)).unwrap().as_deref(), Some(b"put".as_slice()));
}

#[test]
fn payloads_have_any_length_up_to_the_limit() {
    let store = create(&SimDisk::new(1));
    for len in [0, 1, 100, PAYLOAD_BYTES_MAX - 1, PAYLOAD_BYTES_MAX] {
        store.put(id_of(0), &vec![9; len]).unwrap();
        let page = store.get(&id_of(0)).unwrap().unwrap();
        assert_eq!((page.id(), page.payload()), (&id_of(0), vec![9; len].as_slice()));
        let sum = bmt_bitbox::image_checksum(&id_of(0), page.payload());
        assert_eq!(sum, Some(page.checksum()));
    }
    let refused = store.put(id_of(0), &[0; PAYLOAD_BYTES_MAX + 1]);
    assert!(matches!(refused, Err(TableError::PayloadTooLong { payload_bytes: 4033 })));
}

#[test]
fn an_empty_batch_and_deletions_of_nothing_are_batches() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    assert_eq!(store.commit(&Batch::new()).unwrap(), 1);
    assert_eq!(store.delete(id_of(1)).unwrap(), 2);
    assert_eq!(store.put(id_of(1), &payload_of(1)).unwrap(), 3);
    let store = open(&disk.power_loss_losing_all());
    assert_eq!((store.stats().batch, store.stats().page_count), (3, 1));
}

#[test]
fn many_pages_come_in_the_order_of_their_ids() {
    let disk = SimDisk::new(3);
    let store = create(&disk);
    crate::setup::put_all(&store, 0..500, 0);
    let ids: Vec<_> = (0..600).rev().map(id_of).collect();
    let pages = store.get_many(&ids).unwrap();
    for (number, page) in (0..600u64).rev().zip(pages) {
        let expected = (number < 500).then(|| payload_of(number));
        assert_eq!(page.as_deref(), expected.as_deref(), "page {number}");
    }
    let stats = store.stats();
    assert!(stats.page_read_count < 540, "about a read a page: {stats:?}");
}
