//! A pinned batch: [`Snapshot`].

use crate::PageId;
use crate::core::Core;
use crate::error::TableError;
use crate::lookup::{find_each, find_one};
use crate::page::Page;
use std::sync::Arc;

/// The pages as one batch left them, for as long as this lives.
///
/// Images that are replaced later stay readable; they count as pinned bytes
/// ([`crate::TableStats::pinned_bytes`]), and a snapshot that is forgotten makes the table grow. A clone
/// pins the same batch once more.
#[derive(Debug)]
pub struct Snapshot {
    core: Arc<Core>,
    batch: u64,
}

impl Snapshot {
    /// Pins the newest batch.
    pub(crate) fn of(core: &Arc<Core>) -> Self {
        let batch = core.pins.lock().take();
        Self { core: Arc::clone(core), batch }
    }

    /// The batch.
    #[must_use]
    pub fn batch(&self) -> u64 {
        self.batch
    }

    /// The page with this id; `None` if there is none. About one page read if there is one, about none
    /// if there is none.
    ///
    /// # Errors
    /// [`TableError::Corruption`], also if the page is not found and may be one that was in a damaged bucket;
    /// what storage says, an exhausted pool of page buffers included.
    pub fn get(&self, id: &PageId) -> Result<Option<Page>, TableError> {
        find_one(&self.core, id, self.batch)
    }

    /// The pages with these ids, in their order, read with a deep queue. Each takes a page buffer.
    ///
    /// # Errors
    /// As [`Snapshot::get`].
    pub fn get_many(&self, ids: &[PageId]) -> Result<Vec<Option<Page>>, TableError> {
        let mut pages: Vec<Option<Page>> = ids.iter().map(|_| None).collect();
        self.get_each(ids, |at, page| pages[at] = Some(page))?;
        Ok(pages)
    }

    /// As [`Snapshot::get_many`], handing each page over with the index of its id as soon as it is read,
    /// in any order; ids without a page are left out. Pages that are dropped soon need few buffers.
    ///
    /// # Errors
    /// As [`Snapshot::get`]; some pages may have been handed over by then.
    pub fn get_each(
        &self,
        ids: &[PageId],
        mut found: impl FnMut(usize, Page),
    ) -> Result<(), TableError> {
        find_each(&self.core, ids, self.batch, |at, sighting| {
            sighting.page().map(|page| page.into_iter().for_each(|page| found(at, page)))
        })
    }
}

impl Clone for Snapshot {
    fn clone(&self) -> Self {
        self.core.pins.lock().take_again(self.batch);
        Self { core: Arc::clone(&self.core), batch: self.batch }
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        self.core.unpin(self.batch);
    }
}
