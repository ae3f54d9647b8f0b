//! Copies keep their bytes, places are used again, and empty arenas are given back.

use super::*;
use quickcheck::quickcheck;

quickcheck! {
    fn copies_keep_their_bytes(steps: Vec<(u16, bool)>) -> bool {
        let pool = CompactPool::new();
        let mut kept: Vec<(CompactBytes, Vec<u8>)> = Vec::new();
        for (at, (number, drops)) in steps.into_iter().enumerate() {
            if drops && !kept.is_empty() {
                kept.swap_remove(usize::from(number) % kept.len());
                pool.return_free_memory();
            } else {
                let fill = u8::try_from(at % 251).unwrap();
                let bytes = vec![fill; usize::from(number) % PAGE_SIZE + 1];
                kept.push((pool.copy(&bytes).unwrap(), bytes));
            }
        }
        let in_use: usize = kept.iter().map(|(_, b)| CompactBytes::memory_bytes(b.len())).sum();
        // A longer place may have been used.
        let is_counted = (in_use..=pool.mapped_bytes()).contains(&pool.in_use_bytes());
        kept.iter().all(|(copy, bytes)| **copy == **bytes) && is_counted
    }
}

#[test]
fn places_are_used_again_and_given_back() {
    let pool = CompactPool::new();
    let copies: Vec<CompactBytes> = (0..1000).map(|_| pool.copy(&[7; 3000]).unwrap()).collect();
    let mapped = pool.mapped_bytes();
    assert!(mapped >= pool.in_use_bytes() && mapped < pool.in_use_bytes() * 11 / 10);
    drop(copies);
    let again: Vec<CompactBytes> = (0..1000).map(|_| pool.copy(&[8; 2900]).unwrap()).collect();
    assert_eq!(pool.mapped_bytes(), mapped);
    let kept = again.into_iter().nth(500);
    pool.return_free_memory();
    assert_eq!(pool.mapped_bytes(), ARENA_BYTES);
    assert_eq!(kept.as_deref(), Some(&[8; 2900][..]));
    drop(kept);
    pool.return_free_memory();
    assert_eq!((pool.mapped_bytes(), pool.in_use_bytes()), (0, 0));
}

#[test]
fn copies_of_changing_lengths_take_little_more_than_they_hold() {
    const KEPT: usize = 8000;
    let pool = CompactPool::new();
    let mut kept = std::collections::VecDeque::new();
    // As a cache of so many leaves does when one part of the keys after the other is read.
    for len_bytes in [3900, 2700, 3100, 2000, 3500, 1500, 4000, 1000, 3000] {
        for _ in 0..KEPT {
            kept.push_back(pool.copy(&vec![1; len_bytes]).unwrap());
            if kept.len() > KEPT {
                kept.pop_front();
            }
            let spare = pool.mapped_bytes() - pool.in_use_bytes();
            let limit = pool.in_use_bytes() / 2 + (20 << 20);
            assert!(spare <= limit, "{spare} of {} at {len_bytes}", pool.mapped_bytes());
        }
    }
}

#[test]
fn threads_share_the_pool() {
    let pool = CompactPool::new();
    std::thread::scope(|scope| {
        for fill in 0..4_u8 {
            let pool = &pool;
            scope.spawn(move || {
                let mut kept = Vec::new();
                for round in 0..2000_usize {
                    let bytes = vec![fill; round * 37 % PAGE_SIZE + 1];
                    kept.push(pool.copy(&bytes).unwrap());
                    if kept.len() > 20 {
                        let copy = kept.swap_remove(round % 20);
                        assert!(copy.iter().all(|byte| *byte == fill));
                    }
                    if round % 100 == 0 {
                        pool.return_free_memory();
                    }
                }
            });
        }
    });
    pool.return_free_memory();
    assert_eq!((pool.mapped_bytes(), pool.in_use_bytes()), (0, 0));
}

#[test]
#[should_panic(expected = "1 to 4096 bytes")]
fn more_than_a_page_is_refused() {
    drop(CompactPool::new().copy(&[0; PAGE_SIZE + 1]));
}
