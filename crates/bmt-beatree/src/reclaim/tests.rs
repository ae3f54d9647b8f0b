//! Tests of the order in which pages become free.

use super::*;

fn reclaim(held_pages_max: u64) -> Reclaim {
    Reclaim::new(Space::new(100), 7, held_pages_max * 4096)
}

#[test]
fn pages_wait_for_the_oldest_reader() {
    let mut reclaim = reclaim(1000);
    reclaim.advance(vec![1, 2]);
    reclaim.advance(vec![3]);
    reclaim.advance(vec![4]);
    assert_eq!(reclaim.newest(), 10);
    reclaim.release(8);
    assert_eq!((reclaim.space.free_count(), reclaim.waiting_count()), (0, 4));
    reclaim.release(7);
    assert_eq!((reclaim.space.free_count(), reclaim.waiting_count()), (3, 1));
    assert!(!reclaim.space.is_free(4));
    reclaim.release(10);
    assert_eq!(reclaim.waiting().collect::<Vec<_>>(), [4]);
}

#[test]
fn readers_that_hold_too_much_expire() {
    let mut reclaim = reclaim(3);
    let flags: Vec<_> = [vec![1, 2], vec![3], vec![4], vec![5, 6, 7, 8, 9]]
        .into_iter()
        .map(|pages| {
            let flag = reclaim.flag();
            reclaim.advance(pages);
            flag
        })
        .collect();
    let expired: Vec<bool> = flags.iter().map(|flag| flag.load(Ordering::SeqCst)).collect();
    // The last one alone is over the limit, and still allowed.
    assert_eq!(expired, [true, true, true, false]);
    assert_eq!((reclaim.space.free_count(), reclaim.expired_count), (4, 3));
    reclaim.release(7);
    assert_eq!(reclaim.waiting_count(), 5);
}
