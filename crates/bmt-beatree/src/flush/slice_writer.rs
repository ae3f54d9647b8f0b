//! What a slice writes and what it replaces.

use super::page_writer::PageWriter;
use crate::error::TreeError;
use crate::index::edit::BranchPages;
use crate::index::{Item, Node};
use crate::meta::Counts;
use crate::page::leaf::cells::CellList;
use crate::page::leaf::encode as leaf_encode;
use crate::page::leaf::{Leaf, OverflowRef, ValueHash};
use crate::page::overflow::{
    EXTENT_PAGES_MAX, EXTENTS_MAX, Extent, HEAD_VALUE_BYTES_MAX, encode_head, head_value_bytes,
    pages_for,
};
use crate::page::{PageRef, branch};
use crate::tree_file::TreeFile;
use crate::units::{PAGE_SIZE, len_u32, to_usize};
use core::ops::Range;

/// Pieces of an extent that are written at a time, in pages.
const EXTENT_PIECE_PAGES: usize = 128;
/// An extent has at least so many pages, if the value needs them.
const EXTENT_PAGES_MIN: u32 = 16;

/// Long values whose head pages are read together when they are released.
const OLD_VALUES_MAX: usize = 1024;

/// The pages of one slice: new ones as they are written, old ones as they are replaced.
#[derive(Debug)]
pub(super) struct SliceWriter<'a> {
    pub(super) file: &'a TreeFile,
    pub(super) writer: PageWriter<'a>,
    /// Pages that the tree no longer has.
    pub(super) released: Vec<u32>,
    /// Leaves that the tree no longer has.
    pub(super) old_leaves: Vec<PageRef>,
    /// Long values that the tree no longer has, and whose extents are not released yet.
    old_values: Vec<OverflowRef>,
    pub(super) counts: Counts,
}

impl<'a> SliceWriter<'a> {
    pub(super) fn new(
        file: &'a TreeFile,
        counts: Counts,
        sync_bytes: u64,
    ) -> Result<Self, TreeError> {
        let mut writer = PageWriter::new(&file.pages, &file.reclaim, sync_bytes)?;
        writer.skips_sync = file.options.faults().skips_page_sync();
        let (released, old_leaves, old_values) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { file, writer, released, old_leaves, old_values, counts })
    }

    /// Writes a leaf; into the cache too if it is `hot`.
    pub(super) fn write_leaf(
        &mut self,
        cells: &CellList,
        range: Range<usize>,
        is_hot: bool,
    ) -> Result<PageRef, TreeError> {
        let (page, bytes) = self.writer.page()?;
        let place = leaf_encode::encode(self.file.pages.seal, page, cells, range, bytes);
        self.counts.leaf_pages += 1;
        self.file.counters.leaf_writes.add(1);
        if is_hot {
            let leaf = Leaf::parse(&bytes[..]).map_err(self.file.pages.damaged(page))?;
            drop(self.file.keep_copy(place, &leaf));
        }
        Ok(place)
    }

    pub(super) fn release_leaf(&mut self, place: PageRef) {
        self.counts.leaf_pages = self.counts.leaf_pages.saturating_sub(1);
        self.retire(place.page);
        self.old_leaves.push(place);
    }

    /// The tree no longer has this page (INV-BT-02).
    fn retire(&mut self, page: u32) {
        if self.file.options.faults().reuses_early() {
            return self.file.reclaim.lock().space.give(page);
        }
        self.released.push(page);
    }

    /// Writes a value to overflow pages.
    pub(super) fn write_overflow(
        &mut self,
        value: &[u8],
        hash: &ValueHash,
    ) -> Result<OverflowRef, TreeError> {
        let extents = self.write_extents(value)?;
        let (page, bytes) = self.writer.page()?;
        let head = encode_head(self.file.pages.seal, page, value, &extents, bytes);
        let extent_pages: u32 = extents.iter().map(|extent| extent.page_count).sum();
        self.counts.overflow_pages += 1 + extent_pages;
        Ok(OverflowRef { hash: *hash, len_bytes: len_u32(value.len()), head })
    }

    /// Writes what does not fit the head page. Takes places of a fair size, so that the head page can
    /// name them all however the free space is cut up.
    fn write_extents(&mut self, value: &[u8]) -> Result<Vec<Extent>, TreeError> {
        let mut extents: Vec<Extent> = Vec::new();
        if value.len() <= HEAD_VALUE_BYTES_MAX {
            return Ok(extents);
        }
        let mut places: Vec<Range<u32>> = Vec::new();
        let mut covered = 0;
        loop {
            let head_bytes = head_value_bytes(places.len() + 1);
            let needed = u32::try_from(pages_for(value.len() - head_bytes)).unwrap_or(u32::MAX);
            let missing = needed - covered;
            let left = len_u32(EXTENTS_MAX - places.len()).max(1);
            let least = missing.div_ceil(left).max(EXTENT_PAGES_MIN).min(missing);
            let most = missing.min(EXTENT_PAGES_MAX);
            let place = self.writer.take_between(least.min(most), most)?;
            covered += place.end - place.start;
            places.push(place);
            if covered == needed {
                break;
            }
        }
        let mut rest = &value[head_value_bytes(places.len())..];
        for place in places {
            let page_count = place.end - place.start;
            let (part, after) = rest.split_at(rest.len().min(to_usize(page_count) * PAGE_SIZE));
            let checksum = self.file.pages.seal.extent(place.start, part);
            let mut page = place.start;
            for piece in part.chunks(EXTENT_PIECE_PAGES * PAGE_SIZE) {
                self.writer.write_at(page, piece)?;
                page += len_u32(EXTENT_PIECE_PAGES);
            }
            extents.push(Extent { page: place.start, page_count, checksum });
            rest = after;
        }
        Ok(extents)
    }

    /// The pages of a value that the tree no longer has (INV-BT-09). If it has extents, its head page says
    /// which: those are read many at a time.
    pub(super) fn release_overflow(&mut self, value: &OverflowRef) -> Result<(), TreeError> {
        self.counts.overflow_pages = self.counts.overflow_pages.saturating_sub(1);
        self.retire(value.head.page);
        if to_usize(value.len_bytes) > HEAD_VALUE_BYTES_MAX {
            self.old_values.push(*value);
        }
        match self.old_values.len() < OLD_VALUES_MAX {
            true => Ok(()),
            false => self.release_extents(),
        }
    }

    /// The extents of long values that were released.
    pub(super) fn release_extents(&mut self) -> Result<(), TreeError> {
        let mut values = core::mem::take(&mut self.old_values);
        if values.is_empty() {
            return Ok(());
        }
        let mut pages: Vec<u32> = Vec::new();
        self.file.overflow_extents(&mut values, |extent| pages.extend(extent.pages()))?;
        self.counts.overflow_pages =
            self.counts.overflow_pages.saturating_sub(len_u32(pages.len()));
        pages.into_iter().for_each(|page| self.retire(page));
        Ok(())
    }
}

impl BranchPages for SliceWriter<'_> {
    fn write(&mut self, level: u8, items: &[Item]) -> Result<PageRef, TreeError> {
        let children = Node::page_children(items);
        let (page, bytes) = self.writer.page()?;
        let place = branch::encode(self.file.pages.seal, page, level, &children, bytes);
        self.counts.branch_pages += 1;
        self.file.counters.branch_writes.add(1);
        Ok(place)
    }

    fn release(&mut self, page: u32) {
        self.counts.branch_pages = self.counts.branch_pages.saturating_sub(1);
        self.retire(page);
    }
}
