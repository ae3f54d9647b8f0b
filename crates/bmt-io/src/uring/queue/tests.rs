//! What a queue makes of each result that a kernel may report.

use super::{RingQueue, Running};
use crate::storage::{File, Queue, Request};
use crate::{Backend, IoError, IoOptions, PAGE_SIZE, PagePool, open_directory};
use std::sync::Arc;
use tempfile::TempDir;

/// A queue, a file of two pages of ones, and what keeps them; `None` where there is no io_uring.
fn queue() -> Option<(RingQueue, Arc<dyn File>, PagePool, TempDir)> {
    if super::super::probe().is_err() {
        println!("skipped: no io_uring here");
        return None;
    }
    let path = tempfile::tempdir().unwrap();
    let options = IoOptions { backend: Backend::Threads, ..IoOptions::default() };
    let directory = open_directory(path.path(), &options).unwrap();
    let file = directory.create("a").unwrap();
    file.write_all_at(&[1; 2 * PAGE_SIZE], 0).unwrap();
    Some((RingQueue::new(4, Arc::default()).unwrap(), file, PagePool::new(1 << 20), path))
}

/// A request in the queue's books of which the kernel knows nothing, so that a test can play kernel.
fn book(queue: &mut RingQueue, request: Request) -> usize {
    let index = queue.vacant.pop().unwrap();
    queue.running[index] = Some(Running { request, done_bytes: 0, abandoned: false });
    index
}

fn read(file: &Arc<dyn File>, pool: &PagePool) -> Request {
    let (file, buffer) = (Arc::clone(file), pool.take_zeroed(2).unwrap());
    Request::Read { file, offset_bytes: 0, buffer, tag: 9 }
}

fn write(file: &Arc<dyn File>, pool: &PagePool) -> Request {
    let (file, mut buffer) = (Arc::clone(file), pool.take(2).unwrap());
    buffer.fill(2);
    Request::Write { file, offset_bytes: 0, buffer, tag: 9 }
}

#[test]
fn a_short_read_is_resumed_where_it_ended() {
    let Some((mut queue, file, pool, _path)) = queue() else { return };
    let index = book(&mut queue, read(&file, &pool));
    queue.handle(index, 5000);
    let done = queue.wait().unwrap();
    done.result.unwrap();
    assert!(done.buffer[..5000].iter().all(|byte| *byte == 0), "left to the first part");
    assert!(done.buffer[5000..].iter().all(|byte| *byte == 1), "read by the second");
    assert_eq!(queue.in_flight(), 0);
}

#[test]
fn a_short_write_is_resumed_where_it_ended() {
    let Some((mut queue, file, pool, _path)) = queue() else { return };
    let index = book(&mut queue, write(&file, &pool));
    queue.handle(index, 5000);
    queue.wait().unwrap().result.unwrap();
    let mut bytes = [0; 2 * PAGE_SIZE];
    file.read_exact_at(&mut bytes, 0).unwrap();
    assert!(bytes[..5000].iter().all(|byte| *byte == 1));
    assert!(bytes[5000..].iter().all(|byte| *byte == 2));
}

#[test]
fn interrupted_and_busy_are_tried_again() {
    let Some((mut queue, file, pool, _path)) = queue() else { return };
    for errno in [libc::EINTR, libc::EAGAIN] {
        let index = book(&mut queue, read(&file, &pool));
        queue.handle(index, -errno);
        let done = queue.wait().unwrap();
        done.result.unwrap();
        assert!(done.buffer.iter().all(|byte| *byte == 1));
    }
}

#[test]
fn what_a_ring_cannot_do_is_done_by_a_blocking_call() {
    let Some((mut queue, file, pool, _path)) = queue() else { return };
    for errno in [libc::EINVAL, libc::EBADF, libc::EOPNOTSUPP] {
        let index = book(&mut queue, read(&file, &pool));
        queue.handle(index, -errno);
        let done = queue.wait().unwrap();
        done.result.unwrap();
        assert!(done.buffer.iter().all(|byte| *byte == 1));
    }
}

/// A request, what the kernel says of it, and whether an error is the right one.
type Case = (Request, i32, fn(&IoError) -> bool);

#[test]
fn other_errors_end_the_request_and_keep_its_buffer() {
    let Some((mut queue, file, pool, _path)) = queue() else { return };
    let cases: [Case; 4] = [
        (read(&file, &pool), -libc::EIO, |error| matches!(error, IoError::Other { .. })),
        (write(&file, &pool), -libc::ENOSPC, |error| matches!(error, IoError::NoSpace { .. })),
        (read(&file, &pool), 0, |error| {
            matches!(error, IoError::UnexpectedEnd { read_bytes: 0, .. })
        }),
        (write(&file, &pool), 0, |error| matches!(error, IoError::Other { .. })),
    ];
    for (request, result, expected) in cases {
        let site = request.site();
        let index = book(&mut queue, request);
        queue.handle(index, result);
        let done = queue.wait().unwrap();
        let error = done.result.unwrap_err();
        assert!(expected(&error), "{result}: {error}");
        assert_eq!(error.site(), Some(&site));
        assert_eq!((done.tag, done.buffer.page_count()), (9, 2));
    }
    assert_eq!((queue.in_flight(), queue.vacant.len()), (0, 4));
}

#[test]
fn an_abandoned_request_keeps_its_buffer_until_the_kernel_ends_it() {
    let Some((mut queue, file, pool, _path)) = queue() else { return };
    let index = book(&mut queue, read(&file, &pool));
    let done = queue.abandon_one(std::io::Error::from_raw_os_error(libc::ENOMEM)).unwrap();
    assert!(done.result.is_err() && done.buffer.is_empty() && done.tag == 9);
    assert_eq!((queue.in_flight(), pool.in_use_bytes()), (0, 2 * PAGE_SIZE));
    assert!(queue.wait().is_none());
    queue.handle(index, 0);
    assert_eq!((queue.vacant.len(), pool.in_use_bytes()), (4, 0));
}
