//! What every backend must do. Each case gets an empty directory.

use bmt_io::{Direct, Directory, FileOptions, IoError, Operation, PAGE_SIZE, PagePool, Request};
use std::collections::BTreeMap;
use std::sync::Arc;

type Dir = Arc<dyn Directory>;

pub(crate) fn a_file_is_created_once(directory: &Dir) {
    let file = directory.create("a").unwrap();
    assert_eq!(file.name(), "a");
    assert_eq!(file.len_bytes().unwrap(), 0);
    let error = directory.create("a").unwrap_err();
    assert!(matches!(error, IoError::AlreadyExists { .. }), "{error}");
}

pub(crate) fn a_missing_file_is_not_found(directory: &Dir) {
    for error in [
        directory.open("a").unwrap_err(),
        directory.remove("a").unwrap_err(),
        directory.rename("a", "b").unwrap_err(),
    ] {
        assert!(matches!(error, IoError::NotFound { .. }), "{error}");
        assert_eq!(error.site().map(|site| site.file.to_string()).as_deref(), Some("a"));
    }
}

pub(crate) fn bytes_are_read_where_they_were_written(directory: &Dir) {
    let file = directory.create("a").unwrap();
    file.write_all_at(b"world", 5).unwrap();
    file.write_all_at(b"hello", 0).unwrap();
    file.write_all_at(b"", 1000).unwrap();
    assert_eq!(file.len_bytes().unwrap(), 10);
    let again = directory.open("a").unwrap();
    let mut bytes = [0; 6];
    again.read_exact_at(&mut bytes, 2).unwrap();
    assert_eq!(&bytes, b"llowor");
}

pub(crate) fn a_gap_reads_as_zeros(directory: &Dir) {
    let file = directory.create("a").unwrap();
    file.write_all_at(b"x", 10_000).unwrap();
    let mut bytes = vec![1; 10_001];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(bytes[..10_000].iter().all(|byte| *byte == 0) && bytes[10_000] == b'x');
}

pub(crate) fn a_read_past_the_end_says_what_was_there(directory: &Dir) {
    let file = directory.create("a").unwrap();
    file.write_all_at(&[1; 100], 0).unwrap();
    for (offset_bytes, expected) in [(90, 10), (100, 0), (5000, 0)] {
        match file.read_exact_at(&mut [0; 20], offset_bytes).unwrap_err() {
            IoError::UnexpectedEnd { site, read_bytes } => {
                assert_eq!((read_bytes, site.offset_bytes), (expected, offset_bytes));
            }
            other => panic!("{other}"),
        }
    }
}

pub(crate) fn lengths_grow_with_zeros_and_are_cut(directory: &Dir) {
    let file = directory.create("a").unwrap();
    file.write_all_at(&[7; 100], 0).unwrap();
    file.set_len(50).unwrap();
    file.set_len(200).unwrap();
    assert_eq!(file.len_bytes().unwrap(), 200);
    let mut bytes = [1; 200];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(bytes[..50].iter().all(|byte| *byte == 7));
    assert!(bytes[50..].iter().all(|byte| *byte == 0));
}

pub(crate) fn zero_fill_overwrites_and_grows(directory: &Dir) {
    let file = directory.create("a").unwrap();
    file.write_all_at(&[7; 1000], 0).unwrap();
    file.zero_fill(100, 200_000).unwrap();
    assert_eq!(file.len_bytes().unwrap(), 200_100);
    let mut bytes = vec![1; 200_100];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(bytes[..100].iter().all(|byte| *byte == 7));
    assert!(bytes[100..].iter().all(|byte| *byte == 0));
}

pub(crate) fn ranges_past_the_largest_offset_are_refused(directory: &Dir) {
    let file = directory.create("a").unwrap();
    for result in [
        file.write_all_at(b"x", u64::MAX),
        file.write_all_at(b"xy", u64::MAX - 1),
        file.zero_fill(u64::MAX, u64::MAX),
        file.set_len(u64::MAX),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, IoError::OutOfRange { .. }), "{error}");
    }
    assert!(file.read_exact_at(&mut [0; 2], u64::MAX).is_err());
    assert_eq!(file.len_bytes().unwrap(), 0);
}

pub(crate) fn names_are_checked_and_listed_in_order(directory: &Dir) {
    for name in ["", ".", "..", "a/b", "/a", "a\\b", "a\0", "LOCK", "lock", &"x".repeat(256)] {
        let error = directory.create(name).unwrap_err();
        assert!(matches!(error, IoError::InvalidName { .. }), "{name:?}: {error}");
    }
    let lock = directory.try_lock().unwrap();
    for name in ["b", "a", "c"] {
        drop(directory.create(name).unwrap());
    }
    directory.remove("b").unwrap();
    directory.sync().unwrap();
    assert_eq!(directory.entries().unwrap(), ["a", "c"]);
    drop(lock);
}

