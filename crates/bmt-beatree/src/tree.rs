//! The public handle of an open page file: [`Tree`].

use crate::buffer::Buffer;
use crate::error::{Damage, TreeError};
use crate::flush::{Flush, FlushOptions};
use crate::index::load::{count_pages, load};
use crate::index_version::Index;
use crate::leaf_cache::LeafCache;
use crate::meta::Meta;
use crate::options::TreeOptions;
use crate::page::free_list;
use crate::page_file::PageFile;
use crate::reclaim::Reclaim;
use crate::space::Space;
use crate::stats::{Counters, TreeStats};
use crate::tree_file::TreeFile;
use crate::units::{len_u32, len_u64};
use bmt_io::{Directory, FileOptions};
use core::sync::atomic::AtomicBool;
use parking_lot::Mutex;
use std::sync::Arc;

/// An open page file: the part of a store that writes and reads pages. A cheap handle.
///
/// It has no log and no manifest: the caller stores the [`Meta`] that each slice ends with, and applies
/// again what the pages do not hold. [`crate::Store`] is such a caller.
#[derive(Debug, Clone)]
pub struct Tree {
    pub(crate) file: Arc<TreeFile>,
}

impl Tree {
    /// Makes an empty tree; its file is durable when this returns. The meta record of the index that is
    /// returned is what the caller stores.
    ///
    /// # Errors
    /// [`TreeError::Io`], also if there is a file of that name.
    pub fn create(
        directory: Arc<dyn Directory>,
        options: TreeOptions,
    ) -> Result<(Self, Index), TreeError> {
        let file_options = FileOptions { direct: options.direct };
        let pages = PageFile::create(directory, &options.file_name, file_options, options.salt)?;
        let pages = pages.with_queue_depth(options.queue_depth);
        let reclaim = Reclaim::new(Space::new(1), 0, options.held_bytes_max);
        let tree = Self::new(pages, reclaim, options);
        let index = tree.index(None, Meta::EMPTY);
        Ok((tree, index))
    }

    /// Opens a tree with the meta record that was stored last, reading its branch pages and its free
    /// list: about one page for 200 leaves, a level at a time with a deep queue. Writes nothing.
    ///
    /// # Errors
    /// [`TreeError::Corruption`], [`TreeError::Unsupported`], [`TreeError::Io`].
    pub fn open(
        directory: Arc<dyn Directory>,
        options: TreeOptions,
        meta: &Meta,
    ) -> Result<(Self, Index), TreeError> {
        let file_options = FileOptions { direct: options.direct };
        let pages = PageFile::open(directory, &options.file_name, file_options, options.salt)?;
        let pages = pages.with_queue_depth(options.queue_depth);
        let root = match meta.root {
            Some((place, level)) => Some(load(&pages, place, level, meta.page_count)?),
            None => None,
        };
        let (branches, leaves) = root.as_deref().map_or((0, 0), count_pages);
        let counts = (u64::from(meta.counts.branch_pages), u64::from(meta.counts.leaf_pages));
        if (branches, leaves) != counts {
            let damage = Damage::Layout("the meta record counts other branch pages or leaves");
            return Err(pages.damaged(meta.root.map_or(0, |(place, _)| place.page))(damage));
        }
        let (space, list_pages) = load_space(&pages, meta)?;
        let mut reclaim = Reclaim::new(space, meta.generation, options.held_bytes_max);
        reclaim.list_pages = list_pages;
        let tree = Self::new(pages, reclaim, options);
        let index = tree.index(root, *meta);
        Ok((tree, index))
    }

    fn new(mut pages: PageFile, reclaim: Reclaim, options: TreeOptions) -> Self {
        pages.seal.ignores_checksum = options.faults().ignores_checksum();
        let file = TreeFile {
            pages,
            cache: LeafCache::new(options.leaf_cache_bytes),
            reclaim: Mutex::new(reclaim),
            slice_is_open: AtomicBool::new(false),
            options,
            counters: Counters::default(),
        };
        Self { file: Arc::new(file) }
    }

    fn index(&self, root: Option<Arc<crate::index::Node>>, meta: Meta) -> Index {
        let flag = self.file.reclaim.lock().flag();
        Index::new(&self.file, root, meta, flag)
    }

    /// Starts to write the frozen runs of `buffer` into pages. `base` is the newest index.
    ///
    /// Nothing is written before [`Flush::next_slice`].
    #[must_use]
    pub fn flush(&self, base: &Index, buffer: &Buffer, options: FlushOptions) -> Flush {
        Flush::new(&self.file, base, buffer, options)
    }

    /// Sets [`TreeOptions::leaf_cache_bytes`] anew, for an owner who shares memory out while the tree is open. Leaves
    /// over a lower limit leave the cache at once, and memory; a change of less than 2 % is not made.
    pub fn set_leaf_cache_bytes(&self, bytes: usize) {
        if self.file.cache.set_limit(bytes) {
            self.return_free_memory();
        }
    }

    /// Gives memory back to the system that flushes, reads and a larger cache took for a while.
    pub fn return_free_memory(&self) {
        self.file.pages.pool.trim();
        self.file.pages.compact.return_free_memory();
    }

    /// What the tree is and has done.
    #[must_use]
    pub fn stats(&self) -> TreeStats {
        let (file, counters) = (&self.file, &self.file.counters);
        let reclaim = file.reclaim.lock();
        TreeStats {
            generation: reclaim.newest(),
            page_count: reclaim.space.end(),
            free_pages: reclaim.space.free_count(),
            held_pages: len_u64(reclaim.waiting_count()),
            expired_count: reclaim.expired_count,
            cache_bytes: file.cache.bytes(),
            leaf_hits: counters.leaf_hits.total(),
            leaf_reads: counters.leaf_reads.get(),
            overflow_reads: counters.overflow_reads.get(),
            leaf_writes: counters.leaf_writes.get(),
            branch_writes: counters.branch_writes.get(),
            slice_count: counters.slices.get(),
            prefix_count: counters.prefixes.get(),
            cut_prefix_count: counters.cut_prefixes.get(),
        }
    }
}

/// The free pages of a meta record, and the pages of the list itself.
fn load_space(pages: &PageFile, meta: &Meta) -> Result<(Space, Vec<u32>), TreeError> {
    let mut space = Space::new(meta.page_count);
    let (mut list_pages, mut at, mut before) = (Vec::new(), meta.free_list, 1);
    while let Some(place) = at {
        let damage = pages.damaged(place.page);
        if list_pages.len() >= crate::units::to_usize(meta.counts.free_list_pages) {
            return Err(damage(Damage::Layout(
                "the free list is longer than the meta record says",
            )));
        }
        let bytes = pages.read(place.page)?;
        let page = free_list::open(pages.seal, place, &bytes).map_err(&damage)?;
        for run in page.runs {
            let end = run.page + run.page_count;
            if run.page < before || end > meta.page_count {
                return Err(damage(Damage::Layout("a run of the free list is out of place")));
            }
            (run.page..end).for_each(|page| space.give(page));
            before = end;
        }
        list_pages.push(place.page);
        at = page.next;
    }
    let counts = (space.free_count(), len_u32(list_pages.len()));
    if counts != (meta.counts.free_pages, meta.counts.free_list_pages) {
        let damage = Damage::Layout("the free list is shorter than the meta record says");
        return Err(pages.damaged(meta.free_list.map_or(0, |place| place.page))(damage));
    }
    Ok((space, list_pages))
}
