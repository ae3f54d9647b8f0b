//! A damaged page is told whenever it is read, and stops neither batches nor growth: what can be moved is moved
//! bit for bit, what nobody can tell stays where it is.

use crate::random::{id_of, payload_of};
use crate::setup::{has_all, open, options, put_all};
use bmt_bitbox::{Batch, PageId, Store, TableError};
use bmt_io::SimDisk;

const BUCKET: usize = 4096;

/// The file and offset of the image of a page.
fn place_of(disk: &SimDisk, id: &PageId) -> (String, usize) {
    let place_in = |name: String| {
        let bytes = disk.read_file(&name).unwrap();
        let is_it =
            |at: &usize| bytes[*at..*at + 8] == *b"bmt.page" && bytes[*at + 32..*at + 64] == *id;
        (0..bytes.len()).step_by(BUCKET).find(is_it).map(|at| (name, at))
    };
    let tables = disk.list().into_iter().filter(|name| name != "bitbox-manifest");
    tables.filter_map(place_in).next().unwrap()
}

fn edit(disk: &SimDisk, id: &PageId, change: impl FnOnce(&mut [u8])) {
    let (name, at) = place_of(disk, id);
    let mut bytes = disk.read_file(&name).unwrap();
    change(&mut bytes[at..at + BUCKET]);
    disk.write_file(&name, &bytes);
}

/// A store of six pages, of which page 3 was damaged.
fn damaged(change: impl FnOnce(&mut [u8])) -> (SimDisk, Store) {
    let disk = SimDisk::new(1);
    let store = crate::setup::create(&disk);
    put_all(&store, 0..6, 0);
    store.close().unwrap();
    edit(&disk, &id_of(3), change);
    let store = open(&disk);
    (disk, store)
}

fn payload_bit(image: &mut [u8]) {
    image[70] ^= 1;
}

fn all_zeros(image: &mut [u8]) {
    image.fill(0);
}

/// What a lost write leaves: a whole image of another page.
fn other_page(image: &mut [u8]) {
    let disk = SimDisk::new(1);
    let store = crate::setup::create(&disk);
    put_all(&store, [9000], 0);
    let (name, at) = place_of(&disk, &id_of(9000));
    image.copy_from_slice(&disk.read_file(&name).unwrap()[at..at + BUCKET]);
}

/// As the owner of a growing set does; a search in the old, small table would meet the damaged page often.
fn put_new(store: &Store, numbers: core::ops::Range<u64>) {
    let mut batch = Batch::new();
    for number in numbers {
        batch.put_new(id_of(number), payload_of(number)).unwrap();
    }
    store.commit(&batch).unwrap();
}

fn is_told(store: &Store, number: u64) -> bool {
    let one = store.get(&id_of(number));
    let many = store.get_many(&[id_of(0), id_of(number)]);
    matches!((one, many), (Err(TableError::Corruption { .. }), Err(TableError::Corruption { .. })))
}

fn problem_count(store: &Store) -> u64 {
    store.check(|_, _| {}).unwrap().problem_count
}

#[test]
fn a_page_whose_id_is_whole_is_moved_bit_for_bit() {
    let (disk, store) = damaged(payload_bit);
    let before = place_of(&disk, &id_of(3));
    let image = disk.read_file(&before.0).unwrap()[before.1..][..BUCKET].to_vec();
    put_all(&store, 6..300, 0);
    store.finish_resize().unwrap();
    assert!(!store.is_resizing() && store.stats().stuck_page_count == 0);
    let after = place_of(&disk, &id_of(3));
    assert_ne!(before.0, after.0);
    assert_eq!(disk.read_file(&after.0).unwrap()[after.1..][..BUCKET], image);
    for store in [store, open(&disk.power_loss_losing_all())] {
        assert!(is_told(&store, 3) && problem_count(&store) == 1);
        assert!(has_all(&store, (0..3).chain(4..300), 0));
    }
}

#[test]
fn a_page_that_nobody_can_tell_stays_and_all_others_go_on() {
    for change in [all_zeros, other_page] {
        let (disk, mut store) = damaged(change);
        assert!(is_told(&store, 3));
        // Through several larger tables, in one batch each.
        for (from, to) in [(6, 9), (9, 40), (40, 300), (300, 2500)] {
            put_new(&store, from..to);
            assert!(matches!(store.finish_resize(), Err(TableError::Corruption { .. })));
            let stats = store.stats();
            assert_eq!((stats.stuck_page_count, stats.source_page_count), (1, 1), "{stats:?}");
            assert!(is_told(&store, 3) && problem_count(&store) == 1);
            assert!(has_all(&store, (0..3).chain(4..to), 0));
            store = open(&disk.power_loss_losing_all());
            // What is stuck is found again, and hinders nobody.
            assert!(store.finish_resize().is_err());
            put_all(&store, [0], 0);
            assert_eq!(store.stats().stuck_page_count, 1);
            store.close().unwrap();
            store = open(&disk);
            put_all(&store, [0], 0);
        }
        assert!(disk.list().contains(&"bitbox-0000000000000001".to_owned()));
        assert!(
            !matches!(store.get(&id_of(9000)), Ok(Some(_))),
            "what was lost does not come back"
        );
    }
}

