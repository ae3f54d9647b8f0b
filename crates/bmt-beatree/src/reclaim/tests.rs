//! Tests of the order in which pages become free.

use super::*;

fn reclaim(held_pages_max: u64) -> Reclaim {
    Reclaim::new(Space::new(100), 7, held_pages_max * 4096)
}

#[test]
fn pages_wait_for_the_oldest_reader() {
    let mut reclaim = reclaim(1000);
    reclaim.advance(&[], vec![1, 2]);
    reclaim.advance(&[], vec![3]);
    reclaim.advance(&[], vec![4]);
    assert_eq!(reclaim.newest(), 10);
    reclaim.release(8);
    assert_eq!((reclaim.space.free_count(), reclaim.waiting_count()), (0, 4));
    reclaim.release(7);
    assert_eq!((reclaim.space.free_count(), reclaim.waiting_count()), (3, 1));
    assert!(!reclaim.space.is_free(4));
    reclaim.release(9);
    assert!(reclaim.space.is_free(4));
}

#[test]
fn an_old_reader_holds_nothing_that_is_younger() {
    let mut reclaim = reclaim(1000);
    reclaim.advance(&[20..25, 25..30], vec![1, 2]);
    // Generation 7 is held; 20 to 25 live in generation 8 only, 3 in both.
    reclaim.advance(&[30..31, 31..40], vec![20, 21, 3]);
    reclaim.release(8);
    assert!(reclaim.space.is_free(20) && reclaim.space.is_free(21));
    assert_eq!(reclaim.waiting().collect::<Vec<_>>(), [1, 2, 3]);
    // 22 lives in 8 and 9, 31 in 9.
    reclaim.advance(&[], vec![22, 31]);
    reclaim.advance(&[], vec![32]);
    assert!(!reclaim.space.is_free(22));
    reclaim.release(10);
    assert!(!reclaim.space.is_free(32), "9 is held, and younger than 32 it is not");
    reclaim.release(9);
    assert!([22, 31, 32].iter().all(|page| reclaim.space.is_free(*page)));
    reclaim.release(7);
    assert_eq!(reclaim.waiting_count(), 0);
    assert_eq!(reclaim.space.free_count(), 8);
}

#[test]
fn a_generation_that_is_released_while_it_is_the_newest_holds_nothing() {
    let mut reclaim = reclaim(1000);
    reclaim.release(7);
    reclaim.advance(&[], vec![1, 2]);
    assert_eq!((reclaim.space.free_count(), reclaim.waiting_count()), (2, 0));
}

#[test]
fn readers_that_hold_too_much_expire() {
    let mut reclaim = reclaim(3);
    let flags: Vec<_> = [vec![1, 2], vec![3], vec![4], vec![5, 6, 7, 8, 9]]
        .into_iter()
        .map(|pages| {
            let flag = reclaim.flag();
            reclaim.advance(&[], pages);
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
