//! A store on real files grows and shrinks in the background, beside readers and batches.

use crate::random::{id_of, payload_of};
use bmt_bitbox::{Batch, Store, StoreOptions};
use bmt_io::{Backend, IoOptions, open_directory};
use core::sync::atomic::{AtomicBool, Ordering};

fn run(backend: Backend) {
    let place = tempfile::tempdir().unwrap();
    let open = || open_directory(place.path(), &IoOptions { backend, ..IoOptions::default() });
    let mut options = StoreOptions::new(7);
    options.table.bucket_count_min = 16;
    let store = Store::create(open().unwrap(), options.clone()).unwrap();
    put(&store, 0..20, 0);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Also when this thread fails, the readers end.
        let end = SetOnDrop(&is_over);
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut count = 0;
                    while !is_over.load(Ordering::Relaxed) {
                        read(&store);
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        for from in (20..1500).step_by(40) {
            put(&store, from..from + 40, 0);
        }
        let mut batch = Batch::new();
        (100..1500).for_each(|number| batch.delete(id_of(number)));
        store.commit(&batch).unwrap();
        store.finish_resize().unwrap();
        assert!(store.shrink().unwrap());
        store.finish_resize().unwrap();
        drop(end);
        let counts: Vec<u64> = readers.into_iter().map(|it| it.join().unwrap()).collect();
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    });
    assert!(store.stats().resize_count >= 5, "{:?}", store.stats());
    store.close().unwrap();
    let store = Store::open(open().unwrap(), options).unwrap();
    assert_eq!(store.stats().bucket_count, 512);
    crate::setup::assert_clean(&store, 100);
    read(&store);
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn put(store: &Store, numbers: core::ops::Range<u64>, shift: u64) {
    crate::setup::put_all(store, numbers, shift);
}

/// The first pages are always there; a snapshot sees the same twice.
fn read(store: &Store) {
    let ids: Vec<_> = (0..40).map(id_of).collect();
    let snapshot = store.pin();
    let first: Vec<_> = snapshot.get_many(&ids).unwrap();
    for (number, page) in (0..).zip(&first) {
        match page {
            Some(page) => assert_eq!(page.payload(), payload_of(number)),
            None => assert!(number >= 20, "page {number} is lost"),
        }
    }
    for (id, page) in ids.iter().zip(first) {
        assert_eq!(snapshot.get(id).unwrap().as_deref(), page.as_deref());
    }
}

#[test]
fn with_the_best_backend() {
    run(Backend::Auto);
}

#[test]
fn with_threads() {
    run(Backend::Threads);
}
