//! What all versions of one open tree have in common: its file, its cache, its free pages.

use crate::error::TreeError;
use crate::leaf_cache::{LeafCache, LeafPage};
use crate::options::TreeOptions;
use crate::page::PageRef;
use crate::page::leaf::Leaf;
use crate::page_file::{PageBytes, PageFile};
use crate::reclaim::Reclaim;
use crate::stats::Counters;
use crate::units::len_u64;
use core::sync::atomic::AtomicBool;
use parking_lot::Mutex;
use std::sync::Arc;

/// An open tree without any of its versions.
#[derive(Debug)]
pub(crate) struct TreeFile {
    pub(crate) pages: PageFile,
    pub(crate) cache: LeafCache,
    pub(crate) reclaim: Mutex<Reclaim>,
    /// A slice is being written, or was and its outcome is unknown.
    pub(crate) slice_is_open: AtomicBool,
    pub(crate) options: TreeOptions,
    pub(crate) counters: Counters,
}

impl TreeFile {
    /// A leaf, from the cache or with one blocking read.
    pub(crate) fn leaf(&self, place: PageRef) -> Result<Arc<LeafPage>, TreeError> {
        if let Some(leaf) = self.cache.get(place) {
            self.counters.leaf_hits.add(1);
            return Ok(leaf);
        }
        let leaf = self.open_leaf(place, PageBytes::Whole(self.pages.read(place.page)?))?;
        self.counters.leaf_reads.add(1);
        Ok(self.keep(place, leaf))
    }

    /// Puts a leaf into the cache, without what is unused at its page's end. If there is no memory for that, it is
    /// not kept.
    pub(crate) fn keep(&self, place: PageRef, leaf: LeafPage) -> Arc<LeafPage> {
        self.keep_copy(place, &leaf).unwrap_or_else(|| Arc::new(leaf))
    }

    /// As [`TreeFile::keep`], of a leaf whose page belongs to somebody else.
    pub(crate) fn keep_copy<B: AsRef<[u8]>>(
        &self,
        place: PageRef,
        leaf: &Leaf<B>,
    ) -> Option<Arc<LeafPage>> {
        let bytes = PageBytes::Compact(self.pages.compact.copy(leaf.used()).ok()?);
        let leaf = Arc::new(leaf.over(bytes));
        self.cache.insert(place, &leaf);
        Some(leaf)
    }

    /// A leaf that is about to be replaced; the cache is left as it is.
    pub(crate) fn leaf_to_replace(&self, place: PageRef) -> Result<Arc<LeafPage>, TreeError> {
        if let Some(leaf) = self.cache.peek(place) {
            self.counters.leaf_hits.add(1);
            return Ok(leaf);
        }
        self.counters.leaf_reads.add(1);
        Ok(Arc::new(self.open_leaf(place, PageBytes::Whole(self.pages.read(place.page)?))?))
    }

    /// A leaf from its page.
    pub(crate) fn open_leaf(
        &self,
        place: PageRef,
        bytes: PageBytes,
    ) -> Result<LeafPage, TreeError> {
        Leaf::open(self.pages.seal, place, bytes).map_err(self.pages.damaged(place.page))
    }

    /// Hands over leaves with their indexes in `places`: those in the cache, and then the others as they
    /// come from one batch of reads, after which they are in the cache too.
    pub(crate) fn leaves(
        &self,
        places: &[PageRef],
        mut each: impl FnMut(usize, &Arc<LeafPage>),
    ) -> Result<(), TreeError> {
        let mut missing = Vec::new();
        for (index, place) in places.iter().enumerate() {
            match self.cache.get(*place) {
                Some(leaf) => each(index, &leaf),
                None => missing.push(index),
            }
        }
        self.counters.leaf_hits.add(len_u64(places.len() - missing.len()));
        self.counters.leaf_reads.add(missing.len());
        let pages: Vec<u32> = missing.iter().map(|index| places[*index].page).collect();
        if pages.is_empty() {
            return Ok(());
        }
        self.pages.read_many(&pages, |index, bytes| {
            let index = missing[index];
            let leaf = self.open_leaf(places[index], bytes)?;
            each(index, &self.keep(places[index], leaf));
            Ok(())
        })
    }
}
