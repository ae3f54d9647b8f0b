//! Building a step's pages: edits of the frontier are carried out on drafts of the touched pages.
//!
//! Nothing here depends on hashes. Weights decide where the frontier lies, sizes where pages begin; then
//! [`crate::upper`] computes what is dirty, and [`freeze`] makes pages of the drafts.

mod element;
pub(crate) mod freeze;
mod join;
mod repage;
mod route;
mod side_by_side;

use crate::bits::Prefix;
use crate::error::MerkleError;
use crate::frontier::FrontierChange;
use crate::page::body::Body;
use crate::page::cost::ITEMS_BYTES_MIN;
use crate::page::draft::PageDraft;
use crate::page::handle::PageHandle;
use crate::shape::Shape;
use crate::upper::Drafts;
use bmt_core::Key;
use element::Element;
use rayon::ThreadPool;
use std::sync::Arc;

/// Gives a page's body, loading it if need be.
pub(crate) type Load<'a, K> =
    &'a (dyn Fn(&Arc<PageHandle<K>>) -> Result<Arc<Body<K>>, MerkleError> + Sync);

/// What the edits of a build are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edited {
    /// Those of one step.
    Once,
    /// The newest ones of several steps: what one removes may never have been in the pages.
    BySteps,
}

/// The drafts of a step, and what they replace.
pub(crate) struct Builder<'a, K: Key> {
    shape: &'a Shape,
    load: Load<'a, K>,
    /// Threads to build pages with, if there are any but the caller's.
    pool: Option<&'a ThreadPool>,
    pub(crate) edited: Edited,
    pub(crate) drafts: Drafts<K>,
    pub(crate) replaced: Vec<Arc<PageHandle<K>>>,
    /// Prefixes of the frontier that are gone.
    pub(crate) removed: Vec<Prefix<K>>,
    /// Whether anything was done but replacing entries in their places.
    pub(crate) is_reshaped: bool,
}

impl<'a, K: Key> Builder<'a, K> {
    pub(crate) fn new(shape: &'a Shape, load: Load<'a, K>, pool: Option<&'a ThreadPool>) -> Self {
        Self {
            shape,
            load,
            pool,
            edited: Edited::Once,
            drafts: Vec::new(),
            replaced: Vec::new(),
            removed: Vec::new(),
            is_reshaped: false,
        }
    }

    /// Carries out `edits`, which ascend, below a page; the place of the new draft.
    pub(crate) fn page(
        &mut self,
        page: &Arc<PageHandle<K>>,
        edits: &[FrontierChange<K>],
    ) -> Result<usize, MerkleError> {
        let body = (self.load)(page)?;
        self.replaced.push(Arc::clone(page));
        let mut draft = PageDraft::of(page, &body);
        let reshaping = self.route(&mut draft, &body, edits)?;
        match reshaping {
            None => Ok(self.push(draft)),
            Some(reshaping) => {
                self.is_reshaped = true;
                let prefix = draft.prefix;
                let elements = self.elements(draft, &reshaping);
                self.rebuild(prefix, elements)
            }
        }
    }

    /// Makes a page at `prefix` of elements that changed; parts of it may become pages of their own.
    fn rebuild(
        &mut self,
        prefix: Prefix<K>,
        elements: Vec<Element<K>>,
    ) -> Result<usize, MerkleError> {
        element::check_order(&elements)?;
        let elements = self.join(prefix.bits(), elements);
        let elements = self.take_back(prefix, elements)?;
        let elements = self.give_away(prefix, elements);
        let draft = element::into_draft(prefix, elements);
        Ok(self.push(draft))
    }

    fn push(&mut self, draft: PageDraft<K>) -> usize {
        self.drafts.push(Some(draft));
        self.drafts.len() - 1
    }

    fn draft(&self, index: usize) -> &PageDraft<K> {
        match self.drafts.get(index) {
            Some(Some(draft)) => draft,
            _ => unreachable!("a draft is used once"),
        }
    }

    fn take(&mut self, index: usize) -> PageDraft<K> {
        match self.drafts.get_mut(index).and_then(Option::take) {
            Some(draft) => draft,
            None => unreachable!("a draft is used once"),
        }
    }

    /// Whether a draft is not to be a page, unless it is the root's.
    fn is_small(&self, index: usize) -> bool {
        let draft = self.draft(index);
        draft.items.len() < 2 || usize::from(draft.items_bytes) < ITEMS_BYTES_MIN
    }
}
