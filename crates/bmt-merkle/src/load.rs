//! Loading pages from their images, many at once, and verifying them.

use crate::build::freeze::body_of;
use crate::cache::Cache;
use crate::error::{MerkleError, PageDamage};
use crate::page::PageId;
use crate::page::body::Body;
use crate::page::decode::{Expected, decode};
use crate::page::encode::TrieName;
use crate::page::handle::PageHandle;
use crate::source::PageSource;
use crate::upper::UpperWave;
use bmt_core::Scheme;
use bmt_core::wave::HashCounts;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Loads pages of one trie.
pub(crate) struct Loader<'a, S: Scheme, P> {
    pub(crate) name: TrieName,
    pub(crate) cache: &'a Cache<S::Key>,
    pub(crate) source: &'a P,
    /// Hashes of branches that were recomputed.
    pub(crate) counts: Mutex<HashCounts>,
}

impl<'a, S: Scheme, P: PageSource> Loader<'a, S, P> {
    pub(crate) fn new(trie_id: u32, cache: &'a Cache<S::Key>, source: &'a P) -> Self {
        let name = TrieName { trie_id, scheme_id: S::ID };
        Self { name, cache, source, counts: Mutex::default() }
    }

    /// The body of a page.
    pub(crate) fn body(
        &self,
        page: &Arc<PageHandle<S::Key>>,
    ) -> Result<Arc<Body<S::Key>>, MerkleError> {
        if let Some(body) = page.body() {
            return Ok(body);
        }
        self.load(std::slice::from_ref(page))?;
        match page.body() {
            Some(body) => Ok(body),
            // Evicted again at once: the limit is far too low, so read once more and keep it.
            None => self.read(page),
        }
    }

    fn read(&self, page: &Arc<PageHandle<S::Key>>) -> Result<Arc<Body<S::Key>>, MerkleError> {
        let mut bodies = self.read_all(&[page])?;
        match bodies.pop() {
            Some(body) => Ok(body),
            None => unreachable!("one page was asked for"),
        }
    }

    /// Sees to it that these pages are in memory; reads those that are not in one batch.
    pub(crate) fn load(&self, pages: &[Arc<PageHandle<S::Key>>]) -> Result<(), MerkleError> {
        let absent: Vec<_> = pages.iter().filter(|page| page.body().is_none()).collect();
        if absent.is_empty() {
            return Ok(());
        }
        let bodies = self.read_all(&absent)?;
        let loaded = absent.into_iter().zip(bodies);
        self.cache.add(loaded.filter_map(|(page, body)| page.fill(body).then_some(page)));
        Ok(())
    }

    /// The bodies of these pages, read and verified.
    fn read_all(
        &self,
        pages: &[&Arc<PageHandle<S::Key>>],
    ) -> Result<Vec<Arc<Body<S::Key>>>, MerkleError> {
        let count = u64::try_from(pages.len()).unwrap_or(u64::MAX);
        self.cache.load_count.fetch_add(count, Ordering::Relaxed);
        let ids: Vec<PageId> = pages.iter().map(|page| page.id(self.name.trie_id)).collect();
        let mut found: Vec<Option<Result<_, PageDamage>>> = Vec::new();
        found.resize_with(pages.len(), || None);
        self.source
            .pages(&ids, |at, image| {
                if let (Some(slot), Some(page)) = (found.get_mut(at), pages.get(at)) {
                    let expected = Expected {
                        name: self.name,
                        prefix: page.prefix(),
                        birth: page.birth(),
                        checksum: page.checksum.get().copied(),
                    };
                    *slot = Some(decode(image, &expected));
                }
            })
            .map_err(MerkleError::Pages)?;
        let mut drafts = Vec::with_capacity(pages.len());
        for (draft, id) in found.into_iter().zip(&ids) {
            let draft = draft.ok_or(MerkleError::MissingPage { page: *id })?;
            let damaged = |reason| MerkleError::DamagedPage { page: *id, reason };
            drafts.push(draft.map_err(damaged)?);
        }
        let mut wave = UpperWave::<S>::new();
        wave.hash_pages(&mut drafts, &[]);
        *self.counts.lock() += wave.counts();
        let mut bodies = Vec::with_capacity(drafts.len());
        for ((draft, page), id) in drafts.into_iter().zip(pages).zip(&ids) {
            let body = body_of(draft, &[], self.cache.residency());
            if body.hash() != *page.hash() {
                let reason = PageDamage::Hash;
                return Err(MerkleError::DamagedPage { page: *id, reason });
            }
            bodies.push(Arc::new(body));
        }
        Ok(bodies)
    }
}
