//! A table with a manifest of its own: [`Store`].

mod background;
mod committer;

use crate::PageId;
use crate::batch::Batch;
use crate::check::CheckReport;
use crate::error::TableError;
use crate::options::TableOptions;
use crate::page::Page;
use crate::snapshot::Snapshot;
use crate::stats::TableStats;
use background::Background;
use bmt_io::Directory;
use committer::Committer;
pub use committer::MANIFEST_FILE;
use std::sync::Arc;

/// Who copies pages when the store grows or shrinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CopyMode {
    /// A thread of the store. Batches help when it falls behind.
    #[default]
    Background,
    /// Batches alone, as [`TableOptions`] say. The order of storage operations then depends on nothing but the calls.
    Inline,
}

/// How to create or open a store. Start from [`StoreOptions::new`].
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// How to create or open its table.
    pub table: TableOptions,
    /// Who copies pages when the store grows or shrinks.
    pub copying: CopyMode,
}

impl StoreOptions {
    /// The defaults, with this salt, which counts only for creation: [`TableOptions::salt`].
    #[must_use]
    pub fn new(salt: u64) -> Self {
        Self { table: TableOptions::new(salt), copying: CopyMode::default() }
    }
}

/// A durable set of pages under ids: a table that commits by itself.
///
/// Any number of threads may share it; batches are committed one after the other.
#[derive(Debug)]
pub struct Store {
    committer: Arc<Committer>,
    background: Option<Background>,
}

impl Store {
    /// Makes an empty store; durable when it returns. Takes the directory's lock.
    ///
    /// # Errors
    /// [`TableError::AlreadyExists`], [`TableError::InvalidOption`], and what storage says. After a crash, a
    /// creation can be repeated, or the store opened if it says that there is one. After a failure its
    /// files should be removed first: no sync after the one that failed makes their names durable.
    pub fn create(
        directory: Arc<dyn Directory>,
        options: StoreOptions,
    ) -> Result<Self, TableError> {
        let StoreOptions { table, copying } = options;
        Self::start(Committer::create(directory, tuned(table, copying))?, copying)
    }

    /// Opens a store. Takes the directory's lock.
    ///
    /// # Errors
    /// As [`crate::Table::recover`], and [`TableError::Manifest`].
    pub fn open(directory: Arc<dyn Directory>, options: StoreOptions) -> Result<Self, TableError> {
        let StoreOptions { table, copying } = options;
        Self::start(Committer::open(directory, tuned(table, copying))?, copying)
    }

    fn start(committer: Committer, copying: CopyMode) -> Result<Self, TableError> {
        let committer = Arc::new(committer);
        let background = match copying {
            CopyMode::Background => Some(Background::start(&committer)?),
            CopyMode::Inline => None,
        };
        let store = Self { committer, background };
        store.wake();
        Ok(store)
    }

    /// Commits a batch: durable, all of it, when this returns; its number. Four syncs at most.
    ///
    /// # Errors
    /// [`TableError::NoSpace`] and [`TableError::TooManyPages`] change nothing, and the store stays usable.
    /// [`TableError::OutcomeUnknown`]: whether the batch is there will be known after opening the store
    /// again. Any other failed write or sync poisons the store; the batch is not there.
    pub fn commit(&self, batch: &Batch<'_>) -> Result<u64, TableError> {
        let committed = self.committer.commit(batch)?;
        self.wake();
        if self.background.is_none() {
            self.committer.table.remove_unneeded_files();
        }
        Ok(committed)
    }

    /// Puts one page, durably.
    ///
    /// # Errors
    /// As [`Store::commit`], and [`TableError::PayloadTooLong`].
    pub fn put(&self, id: PageId, payload: &[u8]) -> Result<u64, TableError> {
        let mut batch = Batch::new();
        batch.put(id, payload)?;
        self.commit(&batch)
    }

    /// Deletes one page, durably, if it is there.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub fn delete(&self, id: PageId) -> Result<u64, TableError> {
        let mut batch = Batch::new();
        batch.delete(id);
        self.commit(&batch)
    }

    /// The page with this id; as [`Snapshot::get`].
    ///
    /// # Errors
    /// As [`Snapshot::get`].
    pub fn get(&self, id: &PageId) -> Result<Option<Page>, TableError> {
        self.committer.table.get(id)
    }

    /// The pages with these ids; as [`Snapshot::get_many`].
    ///
    /// # Errors
    /// As [`Snapshot::get`].
    pub fn get_many(&self, ids: &[PageId]) -> Result<Vec<Option<Page>>, TableError> {
        self.committer.table.get_many(ids)
    }

    /// Pins the newest batch.
    #[must_use]
    pub fn pin(&self) -> Snapshot {
        self.committer.table.pin()
    }

    /// Begins to double the table; as [`crate::Table::grow`]. Reads and batches go on.
    ///
    /// # Errors
    /// As [`crate::Table::grow`].
    pub fn grow(&self) -> Result<bool, TableError> {
        let begun = self.committer.table.grow()?;
        self.wake();
        Ok(begun)
    }

    /// Begins to shrink the table to its pages; as [`crate::Table::shrink`]. Reads and batches go on.
    ///
    /// # Errors
    /// As [`crate::Table::shrink`].
    pub fn shrink(&self) -> Result<bool, TableError> {
        let begun = self.committer.table.shrink()?;
        self.wake();
        Ok(begun)
    }

    /// Copies what is left to copy, and waits until the table has its new size.
    ///
    /// # Errors
    /// As [`Store::commit`]. The damage of a page that can't be taken over, after everything else was:
    /// [`TableStats::stuck_page_count`].
    pub fn finish_resize(&self) -> Result<(), TableError> {
        while self.committer.step()? {}
        self.committer.table.remove_unneeded_files();
        self.committer.table.stuck().map_or(Ok(()), Err)
    }

    /// Whether the store is growing or shrinking.
    #[must_use]
    pub fn is_resizing(&self) -> bool {
        self.committer.table.is_resizing()
    }

    /// The integrity check; as [`crate::Table::check`].
    ///
    /// # Errors
    /// As [`crate::Table::check`].
    pub fn check(&self, progress: impl FnMut(u64, u64)) -> Result<CheckReport, TableError> {
        self.committer.check(progress)
    }

    /// What the store is and has done.
    #[must_use]
    pub fn stats(&self) -> TableStats {
        self.committer.table.stats()
    }

    /// Ends the store in good order. Dropping it does the same and says nothing; neither loses a batch.
    ///
    /// # Errors
    /// As [`crate::Table::settle`].
    pub fn close(mut self) -> Result<(), TableError> {
        self.background = None;
        self.committer.table.remove_unneeded_files();
        self.committer.table.settle()
    }

    fn wake(&self) {
        if let Some(background) = &self.background
            && (self.is_resizing() || self.committer.table.unneeded_file_count() > 0)
        {
            background.wake();
        }
    }
}

/// With a thread that copies, batches copy only what growth cannot wait for.
fn tuned(table: TableOptions, copying: CopyMode) -> TableOptions {
    match copying {
        CopyMode::Background => TableOptions { copy_pages_per_batch: 0, ..table },
        CopyMode::Inline => table,
    }
}
