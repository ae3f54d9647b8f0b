//! The cache of pages: which are in memory, and which of them can be dropped.

use crate::page::handle::{Eviction, PageHandle};
use bmt_core::Key;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

/// Pages that may be dropped, in the order in which they are looked at.
#[derive(Debug)]
pub(crate) struct Cache<K> {
    bytes_max: AtomicUsize,
    resident: Arc<AtomicUsize>,
    ring: Mutex<VecDeque<Weak<PageHandle<K>>>>,
}

impl<K: Key> Cache<K> {
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max: AtomicUsize::new(bytes_max),
            resident: Arc::default(),
            ring: Mutex::default(),
        }
    }

    /// Bytes of all bodies in memory.
    pub(crate) fn resident(&self) -> &Arc<AtomicUsize> {
        &self.resident
    }

    pub(crate) fn resident_bytes(&self) -> usize {
        self.resident.load(Ordering::Relaxed)
    }

    pub(crate) fn bytes_max(&self) -> usize {
        self.bytes_max.load(Ordering::Relaxed)
    }

    pub(crate) fn set_bytes_max(&self, bytes: usize) {
        self.bytes_max.store(bytes, Ordering::Relaxed);
    }

    /// Watches a page that can be loaded again.
    pub(crate) fn add(&self, page: &Arc<PageHandle<K>>) {
        self.ring.lock().push_back(Arc::downgrade(page));
    }

    /// Drops pages that were not used for a while until the limit is kept, or nothing can be dropped.
    /// Each page is looked at no more than twice. Returns how many were dropped.
    pub(crate) fn evict(&self) -> usize {
        let mut dropped = 0;
        if self.resident_bytes() <= self.bytes_max() {
            return dropped;
        }
        let mut ring = self.ring.lock();
        let mut looks = 2 * ring.len();
        while looks > 0 && self.resident_bytes() > self.bytes_max() {
            looks -= 1;
            let Some(page) = ring.pop_front() else { break };
            let Some(handle) = page.upgrade() else { continue };
            match handle.evict() {
                Eviction::Kept => ring.push_back(page),
                Eviction::Dropped => dropped += 1,
            }
        }
        dropped
    }
}
