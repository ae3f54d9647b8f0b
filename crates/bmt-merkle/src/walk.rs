//! Going through all pages of a version: its frontier, and how full its pages are.

use crate::error::MerkleError;
use crate::frontier::FrontierEntry;
use crate::load::Loader;
use crate::merkle::Merkle;
use crate::page::PageId;
use crate::page::body::Body;
use crate::page::cost::{ITEMS_BYTES_MAX, Item};
use crate::page::handle::PageHandle;
use crate::source::PageSource;
use crate::version::Version;
use bmt_core::Scheme;
use std::sync::Arc;

/// How large the upper trie of a version is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PageStats {
    /// Pages, the root page among them.
    pub page_count: usize,
    /// Frontier entries.
    pub entry_count: usize,
    /// Pages on the longest way from the root page down.
    pub depth_max: usize,
    /// Bytes of all items in the images.
    pub items_bytes: usize,
    /// Bytes of the items of the page with the fewest, the root page left out.
    pub items_bytes_min: Option<usize>,
    /// Bytes that all pages take in memory.
    pub memory_bytes: usize,
}

impl PageStats {
    /// The most that the items of a page can take: [`PageStats::items_bytes_min`] in proportion to it
    /// is at least a quarter.
    pub const ITEMS_BYTES_MAX: usize = ITEMS_BYTES_MAX;
}

/// Visits the pages of a subtree of pages, a page before its children, in key order.
pub(crate) fn for_each_page<S: Scheme, P: PageSource>(
    loader: &Loader<'_, S, P>,
    page: &Arc<PageHandle<S::Key>>,
    depth: usize,
    each: &mut impl FnMut(&PageHandle<S::Key>, &Body<S::Key>, usize) -> Result<(), MerkleError>,
) -> Result<(), MerkleError> {
    let body = loader.body(page)?;
    each(page, &body, depth)?;
    loader.load(&body.children)?;
    body.children.iter().try_for_each(|child| for_each_page(loader, child, depth + 1, each))
}

fn for_each_entry<S: Scheme, P: PageSource>(
    loader: &Loader<'_, S, P>,
    page: &Arc<PageHandle<S::Key>>,
    each: &mut impl FnMut(FrontierEntry<S::Key>),
) -> Result<(), MerkleError> {
    let body = loader.body(page)?;
    loader.load(&body.children)?;
    for (at, item) in body.items.iter().enumerate() {
        match *item {
            Item::Entry { kind, weight } => {
                let (prefix, hash) = (body.prefix(at), body.hashes[at]);
                each(FrontierEntry { prefix, kind, weight, hash });
            }
            Item::Page { .. } => {
                if let Some(child) = body.child(at) {
                    for_each_entry(loader, child, each)?;
                }
            }
        }
    }
    Ok(())
}

impl<S: Scheme> Merkle<S> {
    /// Hands over every frontier entry of a version, in ascending order. Loads all its pages.
    ///
    /// # Errors
    /// Those of the page source, and damaged pages.
    pub fn for_each_frontier_entry<P: PageSource>(
        &self,
        version: &Version<S>,
        pages: &P,
        mut each: impl FnMut(FrontierEntry<S::Key>),
    ) -> Result<(), MerkleError> {
        let loader = self.loader(pages);
        let outcome = for_each_entry(&loader, &version.root, &mut each);
        self.cache.evict();
        outcome
    }

    /// Hands over the id of every page of a version, parents before children: for an owner that looks
    /// for pages that nobody needs. Loads all of them.
    ///
    /// # Errors
    /// Those of the page source, and damaged pages.
    pub fn for_each_page_id<P: PageSource>(
        &self,
        version: &Version<S>,
        pages: &P,
        mut each: impl FnMut(&PageId),
    ) -> Result<(), MerkleError> {
        let loader = self.loader(pages);
        let outcome = for_each_page(&loader, &version.root, 1, &mut |page, _, _| {
            each(&page.id(self.shape.trie_id()));
            Ok(())
        });
        self.cache.evict();
        outcome
    }

    /// How many pages a version has, and how full they are. Loads all of them.
    ///
    /// # Errors
    /// Those of the page source, and damaged pages.
    pub fn page_stats<P: PageSource>(
        &self,
        version: &Version<S>,
        pages: &P,
    ) -> Result<PageStats, MerkleError> {
        let loader = self.loader(pages);
        let mut stats = PageStats::default();
        let outcome = for_each_page(&loader, &version.root, 1, &mut |page, body, depth| {
            stats.page_count += 1;
            stats.depth_max = stats.depth_max.max(depth);
            stats.entry_count += body.items.len() - body.children.len();
            stats.memory_bytes += body.bytes();
            let bytes = usize::from(page.items_bytes());
            stats.items_bytes += bytes;
            if depth > 1 {
                let least = stats.items_bytes_min.map_or(bytes, |least| least.min(bytes));
                stats.items_bytes_min = Some(least);
            }
            Ok(())
        });
        self.cache.evict();
        outcome.map(|()| stats)
    }
}