pub(crate) fn a_rename_replaces_and_open_handles_live_on(directory: &Dir) {
    let old = directory.create("old").unwrap();
    old.write_all_at(b"old", 0).unwrap();
    let new = directory.create("new").unwrap();
    new.write_all_at(b"new", 0).unwrap();
    directory.rename("new", "old").unwrap();
    directory.sync().unwrap();
    assert_eq!(directory.entries().unwrap(), ["old"]);
    let mut bytes = [0; 3];
    directory.open("old").unwrap().read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(&bytes, b"new");
    old.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(&bytes, b"old");
    directory.remove("old").unwrap();
    new.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(&bytes, b"new");
}

pub(crate) fn the_lock_has_one_holder_and_is_released(directory: &Dir) {
    let lock = directory.try_lock().unwrap();
    let error = directory.try_lock().unwrap_err();
    assert!(matches!(error, IoError::Locked { .. }), "{error}");
    drop(lock);
    drop(directory.try_lock().unwrap());
}

pub(crate) fn operations_and_bytes_are_counted(directory: &Dir) {
    let file = directory.create("a").unwrap();
    let before = directory.stats();
    file.write_all_at(&[1; 300], 0).unwrap();
    file.write_all_at(&[1; 200], 300).unwrap();
    file.zero_fill(0, 100).unwrap();
    file.read_exact_at(&mut [0; 50], 0).unwrap();
    file.sync_data().unwrap();
    directory.sync().unwrap();
    file.read_exact_at(&mut [0; 50], 1000).unwrap_err();
    let stats = directory.stats().since(&before);
    assert_eq!((stats.count(Operation::Write), stats.bytes(Operation::Write)), (2, 500));
    assert_eq!((stats.count(Operation::Read), stats.bytes(Operation::Read)), (1, 50));
    assert_eq!((stats.count(Operation::SyncData), stats.count(Operation::SyncDirectory)), (1, 1));
    assert_eq!(stats.written_bytes(), 600);
    assert_eq!(stats.total_count(), 6);
}

/// Many more requests than the queue's depth, of several sizes, on files of both kinds.
pub(crate) fn a_queue_completes_every_request_once(directory: &Dir) {
    let pool = PagePool::new(8 << 20);
    for (name, direct) in [("cached", Direct::Never), ("direct", Direct::Auto)] {
        let file = directory.create_with(name, FileOptions { direct }).unwrap();
        let mut queue = directory.queue(7).unwrap();
        let mut offsets = BTreeMap::new();
        let before = directory.stats();
        let mut offset_bytes = 0;
        for tag in 0..100u64 {
            let mut buffer = pool.take(1 + usize::try_from(tag).unwrap() % 5).unwrap();
            buffer.fill(u8::try_from(tag).unwrap());
            offsets.insert(tag, (offset_bytes, buffer.page_count()));
            let len_bytes = u64::try_from(buffer.len()).unwrap();
            queue.push(Request::Write { file: Arc::clone(&file), offset_bytes, buffer, tag });
            offset_bytes += len_bytes;
            if tag % 10 == 0 {
                queue.submit().unwrap();
            }
        }
        assert_eq!(queue.in_flight(), 100);
        let mut tags: Vec<u64> = std::iter::from_fn(|| queue.wait())
            .map(|done| done.result.map(|()| done.tag).unwrap())
            .collect();
        tags.sort_unstable();
        assert_eq!(tags, (0..100).collect::<Vec<_>>());
        assert_eq!(queue.in_flight(), 0);
        for (&tag, &(offset_bytes, page_count)) in &offsets {
            let buffer = pool.take(page_count).unwrap();
            queue.push(Request::Read { file: Arc::clone(&file), offset_bytes, buffer, tag });
        }
        let mut read_count = 0;
        while let Some(done) = queue.wait() {
            done.result.unwrap();
            assert_eq!(done.buffer.page_count(), offsets[&done.tag].1);
            assert!(done.buffer.iter().all(|byte| u64::from(*byte) == done.tag), "{}", done.tag);
            read_count += 1;
        }
        assert_eq!(read_count, 100);
        let stats = directory.stats().since(&before);
        assert_eq!(
            (stats.count(Operation::Write), stats.bytes(Operation::Write)),
            (100, offset_bytes)
        );
        assert_eq!(
            (stats.count(Operation::Read), stats.bytes(Operation::Read)),
            (100, offset_bytes)
        );
    }
    assert_eq!(pool.in_use_bytes(), 0);
}

