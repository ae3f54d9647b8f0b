//! The bytes of a seeded log, as hashes: they change only on purpose, with the format version.

use crate::model::bytes_of;
use crate::setup::create;
use bmt_io::{SimDisk, checksum};

#[test]
fn the_files_of_a_seeded_log_have_known_bytes() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    for number in 1..=30 {
        let len = usize::try_from(number * 1234 % 30_000).unwrap();
        log.append_sync(&bytes_of(number, len)).unwrap();
    }
    log.append(&bytes_of(31, 100_000)).unwrap();
    log.sync().unwrap();
    let hashes: Vec<u64> =
        disk.list().iter().map(|file| checksum(0, &disk.read_file(file).unwrap())).collect();
    let all = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect::<Vec<_>>();
    assert_eq!((hashes.len(), checksum(0, &all)), (11, 8_042_784_842_325_586_685));
}
