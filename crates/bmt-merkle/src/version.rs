//! Versions: states of the trie that share the pages in which they do not differ.

use crate::frontier::FrontierChange;
use crate::page::handle::PageHandle;
use crate::page::{PageId, StepId};
use crate::root_page::RootPage;
use bmt_core::wave::HashCounts;
use bmt_core::{EMPTY_ROOT, Hash, Scheme};
use std::sync::Arc;

/// One state of the trie: its root page. Immutable, shared, cheap to clone.
#[derive(Debug)]
pub struct Version<S: Scheme> {
    pub(crate) root: Arc<PageHandle<S::Key>>,
}

impl<S: Scheme> Clone for Version<S> {
    fn clone(&self) -> Self {
        Self { root: Arc::clone(&self.root) }
    }
}

impl<S: Scheme> Version<S> {
    /// The root of the state.
    #[must_use]
    pub fn root(&self) -> Hash {
        *self.root.hash()
    }

    /// Whether the state has no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.root() == EMPTY_ROOT
    }

    /// The root page.
    #[must_use]
    pub fn root_page(&self) -> &Arc<PageHandle<S::Key>> {
        &self.root
    }

    /// The version of a root page that the page source has.
    #[must_use]
    pub fn stored(root: &RootPage) -> Self {
        Self { root: root.handle::<S>() }
    }
}

/// What a batch of changes makes of a version. Nothing is visible to anybody else.
#[derive(Debug)]
pub struct Step<S: Scheme> {
    /// The new state. Further steps can stand on it.
    pub version: Version<S>,
    /// What changed in the frontier, in ascending order of prefixes: for
    /// [`Merkle::apply_frontier`](crate::Merkle::apply_frontier).
    pub frontier_changes: Vec<FrontierChange<S::Key>>,
    /// The pages that the step made. They are written when a checkpoint wants them:
    /// [`Merkle::unwritten`](crate::Merkle::unwritten).
    pub new_pages: Vec<Arc<PageHandle<S::Key>>>,
    /// The pages of the base that the new version has no more. Where they are stored can be used again
    /// when no reader needs an older version.
    pub replaced_pages: Vec<Arc<PageHandle<S::Key>>>,
    /// What was hashed, without pages that had to be loaded.
    pub hash_counts: HashCounts,
    /// What was hashed to load pages.
    pub load_counts: HashCounts,
}

impl<S: Scheme> Step<S> {
    /// Bytes that the step takes in memory: its pages, for as long as they are not dropped, and its
    /// frontier changes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        let pages: usize = self.new_pages.iter().map(|page| page.resident_bytes()).sum();
        pages + size_of_val(self.frontier_changes.as_slice())
    }
}

/// The image of a page, to be stored under its id.
#[derive(Debug, Clone)]
pub struct PageImage {
    /// The page's id.
    pub id: PageId,
    /// The step that made it.
    pub birth: StepId,
    /// At most [`crate::PAGE_BYTES_MAX`] bytes.
    pub bytes: Vec<u8>,
}
