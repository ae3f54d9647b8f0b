//! Pages on their way to and from storage: images, the cache, loading ahead.

use crate::bits::Prefix;
use crate::error::MerkleError;
use crate::load::Loader;
use crate::merkle::Merkle;
use crate::page::PageId;
use crate::page::encode::{TrieName, image};
use crate::page::handle::PageHandle;
use crate::root_page::RootPage;
use crate::source::PageSource;
use crate::update::locate::locate;
use crate::version::{PageImage, Version};
use bmt_core::Scheme;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What is in memory, and what has come and gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MerkleStats {
    /// Bytes of pages in memory.
    pub resident_bytes: usize,
    /// Of these, bytes of pages that were not written, of all versions and steps that somebody holds.
    pub unwritten_bytes: usize,
    /// Pages that were loaded.
    pub page_load_count: u64,
    /// Pages that were dropped from memory.
    pub page_eviction_count: u64,
}

impl<S: Scheme> Merkle<S> {
    /// What every operation that may load pages begins with: so it is here that the limit is kept.
    pub(crate) fn loader<'a, P: PageSource>(&'a self, pages: &'a P) -> Loader<'a, S, P> {
        self.cache.evict();
        Loader::new(self.shape.trie_id(), &self.cache, pages)
    }

    fn name(&self) -> TrieName {
        TrieName { trie_id: self.shape.trie_id(), scheme_id: S::ID }
    }

    /// The pages of a version that were not written yet, children before their parents. Visits no
    /// others.
    #[must_use]
    pub fn unwritten(&self, version: &Version<S>) -> Vec<Arc<PageHandle<S::Key>>> {
        fn collect<S: Scheme>(
            page: &Arc<PageHandle<S::Key>>,
            out: &mut Vec<Arc<PageHandle<S::Key>>>,
        ) {
            // A page that was written has children that were.
            if page.is_written() {
                return;
            }
            let Some(body) = page.body() else { return };
            body.children.iter().for_each(|child| collect::<S>(child, out));
            out.push(Arc::clone(page));
        }
        let mut out = Vec::new();
        collect::<S>(&version.root, &mut out);
        out
    }

    /// The image of a page that [`Merkle::unwritten`] or a step named; `None` if the page was written
    /// and dropped from memory since.
    #[must_use]
    pub fn image(&self, page: &Arc<PageHandle<S::Key>>) -> Option<PageImage> {
        let body = page.body()?;
        for child in &body.children {
            if child.checksum.get().is_none() {
                self.image(child)?;
            }
        }
        let bytes = image(self.name(), page, &body);
        page.checksum.get_or_init(|| crate::page::encode::image_checksum(&bytes));
        Some(PageImage { id: page.id(self.shape.trie_id()), birth: page.birth(), bytes })
    }

    /// Says that the page source has these pages from now on, for all versions that will be read: they
    /// can be dropped from memory.
    ///
    /// # Panics
    /// When the image of one of them was never made.
    pub fn set_written(&self, pages: &[Arc<PageHandle<S::Key>>]) {
        pages.iter().for_each(|page| page.set_written());
        self.cache.add(pages);
        self.cache.evict();
    }

    /// The name of a version, by which [`Version::stored`] finds it again once its pages are written.
    #[must_use]
    pub fn root_page(&self, version: &Version<S>) -> RootPage {
        let page = &version.root;
        let known = page.checksum.get().copied();
        let checksum = known.or_else(|| {
            self.image(page)?;
            page.checksum.get().copied()
        });
        let Some(checksum) = checksum else {
            unreachable!("a page without a checksum is in memory")
        };
        let items_bytes = page.items_bytes();
        RootPage { root: version.root(), birth: page.birth(), checksum, items_bytes }
    }

    /// What a page that some step replaced is stored under; `None` if it was never written, so that there is
    /// nothing to delete. To be asked when a checkpoint that contains the step is prepared, since the
    /// page may have been written after the step.
    #[must_use]
    pub fn stored_id(&self, page: &PageHandle<S::Key>) -> Option<PageId> {
        page.is_written().then(|| page.id(self.shape.trie_id()))
    }

    /// Bytes of pages in memory.
    #[must_use]
    pub fn resident_bytes(&self) -> usize {
        self.cache.resident_bytes()
    }

    /// What is in memory, and what has come and gone.
    #[must_use]
    pub fn stats(&self) -> MerkleStats {
        let cache = &self.cache;
        MerkleStats {
            resident_bytes: cache.resident_bytes(),
            unwritten_bytes: cache.residency().unwritten_bytes(),
            page_load_count: cache.load_count.load(Ordering::Relaxed),
            page_eviction_count: cache.eviction_count.load(Ordering::Relaxed),
        }
    }

    /// Changes the limit of [`MerkleOptions::cache_bytes`](crate::MerkleOptions::cache_bytes), and
    /// drops pages until it is kept, if it can be. How many pages were dropped.
    pub fn set_cache_bytes(&self, bytes: usize) -> usize {
        self.cache.set_bytes_max(bytes);
        self.cache.evict()
    }

    /// Loads the pages on the paths of keys, ascending, one batch a level, ahead of an update or a
    /// proof. Returns the prefixes of the bottom subtries that the keys belong to, ascending, for the
    /// owner to warm up its leaves.
    ///
    /// # Errors
    /// Those of the page source, and damaged pages.
    pub fn warm_up<P: PageSource>(
        &self,
        version: &Version<S>,
        keys: &[S::Key],
        pages: &P,
    ) -> Result<Vec<Prefix<S::Key>>, MerkleError> {
        let loader = self.loader(pages);
        let regions = locate(&loader, &version.root, keys)?;
        Ok(regions.iter().filter(|r| r.old.is_some()).map(|r| r.prefix).collect())
    }

    /// Loads the upper pages of a version, level by level, while all pages in memory take fewer than
    /// `bytes_max`. How many levels are in memory completely.
    ///
    /// # Errors
    /// Those of the page source, and damaged pages.
    pub fn preload<P: PageSource>(
        &self,
        version: &Version<S>,
        bytes_max: usize,
        pages: &P,
    ) -> Result<usize, MerkleError> {
        /// Pages read in one batch.
        const BATCH: usize = 256;
        let loader = self.loader(pages);
        let mut level = vec![Arc::clone(&version.root)];
        let mut depth = 0;
        while !level.is_empty() {
            let mut below = Vec::new();
            for batch in level.chunks(BATCH) {
                if self.resident_bytes() >= bytes_max {
                    return Ok(depth);
                }
                loader.load(batch)?;
                for page in batch {
                    below.extend(loader.body(page)?.children.iter().cloned());
                }
            }
            level = below;
            depth += 1;
        }
        Ok(depth)
    }
}
