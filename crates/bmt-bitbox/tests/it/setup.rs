//! Small stores on a simulated disk.

use crate::random::{id_of, payload_of};
use bmt_bitbox::{Batch, CopyMode, Store, StoreOptions, TableOptions};
use bmt_io::SimDisk;

/// Sixteen buckets, nothing in the background, no copies but those that are asked for.
pub(crate) fn options() -> StoreOptions {
    let mut options = StoreOptions::new(0);
    options.table = TableOptions {
        bucket_count_min: 16,
        copy_pages_per_batch: 0,
        copy_pages_per_put: 0,
        ..TableOptions::new(0x0dd_5a17)
    };
    options.copying = CopyMode::Inline;
    options
}

pub(crate) fn create(disk: &SimDisk) -> Store {
    Store::create(disk.directory(), options()).unwrap()
}

/// A store that has room enough not to grow by itself.
pub(crate) fn create_roomy(disk: &SimDisk) -> Store {
    let mut options = options();
    options.table.bucket_count_min = 128;
    Store::create(disk.directory(), options).unwrap()
}

pub(crate) fn open(disk: &SimDisk) -> Store {
    Store::open(disk.directory(), options()).unwrap()
}

/// Puts pages whose payload's number is the id's plus `shift`, in one batch.
pub(crate) fn put_all(store: &Store, numbers: impl IntoIterator<Item = u64>, shift: u64) {
    let mut batch = Batch::new();
    for number in numbers {
        batch.put(id_of(number), payload_of(number + shift)).unwrap();
    }
    store.commit(&batch).unwrap();
}

/// Whether pages have the payloads that [`put_all`] gave them.
pub(crate) fn has_all(store: &Store, numbers: impl IntoIterator<Item = u64>, shift: u64) -> bool {
    numbers.into_iter().all(|number| {
        let page = store.get(&id_of(number)).unwrap();
        page.as_deref() == Some(payload_of(number + shift).as_slice())
    })
}

/// Asserts that the integrity check finds this many pages and nothing wrong.
pub(crate) fn assert_clean(store: &Store, page_count: u64) {
    let report = store.check(|_, _| {}).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.page_count, page_count);
}
