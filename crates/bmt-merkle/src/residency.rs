//! What pages take in memory, counted as they come and go.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of the bodies of one trie's pages that are in memory, whoever holds them.
#[derive(Debug, Default)]
pub(crate) struct Residency {
    all: AtomicUsize,
    unwritten: AtomicUsize,
}

impl Residency {
    pub(crate) fn bytes(&self) -> usize {
        self.all.load(Ordering::Relaxed)
    }

    /// Those that can't be dropped, because the page source does not have their pages.
    pub(crate) fn unwritten_bytes(&self) -> usize {
        self.unwritten.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: usize) {
        self.all.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn remove(&self, bytes: usize) {
        self.all.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_unwritten(&self, bytes: usize) {
        self.unwritten.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn remove_unwritten(&self, bytes: usize) {
        self.unwritten.fetch_sub(bytes, Ordering::Relaxed);
    }
}
