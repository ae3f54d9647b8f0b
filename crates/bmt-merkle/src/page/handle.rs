//! A page as its parents and versions know it: loaded, or to be loaded by its birth.

use super::body::Body;
use super::{PageId, StepId, page_id};
use crate::bits::Prefix;
use bmt_core::{Hash, Key};
use parking_lot::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// An immutable page. All versions that have it share this object.
#[derive(Debug)]
pub struct PageHandle<K> {
    prefix: Prefix<K>,
    birth: StepId,
    /// Of everything below, at the prefix.
    hash: Hash,
    items_bytes: u16,
    /// Known once the image was made, or from the parent's image.
    pub(crate) checksum: OnceLock<u64>,
    /// The page source has the image, so the body can be dropped.
    written: AtomicBool,
    /// Read since the cache looked last.
    used: AtomicBool,
    body: RwLock<Option<Arc<Body<K>>>>,
}

impl<K: Key> PageHandle<K> {
    /// A page just made.
    pub(crate) fn born(
        prefix: Prefix<K>,
        birth: StepId,
        items_bytes: u16,
        body: Arc<Body<K>>,
    ) -> Arc<Self> {
        body.set_unwritten(true);
        Arc::new(Self {
            prefix,
            birth,
            hash: body.hash(),
            items_bytes,
            checksum: OnceLock::new(),
            written: AtomicBool::new(false),
            used: AtomicBool::new(true),
            body: RwLock::new(Some(body)),
        })
    }

    /// A page that the page source has.
    pub(crate) fn stored(
        prefix: Prefix<K>,
        birth: StepId,
        hash: Hash,
        items_bytes: u16,
        checksum: u64,
    ) -> Arc<Self> {
        Arc::new(Self {
            prefix,
            birth,
            hash,
            items_bytes,
            checksum: OnceLock::from(checksum),
            written: AtomicBool::new(true),
            used: AtomicBool::new(false),
            body: RwLock::new(None),
        })
    }

    /// Where in the trie the page begins.
    #[must_use]
    pub fn prefix(&self) -> &Prefix<K> {
        &self.prefix
    }

    /// The step that made it.
    #[must_use]
    pub fn birth(&self) -> StepId {
        self.birth
    }

    /// The hash of the trie below the prefix.
    #[must_use]
    pub fn hash(&self) -> &Hash {
        &self.hash
    }

    /// What the page is stored under.
    #[must_use]
    pub fn id(&self, trie_id: u32) -> PageId {
        page_id(trie_id, &self.prefix, self.birth)
    }

    /// Whether the page source has the image.
    #[must_use]
    pub fn is_written(&self) -> bool {
        self.written.load(Ordering::Acquire)
    }

    pub(crate) fn set_written(&self) {
        assert!(self.checksum.get().is_some(), "a page is written after its image was made");
        self.written.store(true, Ordering::Release);
        if let Some(body) = &*self.body.read() {
            body.set_unwritten(false);
        }
    }

    /// Bytes that the page takes in memory now.
    pub(crate) fn resident_bytes(&self) -> usize {
        self.body.read().as_ref().map_or(0, |body| body.bytes())
    }

    /// Bytes of the items in the image.
    pub(crate) fn items_bytes(&self) -> u16 {
        self.items_bytes
    }

    /// The page's contents, if they are in memory.
    pub(crate) fn body(&self) -> Option<Arc<Body<K>>> {
        let body = self.body.read().clone();
        if body.is_some() && !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        body
    }

    /// Keeps a body that was loaded, unless another thread was quicker; whether it did.
    pub(crate) fn fill(&self, body: Arc<Body<K>>) -> bool {
        let mut slot = self.body.write();
        self.used.store(true, Ordering::Relaxed);
        let is_first = slot.is_none();
        slot.get_or_insert(body);
        is_first
    }

    /// Drops the body if the page can be loaded again and was not used since the last call.
    pub(crate) fn evict(&self) -> Eviction {
        if !self.is_written() {
            return Eviction::Kept;
        }
        if self.used.swap(false, Ordering::Relaxed) {
            return Eviction::Kept;
        }
        let body = self.body.write().take();
        drop(body);
        Eviction::Dropped
    }
}

/// What became of a page's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Eviction {
    Kept,
    Dropped,
}
