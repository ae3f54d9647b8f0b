//! The cache of leaves, bounded in bytes.
//!
//! Its key is page *and* checksum, so bytes of a page that was freed and written anew are never taken
//! for the new ones, nor the other way round.

use crate::page::PageRef;
use crate::page::leaf::Leaf;
use crate::page_file::PageBytes;
use crate::units::{PAGE_SIZE, len_u64};
use bmt_io::CompactBytes;
use core::hash::{BuildHasherDefault, Hasher};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::sync::Arc;

/// A leaf that was read.
pub(crate) type LeafPage = Leaf<PageBytes>;

/// Memory of a cached leaf besides its bytes: what keeps track of it.
const FIXED_BYTES: usize = 208;
/// Memory of a cached leaf as it usually is, seven eighths full: for tables that grow if there are more.
const USUAL_BYTES: usize = PAGE_SIZE / 8 * 7 + FIXED_BYTES;

/// A limit is changed when it differs by more than one part in so many.
const LIMIT_STEP: u64 = 64;

#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<PageRef, Arc<LeafPage>> for ByBytes {
    fn weight(&self, _: &PageRef, leaf: &Arc<LeafPage>) -> u64 {
        len_u64(CompactBytes::memory_bytes(leaf.used().len()) + FIXED_BYTES)
    }
}

/// Checksums are random already; they need no further hashing.
#[derive(Debug, Default, Clone)]
struct ChecksumHasher(u64);

impl Hasher for ChecksumHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.0 ^= u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 ^= number;
    }
}

/// Leaves by their places.
#[derive(Debug)]
pub(crate) struct LeafCache {
    leaves: Cache<PageRef, Arc<LeafPage>, ByBytes, BuildHasherDefault<ChecksumHasher>>,
}

impl LeafCache {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        let count = limit_bytes / USUAL_BYTES;
        let leaves = Cache::with(
            count,
            len_u64(limit_bytes),
            ByBytes,
            Default::default(),
            Default::default(),
        );
        Self { leaves }
    }

    pub(crate) fn get(&self, place: PageRef) -> Option<Arc<LeafPage>> {
        self.leaves.get(&place)
    }

    /// The leaf, without making it look used.
    pub(crate) fn peek(&self, place: PageRef) -> Option<Arc<LeafPage>> {
        self.leaves.peek(&place)
    }

    pub(crate) fn insert(&self, place: PageRef, leaf: &Arc<LeafPage>) {
        self.leaves.insert(place, Arc::clone(leaf));
    }

    /// Drops a leaf that is no longer part of the newest version.
    pub(crate) fn remove(&self, place: PageRef) {
        self.leaves.remove(&place);
    }

    /// Sets the limit anew, unless the difference is not worth the work; leaves that are over it go. Whether it is
    /// lower now.
    pub(crate) fn set_limit(&self, limit_bytes: usize) -> bool {
        let (old, new) = (self.leaves.capacity(), len_u64(limit_bytes));
        let is_changed = old.abs_diff(new) > old / LIMIT_STEP;
        if is_changed {
            self.leaves.set_capacity(new);
        }
        is_changed && new < old
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.leaves.weight()
    }
}
