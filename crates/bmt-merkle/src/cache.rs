//! The cache of pages: which are in memory, and which of them can be dropped.

use crate::page::handle::{Eviction, PageHandle};
use crate::residency::Residency;
use bmt_core::Key;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// One by this is the part of the limit that written pages have in any case.
const DROPPABLE_SHARE: usize = 4;

/// Pages that may be dropped, in the order in which they are looked at.
#[derive(Debug)]
pub(crate) struct Cache<K> {
    bytes_max: AtomicUsize,
    /// Pages with shorter prefixes stay.
    resident_bits: usize,
    residency: Arc<Residency>,
    ring: Mutex<Ring<K>>,
    pub(crate) load_count: AtomicU64,
    pub(crate) eviction_count: AtomicU64,
}

#[derive(Debug)]
struct Ring<K> {
    pages: VecDeque<Weak<PageHandle<K>>>,
    /// How long it may become before pages that are no more are taken out.
    length_max: usize,
}

impl<K> Ring<K> {
    const LENGTH_MIN: usize = 1024;
}

impl<K: Key> Cache<K> {
    pub(crate) fn new(bytes_max: usize, resident_bits: usize) -> Self {
        let ring = Ring { pages: VecDeque::new(), length_max: Ring::<K>::LENGTH_MIN };
        Self {
            bytes_max: AtomicUsize::new(bytes_max),
            resident_bits,
            residency: Arc::default(),
            ring: Mutex::new(ring),
            load_count: AtomicU64::new(0),
            eviction_count: AtomicU64::new(0),
        }
    }

    /// The bodies in memory.
    pub(crate) fn residency(&self) -> &Arc<Residency> {
        &self.residency
    }

    pub(crate) fn resident_bytes(&self) -> usize {
        self.residency.bytes()
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max.load(Ordering::Relaxed)
    }

    pub(crate) fn set_bytes_max(&self, bytes: usize) {
        self.bytes_max.store(bytes, Ordering::Relaxed);
    }

    /// Watches pages that can be loaded again.
    pub(crate) fn add<'a>(&self, pages: impl IntoIterator<Item = &'a Arc<PageHandle<K>>>) {
        let mut ring = self.ring.lock();
        let droppable = pages.into_iter().filter(|page| page.prefix().bits() >= self.resident_bits);
        ring.pages.extend(droppable.map(Arc::downgrade));
        if ring.pages.len() > ring.length_max {
            ring.pages.retain(|page| page.strong_count() > 0);
            ring.length_max = Ring::<K>::LENGTH_MIN.max(2 * ring.pages.len());
        }
    }

    /// Whether pages should be dropped. However many pages wait to be written, those that can be dropped
    /// keep a share: else every operation would load the uppermost pages again.
    fn is_over(&self) -> bool {
        let (all, limit) = (self.resident_bytes(), self.bytes_max());
        all > limit
            && all.saturating_sub(self.residency.unwritten_bytes()) > limit / DROPPABLE_SHARE
    }

    /// Drops pages that were not used for a while until the limit is kept, or little can be dropped.
    /// Each page is looked at no more than twice. Returns how many were dropped.
    pub(crate) fn evict(&self) -> usize {
        let mut dropped = 0;
        if !self.is_over() {
            return dropped;
        }
        let pages = &mut self.ring.lock().pages;
        let mut looks = 2 * pages.len();
        while looks > 0 && self.is_over() {
            looks -= 1;
            let Some(page) = pages.pop_front() else { break };
            let Some(handle) = page.upgrade() else { continue };
            match handle.evict() {
                Eviction::Kept => pages.push_back(page),
                Eviction::Dropped => dropped += 1,
            }
        }
        self.eviction_count
            .fetch_add(u64::try_from(dropped).unwrap_or(u64::MAX), Ordering::Relaxed);
        dropped
    }
}

#[cfg(test)]
mod tests;
