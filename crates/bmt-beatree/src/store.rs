//! The tree with a commit log and a slot file of its own: [`Store`].

mod background;
mod batch;
mod checkpoint;
mod commit;
mod core;
mod error;
mod open;
mod options;
mod slot_record;
mod snapshot;

pub use batch::Batch;
pub use error::StoreError;
pub use options::{Background, Durability, StoreOptions};
pub use snapshot::Snapshot;

use self::core::StoreCore;
use crate::check::CheckReport;
use crate::key::{Key, Prefix};
use crate::stats::TreeStats;
use crate::value::Value;
use crate::version::Entries;
use background::Threads;
use bmt_io::{Directory, IoOptions, open_directory};
use bmt_seglog::LogStats;
use std::fmt;
use std::ops::RangeBounds;
use std::path::Path;
use std::sync::Arc;

/// An embedded, ordered, durable map from 32-byte keys to values.
///
/// Any number of threads read and commit at once; commits take effect one after another. Dropping a
/// store loses nothing that was committed: the next opening applies the log. [`Store::close`] writes it
/// to pages first, so that opening has nothing to apply.
///
/// ```
/// use bmt_beatree::{Batch, Store, StoreOptions};
///
/// let place = tempfile::tempdir()?;
/// let store = Store::open(place.path(), StoreOptions::default())?;
/// let mut batch = Batch::new();
/// batch.put([1; 32], b"one".to_vec()).put([2; 32], b"two".to_vec());
/// store.commit(batch)?;
///
/// let before = store.snapshot();
/// store.commit([([1; 32], None::<Vec<u8>>)].into_iter().collect())?;
/// assert_eq!(store.get(&[1; 32])?, None);
/// assert_eq!(before.get(&[1; 32])?.as_deref(), Some(b"one".as_slice()));
/// assert_eq!(store.range(..).count(), 1);
/// store.close()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Store {
    core: Arc<StoreCore>,
    /// Dropped before the core: the threads end first.
    threads: Option<Threads>,
}

impl Store {
    /// Opens the store in the directory `path`, or makes one there.
    ///
    /// Reads branch pages, free list and the log from the last checkpoint on, and applies the commits
    /// that are not in pages. What it shows is durable.
    ///
    /// # Errors
    /// [`StoreError::NotAStore`], [`StoreError::Log`] with a corruption, [`StoreError::Tree`] likewise,
    /// and others. Nothing is repaired silently.
    pub fn open(path: &Path, options: StoreOptions) -> Result<Self, StoreError> {
        let io = IoOptions { create: options.create, ..IoOptions::default() };
        Self::open_in(open_directory(path, &io)?, options)
    }

    /// As [`Store::open`], in a directory of any backend.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_in(
        directory: Arc<dyn Directory>,
        options: StoreOptions,
    ) -> Result<Self, StoreError> {
        let background = options.background;
        let core = Arc::new(open::open(&directory, options)?);
        core.replay()?;
        let threads = match background {
            Background::Threads => Some(Threads::start(&core)?),
            Background::Inline => None,
        };
        Ok(Self { core, threads })
    }

    /// Commits the changes together; its sequence number. Durable when this returns, unless
    /// [`Durability::Eventual`] was asked for.
    ///
    /// One append to the log and one `fdatasync`, which commits of other threads share. Waits while
    /// the write buffer is full. A commit of nothing costs as much.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`] and then [`StoreError::Poisoned`]; any other error has changed
    /// nothing: [`StoreError::Log`] for a batch over the limit and for a full disk,
    /// [`StoreError::BufferFull`], [`StoreError::Tree`] for a value over the limit.
    pub fn commit(&self, batch: Batch) -> Result<u64, StoreError> {
        self.core.commit(batch.sorted())
    }

    /// Returns when every commit that has returned is durable.
    ///
    /// # Errors
    /// [`StoreError::OutcomeUnknown`], [`StoreError::Poisoned`].
    pub fn sync(&self) -> Result<(), StoreError> {
        self.core.sync()
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError::Tree`].
    pub fn get(&self, key: &Key) -> Result<Option<Value>, StoreError> {
        Ok(self.core.current().version().get(key)?)
    }

    /// The values of many keys, read together.
    ///
    /// # Errors
    /// [`StoreError::Tree`].
    pub fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>, StoreError> {
        Ok(self.core.current().version().get_many(keys)?)
    }

    /// The entries in a range of keys, of the state as it is now.
    pub fn range(&self, range: impl RangeBounds<Key>) -> Entries {
        self.core.current().version().range(range)
    }

    /// The entries whose keys begin with a prefix, of the state as it is now.
    #[must_use]
    pub fn prefix(&self, prefix: &Prefix) -> Entries {
        self.core.current().version().prefix(prefix)
    }

    /// The state as it is now, to be read as long as one likes; takes no lock.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.core.current())
    }

    /// Writes every commit to pages and gives up the log before them. Commits and reads go on
    /// meanwhile.
    ///
    /// # Errors
    /// A failure before the end leaves the store as it was, commits included; a later checkpoint goes
    /// on. [`StoreError::Poisoned`] if it is not known how far it came.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.core.checkpoint()
    }

    /// Writes every commit to pages, so that opening finds nothing to apply, and closes.
    ///
    /// # Errors
    /// As [`Store::checkpoint`]; closed all the same, and nothing is lost.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.threads = None;
        self.core.sync()?;
        self.core.checkpoint()
    }

    /// Checks every page; see [`crate::Tree::check`]. No checkpoint goes on meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Tree`].
    pub fn check(&self, progress: impl FnMut(u64, u64)) -> Result<CheckReport, StoreError> {
        self.core.check(progress)
    }

    /// Counters of pages and log.
    #[must_use]
    pub fn stats(&self) -> StoreStats {
        let current = self.core.current();
        let buffer = current.version().buffer();
        StoreStats {
            sequence: current.sequence(),
            buffer_bytes: buffer.active_bytes() + buffer.frozen_bytes(),
            run_count: buffer.run_count(),
            pages: current.version().index().counts(),
            tree: self.core.tree.stats(),
            log: self.core.log.stats(),
        }
    }
}

/// What a store is, and has done since it was opened.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct StoreStats {
    /// The newest commit.
    pub sequence: u64,
    /// Memory of commits that are not in pages.
    pub buffer_bytes: usize,
    /// Runs that these commits are in.
    pub run_count: usize,
    /// What the pages are.
    pub pages: crate::meta::Counts,
    /// The page file.
    pub tree: TreeStats,
    /// The commit log.
    pub log: LogStats,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
