//! Injected faults meet exactly the operation that was chosen, with the effect that was chosen.

use bmt_io::{Fault, IoError, Operation, Outcome, PagePool, Request, SimDisk, When};
use std::collections::BTreeSet;
use std::sync::Arc;

#[test]
fn by_kind_and_by_number() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    disk.inject(When::Kind(Operation::Write, 1), Fault::Error);
    let file = directory.create("a").unwrap();
    file.write_all_at(b"0", 0).unwrap();
    let error = file.write_all_at(b"1", 1).unwrap_err();
    assert!(matches!(error, IoError::Other { .. }), "{error}");
    file.write_all_at(b"2", 1).unwrap();
    disk.inject(When::Number(disk.operation_count() + 1), Fault::NoSpace);
    file.write_all_at(b"3", 1).unwrap();
    let error = directory.create("b").unwrap_err();
    assert!(matches!(error, IoError::NoSpace { .. }), "{error}");
    assert_eq!(disk.clear_faults(), 0);
    assert_eq!(disk.list(), ["a"]);
}

#[test]
fn reads_are_short_or_corrupt() {
    let disk = SimDisk::new(1);
    let file = disk.directory().create("a").unwrap();
    file.write_all_at(&[0; 1000], 0).unwrap();
    disk.inject(When::Kind(Operation::Read, 0), Fault::ShortRead);
    disk.inject(When::Kind(Operation::Read, 1), Fault::CorruptRead);
    let mut bytes = [0; 1000];
    let error = file.read_exact_at(&mut bytes, 0).unwrap_err();
    assert!(matches!(error, IoError::UnexpectedEnd { .. }), "{error}");
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(bytes.iter().map(|byte| byte.count_ones()).sum::<u32>(), 1);
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(bytes, [0; 1000]);
}

#[test]
fn a_failed_sync_loses_changes_that_a_later_sync_does_not_bring_back() {
    let survivors: BTreeSet<Vec<u8>> = (0..60)
        .map(|seed| {
            let disk = SimDisk::new(seed);
            let directory = disk.directory();
            let file = directory.create("a").unwrap();
            file.write_all_at(b"00", 0).unwrap();
            file.sync_data().unwrap();
            directory.sync().unwrap();
            file.write_all_at(b"1", 0).unwrap();
            file.write_all_at(b"1", 1).unwrap();
            disk.inject(When::Kind(Operation::SyncData, 1), Fault::Error);
            file.sync_data().unwrap_err();
            file.sync_data().unwrap();
            let mut seen = [0; 2];
            file.read_exact_at(&mut seen, 0).unwrap();
            assert_eq!(&seen, b"11", "reads go on showing it");
            disk.power_loss_losing_all().read_file("a").unwrap()
        })
        .collect();
    assert_eq!(survivors.len(), 4, "{survivors:?}");
}

#[test]
fn a_full_disk_writes_what_fits() {
    let disk = SimDisk::new(1);
    disk.set_capacity_bytes(Some(1000));
    let directory = disk.directory();
    let file = directory.create("a").unwrap();
    let error = file.write_all_at(&[1; 1500], 0).unwrap_err();
    assert!(matches!(error, IoError::NoSpace { .. }), "{error}");
    assert_eq!(file.len_bytes().unwrap(), 1000);
    file.write_all_at(&[2; 1000], 0).unwrap();
    assert!(matches!(file.set_len(1001), Err(IoError::NoSpace { .. })));
    file.set_len(500).unwrap();
    directory.create("b").unwrap().write_all_at(&[1; 500], 0).unwrap();
    directory.remove("b").unwrap();
    directory.sync().unwrap();
    file.write_all_at(&[1; 500], 500).unwrap();
}

#[test]
fn ignored_writes_and_syncs_succeed() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let file = directory.create("a").unwrap();
    directory.sync().unwrap();
    disk.inject(When::Kind(Operation::Write, 0), Fault::Ignored);
    file.write_all_at(b"lost", 0).unwrap();
    assert_eq!(disk.read_file("a").as_deref(), Some(b"".as_slice()));
    file.write_all_at(b"kept", 0).unwrap();
    disk.inject(When::Kind(Operation::SyncData, 0), Fault::Ignored);
    file.sync_data().unwrap();
    assert_eq!(disk.power_loss_losing_all().read_file("a").as_deref(), Some(b"".as_slice()));
}

#[test]
fn a_trace_shows_every_operation_and_replays() {
    let run = |seed| {
        let disk = SimDisk::new(seed);
        disk.start_trace();
        let directory = disk.directory();
        let pool = PagePool::new(1 << 20);
        let file = directory.create("a").unwrap();
        let mut queue = directory.queue(8).unwrap();
        for tag in 0..8 {
            let (file, buffer) = (Arc::clone(&file), pool.take_zeroed(1).unwrap());
            queue.push(Request::Write { file, offset_bytes: tag * 4096, buffer, tag });
        }
        while queue.wait().is_some() {}
        file.sync_data().unwrap();
        disk.crash_at(disk.operation_count());
        directory.sync().unwrap_err();
        disk.take_trace()
    };
    let trace = run(5);
    assert_eq!(
        SimDisk::kinds_in(&trace),
        [Operation::Create, Operation::SyncDirectory, Operation::Write, Operation::SyncData]
    );
    assert_eq!(trace.last().unwrap().outcome, Outcome::Crashed);
    assert!(trace.iter().zip(0..).all(|(entry, number)| entry.number == number));
    assert_eq!(trace, run(5));
    assert_ne!(trace, run(6), "the seed decides the order of completions");
}
