//! A process crash loses nothing that was written, makes nothing durable, and frees the lock.

use bmt_io::{IoError, PagePool, Request, SimDisk};
use std::collections::BTreeSet;
use std::sync::Arc;

#[test]
fn written_bytes_are_visible_and_can_still_be_lost() {
    let disk = SimDisk::new(1);
    let directory = disk.directory();
    let lock = directory.try_lock().unwrap();
    let file = directory.create("a").unwrap();
    file.write_all_at(b"seen", 0).unwrap();
    disk.crash();
    for error in [
        file.sync_data().unwrap_err(),
        directory.create("b").map(drop).unwrap_err(),
        directory.open("a").map(drop).unwrap_err(),
    ] {
        assert!(matches!(error, IoError::Crashed { .. }), "{error}");
    }

    let after = disk.process_crash();
    assert_eq!(after.read_file("a").as_deref(), Some(b"seen".as_slice()));
    assert!(after.power_loss_losing_all().list().is_empty());
    let directory = after.directory();
    drop(directory.try_lock().unwrap());
    directory.open("a").unwrap().sync_data().unwrap();
    directory.sync().unwrap();
    let kept = after.power_loss_losing_all();
    assert_eq!(kept.read_file("a").as_deref(), Some(b"seen".as_slice()));
    drop(lock);
}

#[test]
fn writes_in_flight_may_have_happened() {
    let pool = PagePool::new(1 << 20);
    let seen: BTreeSet<u8> = (0..50)
        .map(|seed| {
            let disk = SimDisk::new(seed);
            let directory = disk.directory();
            let file = directory.create("a").unwrap();
            file.zero_fill(0, 4096).unwrap();
            let mut queue = directory.queue(1).unwrap();
            let mut buffer = pool.take(1).unwrap();
            buffer.fill(1);
            queue.push(Request::Write { file: Arc::clone(&file), offset_bytes: 0, buffer, tag: 0 });
            queue.submit().unwrap();
            disk.crash();
            assert!(matches!(queue.wait().unwrap().result, Err(IoError::Crashed { .. })));
            disk.process_crash().read_file("a").unwrap()[0]
        })
        .collect();
    assert_eq!(seen, BTreeSet::from([0, 1]));
}
