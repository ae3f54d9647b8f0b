//! What the cache keeps count of.

use super::{Cache, Ring};
use crate::bits::Prefix;
use crate::page::StepId;
use crate::page::handle::PageHandle;
use bmt_core::StateKey;
use std::sync::Arc;

fn page() -> Arc<PageHandle<StateKey>> {
    PageHandle::stored(Prefix::empty(), StepId::default(), [1; 32], 0, 1)
}

#[test]
fn pages_that_are_no_more_are_forgotten() {
    let cache = Cache::new(usize::MAX, 0);
    let kept: Vec<_> = (0..100).map(|_| page()).collect();
    cache.add(&kept);
    for _ in 0..50 {
        cache.add(&(0..100).map(|_| page()).collect::<Vec<_>>());
    }
    let length = cache.ring.lock().pages.len();
    assert!(length <= Ring::<StateKey>::LENGTH_MIN + 100, "{length} pages are watched");
    assert!(kept.iter().all(|page| Arc::weak_count(page) == 1), "pages in use stay");
}

#[test]
fn pages_near_the_root_stay() {
    let cache = Cache::new(0, 3);
    let pages = [2, 3].map(|bits| {
        let prefix = Prefix::new(&StateKey::component(1), bits);
        PageHandle::<StateKey>::stored(prefix, StepId::default(), [1; 32], 0, 1)
    });
    cache.add(&pages);
    let watched: Vec<_> =
        cache.ring.lock().pages.iter().filter_map(|page| page.upgrade()).collect();
    assert_eq!(watched.len(), 1, "only the page of three bits can be dropped");
    assert_eq!(watched[0].prefix().bits(), 3);
}