/// With direct I/O too, where the length is no multiple of a page.
pub(crate) fn a_file_ends_at_any_byte(directory: &Dir) {
    let pool = PagePool::new(1 << 20);
    let file = directory.create_with("a", FileOptions { direct: Direct::Auto }).unwrap();
    file.write_all_at(&[5; 2 * PAGE_SIZE + 100], 0).unwrap();
    let mut queue = directory.queue(1).unwrap();
    for (offset_bytes, expected) in [(0, 8292), (4096, 4196), (8192, 100), (12288, 0)] {
        let mut buffer = pool.take(3).unwrap();
        let blocking = file.read_exact_at(&mut buffer, offset_bytes).unwrap_err();
        queue.push(Request::Read { file: Arc::clone(&file), offset_bytes, buffer, tag: 0 });
        let queued = queue.wait().unwrap().result.unwrap_err();
        for error in [blocking, queued] {
            let IoError::UnexpectedEnd { read_bytes, .. } = error else { panic!("{error}") };
            assert_eq!(read_bytes, expected);
        }
    }
    let mut buffer = pool.take_zeroed(2).unwrap();
    file.read_exact_at(&mut buffer, 0).unwrap();
    assert!(buffer.iter().all(|byte| *byte == 5));
}

pub(crate) fn a_queue_reports_the_request_that_fails(directory: &Dir) {
    let pool = PagePool::new(1 << 20);
    let file = directory.create("a").unwrap();
    file.write_all_at(&[1; PAGE_SIZE + 100], 0).unwrap();
    let mut queue = directory.queue(4).unwrap();
    for (tag, offset_bytes) in [(0, 0), (1, 4096), (2, 8192), (3, 1 << 30)] {
        let buffer = pool.take(1).unwrap();
        queue.push(Request::Read { file: Arc::clone(&file), offset_bytes, buffer, tag });
    }
    let buffer = pool.take(1).unwrap();
    let offset_bytes = u64::MAX - 10;
    queue.push(Request::Write { file: Arc::clone(&file), offset_bytes, buffer, tag: 4 });
    let mut results = BTreeMap::new();
    while let Some(done) = queue.wait() {
        assert_eq!(done.buffer.page_count(), 1);
        assert!(results.insert(done.tag, done.result).is_none());
    }
    assert!(results[&0].is_ok());
    for (tag, expected) in [(1, 100), (2, 0), (3, 0)] {
        match results[&tag].as_ref().unwrap_err() {
            IoError::UnexpectedEnd { read_bytes, site } => {
                assert_eq!((*read_bytes, &*site.file), (expected, "a"));
            }
            other => panic!("{other}"),
        }
    }
    assert!(matches!(results[&4], Err(IoError::OutOfRange { .. })), "{:?}", results[&4]);
}

pub(crate) fn dropping_a_queue_ends_what_was_submitted(directory: &Dir) {
    let pool = PagePool::new(4 << 20);
    let file = directory.create("a").unwrap();
    let mut queue = directory.queue(64).unwrap();
    for tag in 0..64 {
        let mut buffer = pool.take(4).unwrap();
        buffer.fill(3);
        let offset_bytes = tag * 4 * 4096;
        queue.push(Request::Write { file: Arc::clone(&file), offset_bytes, buffer, tag });
    }
    queue.submit().unwrap();
    drop(queue);
    assert_eq!(pool.in_use_bytes(), 0);
    let mut bytes = vec![0; 64 * 4 * PAGE_SIZE];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(bytes.iter().all(|byte| *byte == 3));
}

pub(crate) fn an_idle_queue_does_not_wait(directory: &Dir) {
    let mut queue = directory.queue(0).unwrap();
    assert!(queue.wait().is_none());
    queue.submit().unwrap();
    assert!(queue.wait().is_none() && queue.in_flight() == 0);
}

/// A queue moves to another thread, outlives its directory, and many queues run at once.
pub(crate) fn queues_are_independent(directory: &Dir) {
    let pool = PagePool::new(4 << 20);
    std::thread::scope(|scope| {
        for at in 0..4u8 {
            let file = directory.create(&format!("file{at}")).unwrap();
            let mut queue = directory.queue(8).unwrap();
            let pool = pool.clone();
            scope.spawn(move || {
                for tag in 0..50 {
                    let mut buffer = pool.take(1).unwrap();
                    buffer.fill(at);
                    let offset_bytes = tag * 4096;
                    queue.push(Request::Write {
                        file: Arc::clone(&file),
                        offset_bytes,
                        buffer,
                        tag,
                    });
                }
                let count =
                    std::iter::from_fn(|| queue.wait()).filter(|done| done.result.is_ok()).count();
                assert_eq!(count, 50);
                let mut bytes = vec![0; 50 * PAGE_SIZE];
                file.read_exact_at(&mut bytes, 0).unwrap();
                assert!(bytes.iter().all(|byte| *byte == at));
            });
        }
    });
}
