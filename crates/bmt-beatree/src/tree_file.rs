//! What all versions of one open tree have in common: its file, its cache, its free pages.

use crate::error::{Damage, TreeError};
use crate::leaf_cache::{LeafCache, LeafPage};
use crate::options::TreeOptions;
use crate::page::PageRef;
use crate::page::leaf::{Leaf, OverflowRef};
use crate::page::overflow::{OverflowHead, open_head};
use crate::page_file::{PageBytes, PageFile};
use crate::reclaim::Reclaim;
use crate::stats::Counters;
use crate::units::{len_u64, to_usize};
use bmt_io::PageBuffer;
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
        let leaf = Arc::new(self.open_leaf(place, PageBytes::Whole(self.pages.read(place.page)?))?);
        self.counters.leaf_reads.add(1);
        self.cache.insert(place, &leaf);
        Ok(leaf)
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
            let leaf = Arc::new(self.open_leaf(places[index], bytes)?);
            self.cache.insert(places[index], &leaf);
            each(index, &leaf);
            Ok(())
        })
    }

    /// A value in overflow pages: one read for its head page, one for each extent.
    pub(crate) fn overflow_value(&self, value: &OverflowRef) -> Result<Vec<u8>, TreeError> {
        let (head, page) = self.overflow_head(value)?;
        let mut bytes = vec![0; to_usize(value.len_bytes)];
        let (here, mut rest) = bytes.split_at_mut(head.value_range.len());
        here.copy_from_slice(&page[head.value_range.clone()]);
        for extent in &head.extents {
            let (part, after) = rest.split_at_mut(extent.bytes().min(rest.len()));
            self.pages.read_bytes(extent.page, part)?;
            let found = self.pages.seal.extent(extent.page, part);
            if found != extent.checksum {
                let damage = Damage::Checksum { expected: extent.checksum, found };
                return Err(self.pages.damaged(extent.page)(damage));
            }
            rest = after;
        }
        Ok(bytes)
    }

    /// The head page of an overflow value.
    pub(crate) fn overflow_head(
        &self,
        value: &OverflowRef,
    ) -> Result<(OverflowHead, PageBuffer), TreeError> {
        let page = self.pages.read(value.head.page)?;
        self.counters.overflow_reads.add(1);
        let head = open_head(self.pages.seal, value.head, value.len_bytes, &page);
        Ok((head.map_err(self.pages.damaged(value.head.page))?, page))
    }
}
