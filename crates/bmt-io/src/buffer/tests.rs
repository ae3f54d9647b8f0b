//! Buffers are aligned, disjoint, reused, bounded, and outlive their pool.

use super::{PAGE_SIZE, PageBuffer, PagePool};
use crate::IoError;

const MIB: usize = 1 << 20;

#[test]
fn buffers_are_aligned_and_sized() {
    let pool = PagePool::new(16 * MIB);
    for page_count in [1, 2, 3, 5, 16, 127, 128, 129, 300] {
        let buffer = pool.take_zeroed(page_count).unwrap();
        assert_eq!(buffer.len(), page_count * PAGE_SIZE);
        assert_eq!(buffer.as_ptr().addr() % PAGE_SIZE, 0);
        assert!(buffer.iter().all(|byte| *byte == 0));
    }
    assert_eq!(pool.in_use_bytes(), 0);
}

#[test]
fn buffers_do_not_overlap() {
    let pool = PagePool::new(8 * MIB);
    let mut buffers: Vec<PageBuffer> = (0..700).map(|at| pool.take(1 + at % 3).unwrap()).collect();
    for (at, buffer) in buffers.iter_mut().enumerate() {
        buffer.fill(u8::try_from(at % 251).unwrap());
    }
    for (at, buffer) in buffers.iter().enumerate() {
        assert!(buffer.iter().all(|byte| usize::from(*byte) == at % 251), "buffer {at}");
    }
}

#[test]
fn the_limit_is_kept_and_named() {
    let pool = PagePool::new(4 * PAGE_SIZE);
    let held: Vec<_> = (0..4).map(|_| pool.take(1).unwrap()).collect();
    match pool.take(1).unwrap_err() {
        IoError::PoolExhausted { wanted_bytes, in_use_bytes, limit_bytes } => {
            assert_eq!((wanted_bytes, in_use_bytes, limit_bytes), (4096, 16384, 16384));
        }
        other => panic!("{other}"),
    }
    drop(held);
    assert!(pool.take(4).is_ok());
}

#[test]
fn memory_is_reused_and_another_size_gets_it() {
    let pool = PagePool::new(2 * MIB);
    for page_count in [1, 8, 32, 128, 256, 400] {
        for _ in 0..2000 {
            drop(pool.take(page_count).unwrap());
        }
        assert!(pool.mapped_bytes() <= 2 * MIB, "{page_count}: {}", pool.mapped_bytes());
    }
    pool.trim();
    assert_eq!(pool.mapped_bytes(), 0);
}

#[test]
fn a_page_held_of_each_arena_does_not_map_without_bound() {
    let pool = PagePool::new(2 * MIB);
    let held: Vec<_> = (0..400)
        .map(|_| {
            let buffer = pool.take(1).unwrap();
            // What is free of its arena goes, so that the next page comes from another one.
            pool.trim();
            buffer
        })
        .collect();
    assert!(pool.mapped_bytes() <= 4 * MIB, "{} pages map {pool:?}", held.len());
}

#[test]
fn a_buffer_outlives_its_pool() {
    let pool = PagePool::new(MIB);
    let mut buffer = pool.take(2).unwrap();
    drop(pool);
    buffer.fill(9);
    assert!(buffer.iter().all(|byte| *byte == 9));
}

#[test]
fn the_empty_buffer_has_no_bytes() {
    let mut buffer = PageBuffer::empty();
    assert!(buffer.is_empty() && buffer.iter_mut().next().is_none());
}
