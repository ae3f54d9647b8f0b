//! The bytes of a seeded store, as hashes: they change only on purpose, with the format version.

use crate::random::id_of;
use crate::setup::{create, put_all};
use bmt_bitbox::Batch;
use bmt_io::{SimDisk, checksum};

#[test]
fn the_files_of_a_seeded_store_have_known_bytes() {
    let disk = SimDisk::new(1);
    let store = create(&disk);
    put_all(&store, 0..6, 0);
    put_all(&store, 4..9, 20);
    let mut batch = Batch::new();
    batch.delete(id_of(8));
    store.commit(&batch).unwrap();
    store.finish_resize().unwrap();
    put_all(&store, 9..30, 0);
    put_all(&store, 3..5, 40);
    store.close().unwrap();
    let hashes: Vec<(String, u64)> = disk
        .list()
        .into_iter()
        .map(|name| (name.clone(), checksum(0, &disk.read_file(&name).unwrap())))
        .collect();
    let expected = [
        ("bitbox-0000000000000002".to_owned(), 5_949_419_664_507_717_084),
        ("bitbox-0000000000000003".to_owned(), 317_171_376_630_254_605),
        ("bitbox-manifest".to_owned(), 15_657_569_721_129_788_115),
    ];
    assert_eq!(hashes, expected);
}
