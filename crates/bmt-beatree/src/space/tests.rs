//! Tests of the page bitmap against a set.

use super::*;
use crate::sample::Random;
use std::collections::BTreeSet;

fn runs_of(free: &BTreeSet<u32>) -> Vec<PageRun> {
    let mut runs: Vec<PageRun> = Vec::new();
    for page in free {
        match runs.last_mut() {
            Some(run) if run.page + run.page_count == *page => run.page_count += 1,
            _ => runs.push(PageRun { page: *page, page_count: 1 }),
        }
    }
    runs
}

#[test]
fn a_bitmap_is_a_set() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let (mut space, mut free, mut used) = (Space::new(1), BTreeSet::new(), Vec::new());
        for _ in 0..2000 {
            let count = 1 + u32::try_from(random.below(90)).unwrap();
            match random.below(8) {
                0..2 => {
                    let run = space.take(count).unwrap();
                    let first = free.first().copied();
                    assert!(first.is_none_or(|first| first == run.start), "from the front");
                    assert!(run.len() <= to_usize(count) && !run.is_empty());
                    used.extend(run);
                }
                2 => {
                    let run = space.take_between(count, count).unwrap();
                    assert_eq!(run.len(), to_usize(count));
                    let first = runs_of(&free).into_iter().find(|run| run.page_count >= count);
                    assert!(first.is_none_or(|first| first.page == run.start), "the first place");
                    used.extend(run);
                }
                3 => {
                    space.trim();
                    free.retain(|page| *page < space.end());
                }
                _ => {
                    for _ in 0..random.below(40).min(used.len()) {
                        let page = used.swap_remove(random.below(used.len()));
                        space.give(page);
                        free.insert(page);
                    }
                }
            }
            used.iter().for_each(|page| {
                free.remove(page);
            });
            assert_eq!(to_usize(space.free_count()), free.len());
        }
        assert_eq!(space.runs(), runs_of(&free));
        assert_eq!(to_usize(space.end()), 1 + free.len() + used.len());
        assert!((0..space.end()).all(|page| space.is_free(page) == free.contains(&page)));
    }
}

#[test]
#[should_panic(expected = "was in use")]
fn a_page_is_not_given_twice() {
    let mut space = Space::new(10);
    space.give(3);
    space.give(3);
}

#[test]
fn small_holes_are_searched_once() {
    let mut space = Space::new(100_001);
    (1..100_000).step_by(2).for_each(|page| space.give(page));
    assert_eq!(space.take_between(16, 20), Some(100_001..100_021));
    assert_eq!(space.barren[4], 100_001);
    assert_eq!(space.take_between(16, 20), Some(100_021..100_041));
    // A hole that becomes large enough is seen.
    (500..530).step_by(2).for_each(|page| space.give(page));
    assert_eq!(space.take_between(16, 20), Some(499..519));
    assert_eq!(space.take_between(1, 1), Some(1..2));
}

#[test]
fn a_run_over_words_is_found_whole() {
    let mut space = Space::new(500);
    (10..20).chain(60..400).for_each(|page| space.give(page));
    assert_eq!(space.take_between(200, 300), Some(60..360));
    assert_eq!(space.take(100), Some(10..20));
    assert_eq!(space.take(100), Some(360..400));
    assert_eq!(space.take(7), Some(500..507));
}