#[test]
fn a_stuck_page_does_not_keep_the_table_from_shrinking_or_being_cleaned() {
    let (_, store) = damaged(all_zeros);
    put_new(&store, 6..600);
    assert!(store.finish_resize().is_err());
    let mut batch = Batch::new();
    (6..600).for_each(|number| batch.delete_present(id_of(number)));
    store.commit(&batch).unwrap();
    assert!(store.shrink().unwrap());
    assert!(store.finish_resize().is_err());
    assert_eq!(store.stats().bucket_count, 32);
    for round in 0..200 {
        put_new(&store, 1000 + round..1001 + round);
        let mut batch = Batch::new();
        batch.delete_present(id_of(1000 + round));
        store.commit(&batch).unwrap();
        assert!(store.stats().empty_count > 0, "{:?}", store.stats());
    }
    assert!(is_told(&store, 3) && has_all(&store, [0, 1, 2, 4, 5], 0));
}

#[test]
fn damage_that_keeps_two_tables_stops_growth_and_says_so() {
    let (disk, store) = damaged(all_zeros);
    put_new(&store, 6..20);
    assert!(store.finish_resize().is_err());
    store.close().unwrap();
    edit(&disk, &id_of(8), all_zeros);
    let store = open(&disk);
    assert_eq!(store.stats().bucket_count, 128);
    // Up to the limit that no table passes, and deletions always.
    let mut refused = 0;
    for number in 20..120 {
        let mut batch = Batch::new();
        batch.put_new(id_of(number), payload_of(number)).unwrap();
        match store.commit(&batch) {
            Ok(_) => assert_eq!(refused, 0),
            Err(TableError::Corruption { .. }) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!((40..60).contains(&refused), "{refused} refused");
    assert!(!store.stats().is_poisoned);
    let read = |number| matches!(store.get(&id_of(number)), Ok(Some(page)) if *page == *payload_of(number));
    assert_eq!((0..120).filter(|number| read(*number)).count(), 118 - refused);
    let mut batch = Batch::new();
    (10..30).for_each(|number| batch.delete_present(id_of(number)));
    store.commit(&batch).unwrap();
    put_new(&store, 200..210);
    assert!(is_told(&store, 3) && is_told(&store, 8) && problem_count(&store) == 2);
    assert!(problem_count(&open(&disk.power_loss_losing_all())) == 2);
}

#[test]
fn a_batch_can_replace_and_delete_a_damaged_page_whose_id_is_whole() {
    for deletes in [false, true] {
        let (disk, store) = damaged(payload_bit);
        let mut batch = Batch::new();
        match deletes {
            true => batch.delete(id_of(3)),
            false => batch.put(id_of(3), payload_of(50)).unwrap(),
        }
        store.commit(&batch).unwrap();
        for store in [store, open(&disk.power_loss_losing_all())] {
            let page = store.get(&id_of(3)).unwrap();
            assert_eq!(page.is_none(), deletes);
            assert!(deletes || page.as_deref() == Some(payload_of(50).as_slice()));
            assert_eq!(problem_count(&store), 0);
        }
    }
}

#[test]
fn a_batch_that_may_mean_a_page_that_nobody_can_tell_is_refused_alone() {
    let (disk, store) = damaged(all_zeros);
    let refused = [store.delete(id_of(3)), store.put(id_of(3), b"new")];
    assert!(refused.iter().all(|it| matches!(it, Err(TableError::Corruption { .. }))));
    put_all(&store, [0, 1, 7], 20);
    assert!(has_all(&store, [0, 1, 7], 20) && is_told(&store, 3));
    // The owner knows more.
    let mut batch = Batch::new();
    batch.delete_present(id_of(3));
    batch.delete_present(id_of(4));
    batch.delete_present(id_of(99));
    batch.put_new(id_of(8), payload_of(8)).unwrap();
    store.commit(&batch).unwrap();
    for store in [store, open(&disk.power_loss_losing_all())] {
        assert!(store.get(&id_of(3)).unwrap().is_none() && store.get(&id_of(4)).unwrap().is_none());
        assert!(has_all(&store, [0, 1, 7], 20) && has_all(&store, [2, 5, 8], 0));
        assert_eq!(problem_count(&store), 0);
    }
}

/// An owner that is wrong about one of two pages.
#[test]
fn a_page_that_nobody_can_tell_is_deleted_once() {
    let (disk, store) = damaged(all_zeros);
    let meets_it = |id: &PageId| matches!(store.get(id), Err(TableError::Corruption { .. }));
    let absent = (1000..).map(id_of).find(meets_it).unwrap();
    let mut batch = Batch::new();
    batch.delete_present(id_of(3));
    batch.delete_present(absent);
    store.commit(&batch).unwrap();
    for store in [store, open(&disk.power_loss_losing_all())] {
        assert!(store.get(&id_of(3)).unwrap().is_none() && store.get(&absent).unwrap().is_none());
        assert!(has_all(&store, [0, 1, 2, 4, 5], 0));
        assert_eq!(problem_count(&store), 0);
    }
}

#[test]
fn a_new_page_is_put_without_being_searched_for() {
    let store = Store::create(SimDisk::new(1).directory(), options()).unwrap();
    let mut batch = Batch::new();
    (0..4).for_each(|number| batch.put_new(id_of(number), payload_of(number)).unwrap());
    store.commit(&batch).unwrap();
    assert_eq!(store.stats().lookup_count, 0);
    assert!(has_all(&store, 0..4, 0));
}
