//! The end of a slice: the free list, and the sync that makes all of it durable.

use super::slice_writer::SliceWriter;
use crate::error::{Damage, TreeError};
use crate::meta::Meta;
use crate::page::PageRef;
use crate::page::free_list::{self, PageRun};
use crate::space::Space;
use crate::units::{PAGE_SIZE, len_u32};

/// What the end of a slice decides.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) meta: Meta,
    /// The pages of the new free list.
    pub(super) list_pages: Vec<u32>,
}

impl SliceWriter<'_> {
    /// Writes the free list that belongs to `root` and syncs the file.
    pub(super) fn finish(
        &mut self,
        root: Option<(PageRef, u8)>,
        generation: u64,
    ) -> Result<Finished, TreeError> {
        self.writer.close_piece()?;
        self.release_extents()?;
        self.release_free_list();
        let list = self.take_list_pages()?;
        let free_list = self.write_list(&list)?;
        self.writer.settle()?;
        self.writer.cut_to(list.page_count)?;
        self.writer.sync()?;
        self.counts.free_pages = list.runs.iter().map(|run| run.page_count).sum();
        self.counts.free_list_pages = len_u32(list.pages.len());
        let meta =
            Meta { generation, root, free_list, page_count: list.page_count, counts: self.counts };
        match meta.is_plausible() {
            true => Ok(Finished { meta, list_pages: list.pages }),
            false => {
                let damage = Damage::Layout("pages do not add up to the file (INV-BT-01)");
                Err(self.file.pages.damaged(0)(damage))
            }
        }
    }

    /// The pages of the old list are replaced like any others.
    fn release_free_list(&mut self) {
        let reclaim = self.file.reclaim.lock();
        self.released.extend_from_slice(&reclaim.list_pages);
    }

    /// Takes pages for a list of all that is free after this slice, itself excepted.
    fn take_list_pages(&mut self) -> Result<FreeList, TreeError> {
        self.file.reclaim.lock().space.trim();
        let mut pages = Vec::new();
        loop {
            let free = self.free_after()?;
            let runs = free.runs();
            let needed = free_list::page_count(&runs);
            if needed <= pages.len() {
                return Ok(FreeList { pages, runs, page_count: free.end() });
            }
            // Taking them changes what is free, but not by much: a second look mostly is the last.
            for _ in pages.len()..needed {
                pages.push(self.writer.take_between(1, 1)?.start);
            }
        }
    }

    /// What is free once the slice is stored and no reader is left.
    fn free_after(&self) -> Result<Space, TreeError> {
        let reclaim = self.file.reclaim.lock();
        let mut free = reclaim.space.clone();
        reclaim.waiting().for_each(|page| free.give(page));
        for page in &self.released {
            // Pages said so, and pages may be damaged.
            if !free.is_used(*page) {
                let damage = Damage::Layout("replaced twice, or in use and free (INV-BT-01)");
                return Err(self.file.pages.damaged(*page)(damage));
            }
            free.give(*page);
        }
        Ok(free)
    }

    /// Writes the chain from its last page to its first.
    fn write_list(&mut self, list: &FreeList) -> Result<Option<PageRef>, TreeError> {
        let mut images = Vec::with_capacity(list.pages.len());
        let mut rest = &list.runs[..];
        for _ in &list.pages {
            let mut bytes = [0; PAGE_SIZE];
            let taken = free_list::fill(rest, &mut bytes);
            rest = &rest[taken..];
            images.push(bytes);
        }
        assert!(rest.is_empty(), "the list has room for every run");
        let mut next = None;
        for (page, bytes) in list.pages.iter().zip(&mut images).rev() {
            next = Some(free_list::close(self.file.pages.seal, *page, next, bytes));
            self.writer.write_at(*page, bytes)?;
        }
        Ok(next)
    }
}

/// A free list that is about to be written.
#[derive(Debug)]
struct FreeList {
    pages: Vec<u32>,
    runs: Vec<PageRun>,
    page_count: u32,
}
