//! Every changed byte of a closed store is found, at opening, reading or checking, or does no harm.

use crate::model::{Pages, compare, read_all};
use crate::random::{Random, id_of, payload_of};
use crate::setup::{options, put_all};
use bmt_bitbox::{Batch, Store, TableError};
use bmt_io::SimDisk;

/// A closed store in the middle of growing, with pages deleted and replaced; and what it holds.
fn closed() -> (SimDisk, Pages) {
    let disk = SimDisk::new(1);
    let store = crate::setup::create(&disk);
    put_all(&store, 0..6, 0);
    put_all(&store, 6..9, 0);
    put_all(&store, 2..4, 50);
    let mut batch = Batch::new();
    batch.delete(id_of(5));
    store.commit(&batch).unwrap();
    assert!(store.is_resizing());
    store.close().unwrap();
    let mut pages: Pages = (0..9).map(|number| (number, number)).collect();
    pages.extend((2..4).map(|number| (number, number + 50)));
    pages.remove(&5);
    (disk, pages)
}

/// Whether damage was found; it is an error if something is wrong and nobody says so.
fn is_found(disk: &SimDisk, pages: &Pages) -> Result<bool, String> {
    let store = match Store::open(disk.directory(), options()) {
        Ok(store) => store,
        Err(TableError::Io(error)) => return Err(format!("an untyped error: {error}")),
        Err(_) => return Ok(true),
    };
    let report = store.check(|_, _| {}).map_err(|error| error.to_string())?;
    match read_all(&store.pin()) {
        Err(TableError::Corruption { .. }) if !report.is_clean() => Ok(true),
        Err(error) => Err(format!("found by reading, not by the check: {error}")),
        Ok(found) => compare(&found, pages).map(|()| !report.is_clean()),
    }
}

#[test]
fn single_bytes() {
    let (disk, pages) = closed();
    assert_eq!(is_found(&disk.process_crash(), &pages), Ok(false));
    let mut random = Random(7);
    let (mut found, mut harmless) = (0, 0);
    for name in disk.list() {
        let bytes = disk.read_file(&name).unwrap();
        for page in 0..bytes.len() / 4096 {
            // Every field of a header, and some bytes after it.
            let others: Vec<u64> = (0..8).map(|_| 64 + random.below(4032)).collect();
            for at in (0..64).chain(others) {
                let at = page * 4096 + usize::try_from(at).unwrap();
                let disk = disk.process_crash();
                let mut bytes = bytes.clone();
                bytes[at] ^= 1 << random.below(8);
                disk.write_file(&name, &bytes);
                match is_found(&disk, &pages) {
                    Ok(true) => found += 1,
                    Ok(false) => harmless += 1,
                    Err(what) => panic!("{name} at {at}: {what}"),
                }
            }
        }
    }
    // Most of a small table's pages are free buckets and areas that are not in force.
    assert!(found > 700 && harmless > 700, "{found} found, {harmless} harmless");
}

#[test]
fn a_file_that_is_missing_cut_or_of_another_table() {
    let (disk, pages) = closed();
    let tables: Vec<String> =
        disk.list().into_iter().filter(|name| name != "bitbox-manifest").collect();
    assert_eq!(tables.len(), 2);
    let swapped = disk.process_crash();
    swapped.write_file(&tables[0], &disk.read_file(&tables[1]).unwrap());
    assert_eq!(is_found(&swapped, &pages), Ok(true));
    for name in &tables {
        let missing = disk.process_crash();
        assert!(missing.remove_file(name));
        assert_eq!(is_found(&missing, &pages), Ok(true));
        let bytes = disk.read_file(name).unwrap();
        for len in [0, 100, 4096, 3 * 4096, bytes.len() - 1] {
            let cut = disk.process_crash();
            cut.write_file(name, &bytes[..len]);
            assert_eq!(is_found(&cut, &pages), Ok(true), "{name} cut to {len}");
        }
    }
}

#[test]
fn a_write_that_was_lost_is_found_by_the_digest_of_the_map() {
    let disk = SimDisk::new(1);
    let mut options = options();
    options.table.bucket_count_min = 8192;
    let open = |disk: &SimDisk| Store::open(disk.directory(), options.clone());
    let store = Store::create(disk.directory(), options.clone()).unwrap();
    // Three meta pages; each batch changes one or more of them.
    let old = disk.read_file("bitbox-0000000000000001").unwrap();
    put_all(&store, 0..200, 0);
    put_all(&store, [300], 0);
    drop(store);
    assert!(open(&disk.process_crash()).is_ok());
    let mut refused = 0;
    for page in 1..4 {
        let disk = disk.process_crash();
        let mut bytes = disk.read_file("bitbox-0000000000000001").unwrap();
        bytes[page * 4096..][..4096].copy_from_slice(&old[page * 4096..][..4096]);
        disk.write_file("bitbox-0000000000000001", &bytes);
        refused += u32::from(matches!(open(&disk), Err(TableError::Corruption { .. })));
    }
    // The record in force has the page that the last batch changed.
    assert_eq!(refused, 2);
    assert!(payload_of(300).len() <= 4032);
}
