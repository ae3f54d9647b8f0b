//! A directory opened read-only reads, shares its lock with other readers, and refuses to change
//! anything, in queues too.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_io::{Backend, Directory, IoError, IoOptions, PagePool, Request, SimDisk, open_directory};
use std::sync::Arc;

fn fill(directory: &Arc<dyn Directory>) {
    directory.create("a").unwrap().write_all_at(&[1; 4096], 0).unwrap();
    drop(directory.try_lock().unwrap());
}

fn check(writer: &Arc<dyn Directory>, reader: &Arc<dyn Directory>) {
    let pool = PagePool::new(1 << 16);
    let file = reader.open("a").unwrap();
    let mut queue = reader.queue(2).unwrap();
    let read = |tag| Request::Read {
        file: Arc::clone(&file),
        offset_bytes: 0,
        buffer: pool.take(1).unwrap(),
        tag,
    };
    queue.push(read(0));
    let done = queue.wait().unwrap();
    done.result.unwrap();
    assert!(done.buffer.iter().all(|byte| *byte == 1));

    let (target, buffer) = (Arc::clone(&file), done.buffer);
    queue.push(Request::Write { file: target, offset_bytes: 0, buffer, tag: 1 });
    for result in [
        queue.wait().unwrap().result,
        file.write_all_at(b"x", 0),
        file.set_len(0),
        file.zero_fill(0, 1),
        file.sync_data(),
        reader.create("b").map(drop),
        reader.remove("a"),
        reader.rename("a", "b"),
    ] {
        let error = result.unwrap_err();
        assert!(matches!(error, IoError::ReadOnly { .. }), "{error}");
    }
    reader.sync().unwrap();
    assert_eq!(writer.entries().unwrap(), ["a"]);

    let readers = (reader.try_lock().unwrap(), reader.try_lock().unwrap());
    assert!(matches!(writer.try_lock(), Err(IoError::Locked { .. })));
    drop(readers);
    let lock = writer.try_lock().unwrap();
    assert!(matches!(reader.try_lock(), Err(IoError::Locked { .. })));
    drop(lock);
}

#[test]
fn on_real_files() {
    for backend in [Backend::Threads, Backend::Auto] {
        let path = tempfile::tempdir().unwrap();
        let open = |read_only| {
            let options = IoOptions { backend, read_only, ..IoOptions::default() };
            open_directory(path.path(), &options).unwrap()
        };
        let writer = open(false);
        fill(&writer);
        check(&writer, &open(true));
    }
}

#[test]
fn on_a_simulated_disk() {
    let disk = SimDisk::new(1);
    fill(&disk.directory());
    check(&disk.directory(), &disk.read_only_directory());
}
