//! Nothing is lost, whatever the threads.

use super::{PART_COUNT, Tally};

#[test]
fn threads_lose_nothing() {
    let tally = Tally::default();
    std::thread::scope(|scope| {
        for _ in 0..2 * PART_COUNT {
            scope.spawn(|| (0..100).map(|_| tally.add(3)).max());
        }
    });
    assert_eq!(tally.total(), 2 * 16 * 100 * 3);
}

#[test]
fn a_thread_sees_its_own_additions() {
    let tally = Tally::default();
    let before = tally.add(1);
    assert_eq!(tally.add(5), before + 1);
    assert_eq!(tally.total(), 6);
}
