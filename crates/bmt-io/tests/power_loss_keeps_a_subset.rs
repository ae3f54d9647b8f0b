//! After a power loss, what was synced is there, and any subset of the rest.

use bmt_io::{PagePool, Request, SimDisk};
use std::collections::BTreeSet;
use std::sync::Arc;

const SEEDS: u64 = 400;

#[test]
fn synced_bytes_and_names_always_survive() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let file = directory.create("a").unwrap();
    file.write_all_at(&[1; 2000], 0).unwrap();
    file.sync_data().unwrap();
    directory.sync().unwrap();
    file.write_all_at(&[2; 2000], 2000).unwrap();
    for seed in 0..SEEDS {
        let after = disk.power_loss(seed);
        assert_eq!(&after.read_file("a").unwrap()[..2000], &[1; 2000]);
        assert_eq!(after.read_file("a"), disk.power_loss(seed).read_file("a"), "seed {seed}");
    }
}

#[test]
fn every_subset_of_unsynced_writes_can_survive() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let file = directory.create("a").unwrap();
    file.zero_fill(0, 3 * 512).unwrap();
    file.sync_data().unwrap();
    directory.sync().unwrap();
    for at in 0..3 {
        file.write_all_at(&[1; 512], at * 512).unwrap();
    }
    let subsets: BTreeSet<[bool; 3]> = (0..SEEDS)
        .map(|seed| {
            let bytes = disk.power_loss(seed).read_file("a").unwrap();
            assert!(bytes.chunks(512).all(|sector| sector.iter().all(|byte| *byte == sector[0])));
            [0, 512, 1024].map(|at| bytes[at] == 1)
        })
        .collect();
    assert_eq!(subsets.len(), 8);
}

#[test]
fn a_write_tears_at_any_sector() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let file = directory.create("a").unwrap();
    file.zero_fill(0, 4096).unwrap();
    file.sync_data().unwrap();
    directory.sync().unwrap();
    file.write_all_at(&[1; 2000], 100).unwrap();
    let shapes: BTreeSet<Vec<u8>> = (0..SEEDS)
        .map(|seed| {
            let bytes = disk.power_loss(seed).read_file("a").unwrap();
            assert!(bytes[..100].iter().chain(&bytes[2100..]).all(|byte| *byte == 0));
            [100, 512, 1024, 1536, 2048].map(|at| bytes[at]).to_vec()
        })
        .collect();
    assert!(shapes.len() > 16, "{} of 32 shapes", shapes.len());
}

#[test]
fn lengths_may_be_lost_or_kept() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let file = directory.create("a").unwrap();
    file.write_all_at(&[1; 1000], 0).unwrap();
    file.sync_data().unwrap();
    directory.sync().unwrap();
    file.set_len(10).unwrap();
    file.set_len(5000).unwrap();
    let lengths: BTreeSet<usize> =
        (0..SEEDS).map(|seed| disk.power_loss(seed).read_file("a").unwrap().len()).collect();
    assert_eq!(lengths, BTreeSet::from([10, 1000, 5000]));
}

#[test]
fn names_may_be_lost_or_kept_each_by_itself() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    for name in ["gone", "from"] {
        directory.create(name).unwrap().sync_data().unwrap();
    }
    directory.sync().unwrap();
    let made = directory.create("made").unwrap();
    made.write_all_at(b"x", 0).unwrap();
    made.sync_data().unwrap();
    directory.remove("gone").unwrap();
    directory.rename("from", "to").unwrap();
    let listings: BTreeSet<Vec<String>> =
        (0..SEEDS).map(|seed| disk.power_loss(seed).list()).collect();
    assert_eq!(listings.len(), 8, "{listings:?}");
    for names in listings {
        let has = |name: &str| names.iter().any(|listed| listed == name);
        assert!(has("from") != has("to"), "a rename is whole: {names:?}");
    }
    directory.sync().unwrap();
    for seed in 0..SEEDS {
        let after = disk.power_loss(seed);
        assert_eq!(after.list(), ["made", "to"]);
        assert_eq!(after.read_file("made").as_deref(), Some(b"x".as_slice()));
    }
}

#[test]
fn a_sync_does_not_cover_writes_in_flight() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let pool = PagePool::new(1 << 16);
    let file = directory.create("a").unwrap();
    file.zero_fill(0, 4096).unwrap();
    directory.sync().unwrap();
    let mut queue = directory.queue(4).unwrap();
    let mut buffer = pool.take(1).unwrap();
    buffer.fill(1);
    queue.push(Request::Write { file: Arc::clone(&file), offset_bytes: 0, buffer, tag: 0 });
    queue.submit().unwrap();
    file.sync_data().unwrap();
    let kept: BTreeSet<u8> =
        (0..SEEDS).map(|seed| disk.power_loss(seed).read_file("a").unwrap()[0]).collect();
    assert_eq!(kept, BTreeSet::from([0, 1]));
    queue.wait().unwrap().result.unwrap();
    file.sync_data().unwrap();
    assert_eq!(disk.power_loss_losing_all().read_file("a").unwrap()[0], 1);
}
