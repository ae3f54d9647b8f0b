//! Pages whose ids have the same tag and the same home are told apart by their images.

use crate::setup::{assert_clean, options};
use bmt_bitbox::{Batch, PageId, Store};
use bmt_io::{SimDisk, checksum};

/// Ids whose hashes agree in the seven bits of the tag, and in the home in tables of up to 16 buckets.
fn clashing_ids(count: usize) -> Vec<PageId> {
    let salt = options().table.salt;
    let id = |number: u64| {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_le_bytes());
        id
    };
    let hash = |id: &PageId| checksum(salt, id);
    let first = hash(&id(0));
    let clashes = |id: &PageId| (hash(id) ^ first) & 0xf000_0000_0000_007f == 0;
    (0..).map(id).filter(clashes).take(count).collect()
}

fn store_of(ids: &[PageId]) -> Store {
    let mut options = options();
    options.table.bucket_count_min = 64;
    let store = Store::create(SimDisk::new(1).directory(), options).unwrap();
    let mut batch = Batch::new();
    for (number, id) in (0u8..).zip(ids) {
        batch.put(*id, vec![number; 10]).unwrap();
    }
    store.commit(&batch).unwrap();
    store
}

#[test]
fn each_is_found_and_an_absent_one_is_not() {
    let ids = clashing_ids(13);
    let store = store_of(&ids[..12]);
    for (number, id) in (0u8..).zip(&ids[..12]) {
        assert_eq!(store.get(id).unwrap().unwrap().payload(), [number; 10]);
    }
    assert!(store.get(&ids[12]).unwrap().is_none());
    let pages = store.get_many(&ids).unwrap();
    let payloads: Vec<Option<u8>> =
        pages.iter().map(|page| page.as_ref().map(|it| it[0])).collect();
    assert_eq!(payloads[..12], (0..12).map(Some).collect::<Vec<_>>());
    assert_eq!(payloads[12], None);
    assert!(store.stats().false_match_count > 10);
    assert_clean(&store, 12);
}

#[test]
fn the_right_one_is_replaced_and_deleted() {
    let ids = clashing_ids(12);
    let store = store_of(&ids);
    let place = store.get(&ids[9]).unwrap().unwrap().place();
    let mut batch = Batch::new();
    batch.put(ids[5], b"new").unwrap();
    batch.delete(ids[7]);
    batch.delete_at(ids[9], place);
    store.commit(&batch).unwrap();
    for (number, id) in (0u8..).zip(&ids) {
        let page = store.get(id).unwrap();
        match number {
            5 => assert_eq!(page.as_deref(), Some(b"new".as_slice())),
            7 | 9 => assert!(page.is_none()),
            _ => assert_eq!(page.as_deref(), Some([number; 10].as_slice())),
        }
    }
    assert_clean(&store, 10);
}

#[test]
fn damage_of_one_does_not_hide_the_others() {
    let ids = clashing_ids(8);
    let disk = SimDisk::new(1);
    let mut options = options();
    options.table.bucket_count_min = 64;
    let store = Store::create(disk.directory(), options).unwrap();
    let mut batch = Batch::new();
    ids.iter().for_each(|id| batch.put(*id, vec![1]).unwrap());
    store.commit(&batch).unwrap();
    let name = "bitbox-0000000000000001";
    let mut bytes = disk.read_file(name).unwrap();
    let is_second = |image: &&mut [u8]| image[..8] == *b"bmt.page" && image[32..64] == ids[1];
    bytes.chunks_exact_mut(4096).find(is_second).unwrap().fill(0xee);
    disk.write_file(name, &bytes);
    let found: Vec<bool> = ids.iter().map(|id| store.get(id).is_ok()).collect();
    assert_eq!(found, [true, false, true, true, true, true, true, true]);
    let others: Vec<PageId> = ids.iter().filter(|id| **id != ids[1]).copied().collect();
    assert!(store.get_many(&others).unwrap().iter().all(Option::is_some));
}
