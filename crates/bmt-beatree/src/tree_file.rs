//! What all versions of one open tree have in common: its file, its cache, its free pages.

use crate::error::{Damage, TreeError};
use crate::leaf_cache::{LeafCache, LeafPage};
use crate::options::TreeOptions;
use crate::page::PageRef;
use crate::page::leaf::{Leaf, OverflowRef};
use crate::page::overflow::{OverflowHead, open_head};
use crate::page_file::{PageBytes, PageFile, Reads};
use crate::reclaim::Reclaim;
use crate::stats::Counters;
use crate::units::to_usize;
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

    fn open_leaf(&self, place: PageRef, bytes: PageBytes) -> Result<LeafPage, TreeError> {
        Leaf::open(self.pages.seal, place, bytes).map_err(self.pages.damaged(place.page))
    }

    /// Leaves in the order of `places`: those in the cache, and the others in one batch of reads, after
    /// which they are there too.
    pub(crate) fn leaves(&self, places: &[PageRef]) -> Result<Vec<Arc<LeafPage>>, TreeError> {
        let mut leaves: Vec<Option<Arc<LeafPage>>> =
            places.iter().map(|place| self.cache.get(*place)).collect();
        let missing = self.missing(&leaves);
        let pages: Vec<u32> = missing.iter().map(|index| places[*index].page).collect();
        self.pages.read_many(&pages, |index, bytes| {
            let place = places[missing[index]];
            let leaf = Arc::new(self.open_leaf(place, bytes)?);
            self.cache.insert(place, &leaf);
            leaves[missing[index]] = Some(leaf);
            Ok(())
        })?;
        Ok(all_of(leaves))
    }

    /// Starts to read leaves that are about to be replaced; the cache is left as it is.
    pub(crate) fn read_ahead(&self, places: Vec<PageRef>) -> Result<LeavesAhead<'_>, TreeError> {
        let leaves: Vec<Option<Arc<LeafPage>>> =
            places.iter().map(|place| self.cache.peek(*place)).collect();
        let missing = self.missing(&leaves);
        let pages: Vec<u32> = missing.iter().map(|index| places[*index].page).collect();
        let reads = match pages.is_empty() {
            true => None,
            false => Some(self.pages.read_ahead(pages)?),
        };
        Ok(LeavesAhead { file: self, places, leaves, missing, reads })
    }

    /// Indexes of leaves that the cache does not have; counts hits and reads.
    fn missing(&self, leaves: &[Option<Arc<LeafPage>>]) -> Vec<usize> {
        let missing: Vec<usize> =
            (0..leaves.len()).filter(|index| leaves[*index].is_none()).collect();
        self.counters.leaf_hits.add(leaves.len() - missing.len());
        self.counters.leaf_reads.add(missing.len());
        missing
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

/// Leaves that are on their way.
#[derive(Debug)]
pub(crate) struct LeavesAhead<'a> {
    file: &'a TreeFile,
    places: Vec<PageRef>,
    /// Those that the cache had.
    leaves: Vec<Option<Arc<LeafPage>>>,
    /// Indexes of the others.
    missing: Vec<usize>,
    reads: Option<Reads<'a>>,
}

impl LeavesAhead<'_> {
    /// The leaves in order, and whether the cache had each, when all have come.
    pub(crate) fn finish(self) -> Result<Vec<(Arc<LeafPage>, bool)>, TreeError> {
        let Self { file, places, mut leaves, missing, reads } = self;
        if let Some(reads) = reads {
            reads.finish(|index, bytes| {
                let place = places[missing[index]];
                leaves[missing[index]] = Some(Arc::new(file.open_leaf(place, bytes)?));
                Ok(())
            })?;
        }
        let mut missing = missing.into_iter().peekable();
        let was_there = |index| missing.next_if_eq(&index).is_none();
        let hot: Vec<bool> = (0..leaves.len()).map(was_there).collect();
        Ok(all_of(leaves).into_iter().zip(hot).collect())
    }
}

fn all_of(leaves: Vec<Option<Arc<LeafPage>>>) -> Vec<Arc<LeafPage>> {
    let all: Option<Vec<Arc<LeafPage>>> = leaves.into_iter().collect();
    let Some(all) = all else { unreachable!("every page was read, or an error returned") };
    all
}
