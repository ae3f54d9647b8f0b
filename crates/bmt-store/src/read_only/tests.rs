//! Tests of writes that stay in memory.

use super::MemoryWrites;
use bmt_io::{Directory, IoError, PagePool, Request, SimDisk};
use std::sync::Arc;

/// A disk with a file of 10,000 bytes, and a directory over it.
fn with_file() -> (SimDisk, MemoryWrites) {
    let disk = SimDisk::new(1);
    disk.directory().create("a").unwrap().write_all_at(&[7; 10_000], 0).unwrap();
    let above = MemoryWrites::new(disk.read_only_directory());
    (disk, above)
}

fn bytes(directory: &dyn Directory, name: &str) -> Vec<u8> {
    let file = directory.open(name).unwrap();
    let mut bytes = vec![0xee; usize::try_from(file.len_bytes().unwrap()).unwrap()];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

/// The same calls on the directory and on a vector, by a generator of numbers.
#[test]
fn any_sequence_of_writes_reads_like_a_file_and_leaves_the_one_below() {
    for seed in 0..40_u64 {
        let (disk, above) = with_file();
        let mut model = vec![7_u8; 10_000];
        let mut state = seed;
        let mut next = move |limit: u64| {
            state =
                state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
            (state >> 33) % limit
        };
        let file = above.open("a").unwrap();
        for _ in 0..30 {
            let (at, count) = (next(14_000), next(6_000));
            let range = usize::try_from(at).unwrap()..usize::try_from(at + count).unwrap();
            match next(4) {
                0 => {
                    model.resize(range.start, 0);
                    file.set_len(at).unwrap();
                }
                1 => {
                    model.resize(model.len().max(range.end), 0);
                    model[range].fill(0);
                    file.zero_fill(at, count).unwrap();
                }
                _ => {
                    let value = u8::try_from(next(3)).unwrap() + 6;
                    model.resize(model.len().max(range.end), 0);
                    model[range.clone()].fill(value);
                    file.write_all_at(&vec![value; range.len()], at).unwrap();
                }
            }
            assert!(bytes(&above, "a") == model, "seed {seed}");
        }
        assert!(bytes(&*disk.directory(), "a") == [7; 10_000], "seed {seed}");
    }
}

#[test]
fn names_are_made_removed_and_renamed_above_only() {
    let (disk, above) = with_file();
    above.create("b").unwrap().write_all_at(b"new", 3).unwrap();
    assert_eq!(above.entries().unwrap(), ["a", "b"]);
    assert!(matches!(above.create("a"), Err(IoError::AlreadyExists { .. })));
    above.rename("b", "c").unwrap();
    assert_eq!(bytes(&above, "c"), b"\0\0\0new");
    assert!(matches!(above.open("b"), Err(IoError::NotFound { .. })));
    above.rename("a", "b").unwrap();
    assert_eq!(bytes(&above, "b"), [7; 10_000]);
    above.remove("b").unwrap();
    assert!(matches!(above.open("b"), Err(IoError::NotFound { .. })));
    assert!(matches!(above.remove("missing"), Err(IoError::NotFound { .. })));
    assert_eq!(above.entries().unwrap(), ["c"]);
    assert_eq!(disk.directory().entries().unwrap(), ["a"]);
}

#[test]
fn a_queue_reads_what_was_written() {
    let (_disk, above) = with_file();
    let pool = PagePool::new(1 << 16);
    let file = above.open("a").unwrap();
    let mut queue = above.queue(4).unwrap();
    let mut read = |tag| {
        let (file, buffer) = (Arc::clone(&file), pool.take(1).unwrap());
        queue.push(Request::Read { file, offset_bytes: 4096, buffer, tag });
        assert_eq!(queue.in_flight(), 1);
        let done = queue.wait().unwrap();
        done.result.unwrap();
        assert_eq!(done.tag, tag);
        done.buffer[0]
    };
    assert_eq!(read(1), 7, "of the file below");
    file.write_all_at(&[9], 4096).unwrap();
    assert_eq!(read(2), 9);
}

#[test]
fn writing_what_is_there_takes_no_memory() {
    let (_disk, above) = with_file();
    let file = above.open("a").unwrap();
    file.write_all_at(&[7; 5000], 100).unwrap();
    let changes = above.changes("a").unwrap();
    assert_eq!(changes.page_count(), 0);
    file.write_all_at(&[8], 100).unwrap();
    assert_eq!(changes.page_count(), 1);
}
