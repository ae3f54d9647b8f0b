//! A pinned batch stays as it was, through updates, growth and shrinking; its buckets are freed with it.

use crate::random::{id_of, payload_of};
use crate::setup::{assert_clean, create, create_roomy, has_all, open, put_all};
use bmt_bitbox::{Batch, Snapshot, Store};
use bmt_io::SimDisk;

fn sees(snapshot: &Snapshot, numbers: core::ops::Range<u64>, shift: u64) -> bool {
    numbers.into_iter().all(|number| {
        let page = snapshot.get(&id_of(number)).unwrap();
        page.as_deref() == Some(payload_of(number + shift).as_slice())
    })
}

fn delete_all(store: &Store, numbers: core::ops::Range<u64>) {
    let mut batch = Batch::new();
    numbers.for_each(|number| batch.delete(id_of(number)));
    store.commit(&batch).unwrap();
}

#[test]
fn a_snapshot_sees_its_own_batch_and_nothing_later() {
    let store = create(&SimDisk::new(1));
    put_all(&store, 0..4, 100);
    let old = store.pin();
    put_all(&store, 0..2, 200);
    delete_all(&store, 2..3);
    put_all(&store, 4..6, 300);
    let newer = store.pin();
    put_all(&store, 0..6, 400);
    assert!(sees(&old, 0..4, 100));
    assert!(old.get(&id_of(4)).unwrap().is_none(), "put later");
    assert!(sees(&newer, 0..2, 200) && sees(&newer, 3..4, 100) && sees(&newer, 4..6, 300));
    assert!(newer.get(&id_of(2)).unwrap().is_none(), "deleted before");
    assert!(has_all(&store, 0..6, 400));
    assert_eq!((old.batch(), newer.batch(), store.stats().batch), (1, 4, 5));
}

#[test]
fn pinned_images_are_counted_and_freed_with_the_last_pin() {
    let store = create(&SimDisk::new(1));
    put_all(&store, 0..4, 0);
    let pin = store.pin();
    let same = pin.clone();
    put_all(&store, 0..4, 10);
    assert_eq!((store.stats().pinned_bytes, store.stats().pin_count), (4 * 4096, 2));
    drop(pin);
    assert_eq!(store.stats().pinned_bytes, 4 * 4096);
    assert!(sees(&same, 0..4, 0));
    drop(same);
    assert_eq!((store.stats().pinned_bytes, store.stats().pin_count), (0, 0));
    assert_clean(&store, 4);
}

#[test]
fn forgotten_pins_make_the_table_grow_instead_of_failing() {
    let store = create(&SimDisk::new(1));
    let mut pins = Vec::new();
    for round in 0..50 {
        put_all(&store, 0..3, round * 10);
        pins.push((round, store.pin()));
    }
    assert!(store.stats().bucket_count > 100, "{:?}", store.stats());
    for (round, pin) in &pins {
        assert!(sees(pin, 0..3, round * 10), "round {round}");
    }
    drop(pins);
    store.finish_resize().unwrap();
    assert!(store.shrink().unwrap());
    store.finish_resize().unwrap();
    assert_eq!((store.stats().bucket_count, store.stats().pinned_bytes), (16, 0));
    assert!(has_all(&store, 0..3, 490));
}

#[test]
fn a_snapshot_keeps_the_file_of_the_table_that_was_left() {
    let disk = SimDisk::new(1);
    let store = create_roomy(&disk);
    put_all(&store, 0..5, 0);
    let pin = store.pin();
    put_all(&store, 0..2, 50);
    assert!(store.grow().unwrap());
    assert!(!store.grow().unwrap(), "one at a time");
    put_all(&store, 2..3, 50);
    store.finish_resize().unwrap();
    put_all(&store, 3..4, 50);
    let tables =
        |disk: &SimDisk| disk.list().iter().filter(|name| *name != "bitbox-manifest").count();
    assert_eq!(tables(&disk), 2, "{:?}", disk.list());
    assert!(sees(&pin, 0..5, 0));
    assert!(has_all(&store, 0..4, 50) && has_all(&store, 4..5, 0));
    // A crash needs no pins.
    let reopened = open(&disk.power_loss_losing_all());
    assert!(has_all(&reopened, 0..4, 50));
    drop(pin);
    put_all(&store, 5..6, 50);
    assert_eq!(tables(&disk), 1, "{:?}", disk.list());
    assert_clean(&store, 6);
}

#[test]
fn moves_to_another_table_change_nothing_for_a_snapshot() {
    let store = create_roomy(&SimDisk::new(1));
    put_all(&store, 0..5, 0);
    let oldest = store.pin();
    put_all(&store, 0..3, 50);
    let pin = store.pin();
    for _ in 0..3 {
        assert!(store.grow().unwrap());
        store.finish_resize().unwrap();
    }
    assert!(sees(&oldest, 0..5, 0));
    assert!(sees(&pin, 0..3, 50) && sees(&pin, 3..5, 0));
    put_all(&store, 0..5, 70);
    assert!(sees(&oldest, 0..5, 0), "pages that were moved and then replaced");
    assert!(sees(&pin, 0..3, 50) && sees(&pin, 3..5, 0));
    assert!(has_all(&store, 0..5, 70));
}
