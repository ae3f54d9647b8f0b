//! What the threads of an open database have in common: [`Engine`].
//!
//! Locks are taken in this order: `checkpointing`, `writer`, that of [`Published`], `signals`. The first is held during
//! a checkpoint, the second while a commit is made, the others for moments. Readers take none.

use crate::error::{CheckpointError, CommitError, ReadError};
use crate::events;
use crate::keys::tree_key;
use crate::manifest::ManifestFile;
use crate::options::Options;
use crate::pins::Pins;
use crate::published::Published;
use crate::step::{Base, StepIds};
use crate::timings::Timings;
use crate::view::{Version, View};
use crate::write_session::WarmUp;
use bmt_beatree::{Buffer, Tree};
use bmt_bitbox::Table;
use bmt_core::Scheme;
use bmt_io::{Directory, DirectoryLock, PAGE_SIZE};
use bmt_merkle::{Merkle, PageHandle, PageId, PageImage, RootPage};
use bmt_overlay::Budget;
use bmt_rollback::Window;
use bmt_seglog::{Log, Position};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, Weak};

/// Bytes that a page of the trie takes in memory, more or less.
pub(crate) const PAGE_MEMORY_BYTES: u64 = 6 << 10;

/// Requests to read ahead that may wait.
const WARM_UPS_MAX: usize = 64;

/// An open database, without its pending changes.
pub(crate) struct Engine<S: Scheme> {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) options: Options,
    pub(crate) log: Log,
    pub(crate) tree: Tree,
    pub(crate) table: Table,
    pub(crate) merkle: Merkle<S>,
    pub(crate) pins: Pins,
    pub(crate) ids: StepIds,
    /// The newest version.
    pub(crate) current: Published<Version<S>>,
    /// Held while a commit is made.
    pub(crate) writer: Mutex<Writer>,
    /// Held during a checkpoint.
    pub(crate) checkpointing: Mutex<Checkpointing<S>>,
    pub(crate) signals: Mutex<Signals<S>>,
    /// Work for the threads.
    pub(crate) work: Condvar,
    /// The buffer has become smaller, or a checkpoint has failed.
    pub(crate) room: Condvar,
    pub(crate) counters: Counters,
    pub(crate) timings: Timings,
    /// Bytes of steps that are prepared and not committed.
    pub(crate) uncommitted: Budget,
    /// The first durable operation that failed.
    pub(crate) poison: OnceLock<Arc<str>>,
    /// Released last; `None` when the database was closed.
    pub(crate) lock: Mutex<Option<DirectoryLock>>,
}

/// What only one commit at a time touches.
pub(crate) struct Writer {
    /// The undoable commits.
    pub(crate) window: Window,
    /// Stored pages of the trie that committed steps replaced since the last freeze. By id: their contents take
    /// memory.
    pub(crate) replaced: Vec<PageId>,
    /// Pages that were replaced during a checkpoint and not stored then: the checkpoint stores some of them.
    pub(crate) replaced_unstored: Vec<PageId>,
    /// A checkpoint goes on, or failed and is to be tried again.
    pub(crate) is_checkpointing: bool,
}

/// What only one checkpoint at a time touches.
pub(crate) struct Checkpointing<S: Scheme> {
    pub(crate) manifest: ManifestFile,
    /// What is being written, also when a checkpoint failed and is to be tried again.
    pub(crate) frozen: Option<Frozen<S>>,
}

/// A state that is being written to pages, without what would pin the pages that it replaces.
pub(crate) struct Frozen<S: Scheme> {
    pub(crate) position: Position,
    /// Memory of the changes that go to pages.
    pub(crate) change_bytes: usize,
    pub(crate) trie: FrozenTrie<S>,
    pub(crate) key_count: u64,
    pub(crate) window: Window,
    /// Pages of the trie that are not part of it any more.
    pub(crate) replaced: Vec<PageId>,
}

/// The trie of a frozen state: as it was frozen, and then what a checkpoint needs of it. Images are a third of the pages
/// in memory, which commits replace while the checkpoint goes on.
pub(crate) enum FrozenTrie<S: Scheme> {
    Version(bmt_merkle::Version<S>),
    Images(TrieImages<S>),
}

/// The pages of a trie that no checkpoint has stored.
pub(crate) struct TrieImages<S: Scheme> {
    pub(crate) root_page: RootPage,
    pub(crate) images: Vec<PageImage>,
    /// The pages, for as long as some version has them.
    pub(crate) pages: Vec<Weak<PageHandle<S::Key>>>,
}

/// What threads wait for.
pub(crate) struct Signals<S: Scheme> {
    pub(crate) stop: bool,
    pub(crate) checkpoint_wanted: bool,
    pub(crate) merge_wanted: bool,
    /// Keys to be read ahead, and in which state.
    pub(crate) warm_ups: VecDeque<(View<S>, Vec<S::Key>)>,
    /// Why the last checkpoint in the background failed, for the commits that wait for it.
    pub(crate) checkpoint_error: Option<crate::error::CheckpointError>,
    /// Why the last checkpoint failed.
    pub(crate) last_checkpoint_error: Option<String>,
}

impl<S: Scheme> Default for Signals<S> {
    fn default() -> Self {
        Self {
            stop: false,
            checkpoint_wanted: false,
            merge_wanted: false,
            warm_ups: VecDeque::new(),
            checkpoint_error: None,
            last_checkpoint_error: None,
        }
    }
}

/// Figures that several threads add to.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Bytes of the log that the commits since the last freeze occupy.
    pub(crate) logged_bytes: AtomicU64,
    /// Pages of the trie that are not stored yet, more or less.
    pub(crate) dirty_pages: AtomicU64,
    /// Images of the trie's pages that a checkpoint has in memory.
    pub(crate) image_bytes: AtomicU64,
    pub(crate) checkpoints: AtomicU64,
    pub(crate) failed_checkpoints: AtomicU64,
    /// The newest commit that a checkpoint has written completely.
    pub(crate) checkpoint_sequence: AtomicU64,
    pub(crate) slices: AtomicU64,
    /// Times that a commit had to wait for a checkpoint.
    pub(crate) stalls: AtomicU64,
    pub(crate) expired: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, count: u64) {
        counter.fetch_add(count, Ordering::Relaxed);
    }
}

impl<S: Scheme> Engine<S> {
    /// The newest version.
    pub(crate) fn current(&self) -> Arc<Version<S>> {
        self.current.load_full()
    }

    /// Does something with the newest version. When that is given up meanwhile, since checkpoints have made
    /// newer ones of it and readers hold too much, again with the next: only readers are to notice.
    pub(crate) fn on_newest<T>(
        &self,
        mut act: impl FnMut(&Version<S>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        loop {
            let version = self.current();
            match act(&version) {
                Err(ReadError::SnapshotExpired) if !Arc::ptr_eq(&version, &self.current()) => {}
                result => return result,
            }
        }
    }

    /// Changes the newest version.
    pub(crate) fn publish(
        &self,
        change: impl FnOnce(&Version<S>) -> Version<S>,
    ) -> Arc<Version<S>> {
        self.current.publish(change)
    }

    /// Writes what is committed to pages, after the last commit.
    pub(crate) fn finish(&self) -> Result<(), CheckpointError> {
        if self.options.read_only {
            return Ok(());
        }
        // A commit that is under way ends first; the handle is stopped, so that none begins.
        drop(self.writer.lock());
        self.checkpoint()?;
        self.note_log_through()
    }

    /// Lets go of the files, which nobody writes any more: sessions that are left can't read them from now on.
    pub(crate) fn let_go(&self) {
        let _state = self.checkpointing.lock();
        let _writer = self.writer.lock();
        self.log.end_preparing();
        self.pins.closing.close();
        drop(self.lock.lock().take());
    }

    /// Fails if a durable operation failed before.
    pub(crate) fn check_poison(&self) -> Result<(), CommitError> {
        if self.options.faults().ignores_poison() {
            return Ok(());
        }
        if let Some(reason) = self.poison.get() {
            return Err(CommitError::Poisoned { reason: reason.to_string() });
        }
        self.log.check_poison().map_err(|error| self.commit_error(error))
    }

    /// Takes note of the first failure.
    pub(crate) fn set_poison(&self, reason: &str) {
        if self.poison.set(reason.into()).is_ok() {
            events::poisoned(reason);
        }
        self.tell_waiting();
    }

    /// Lets commits that wait for room look again. Under the lock, so that none is between looking
    /// and waiting.
    pub(crate) fn tell_waiting(&self) {
        let _signals = self.signals.lock();
        self.room.notify_all();
    }

    /// Whether it is time to write the buffer to pages: it is half full, the log long, or the trie has many
    /// pages that are not stored.
    pub(crate) fn checkpoint_is_due(&self) -> bool {
        let current = self.current.load();
        let (buffer, limit) = (current.view.tree.buffer(), self.buffer_limit(&current.view));
        let dirty_bytes = self.counters.dirty_pages.load(Ordering::Relaxed) * PAGE_MEMORY_BYTES;
        self.counters.logged_bytes.load(Ordering::Relaxed) >= self.options.checkpoint_log_bytes
            || buffer.active_bytes() >= limit / 2
            || dirty_bytes >= self.options.page_cache_bytes() as u64 / 2
            || (buffer.has_frozen() && used_bytes(buffer) >= limit)
    }

    /// Whether changes of so many bytes fit the buffer. Those that never will are let in when it is empty.
    pub(crate) fn has_room(&self, bytes: usize) -> bool {
        let current = self.current.load();
        let used = used_bytes(current.view.tree.buffer());
        used == 0 || used.saturating_add(bytes) <= self.options.buffer_bytes_beside(0)
    }

    /// Bytes for changes that are not in pages: more of them as long as all pages have room beside them.
    pub(crate) fn buffer_limit(&self, view: &View<S>) -> usize {
        let leaf_pages = u64::from(view.tree.index().meta().counts().leaf_pages);
        let leaf_bytes = usize::try_from(leaf_pages * PAGE_SIZE as u64).unwrap_or(usize::MAX);
        self.options.buffer_bytes_beside(leaf_bytes.saturating_add(self.merkle.resident_bytes()))
    }

    /// Gives leaves what pages of the trie and changes leave of the memory, after either of them grew.
    pub(crate) fn share_memory(&self) {
        self.tree.set_leaf_cache_bytes(self.leaf_limit(&self.current.load().view));
    }

    /// Bytes for leaves, beside the pages of the trie that are in memory, images of such, and changes.
    pub(crate) fn leaf_limit(&self, view: &View<S>) -> usize {
        let images = usize::try_from(self.counters.image_bytes.load(Ordering::Relaxed));
        let trie_bytes = self.merkle.resident_bytes().saturating_add(images.unwrap_or(usize::MAX));
        let buffer_bytes = self.buffer_limit(view).max(used_bytes(view.tree.buffer()));
        self.options.leaf_cache_bytes_beside(trie_bytes.saturating_add(buffer_bytes))
    }

    /// Lets the background read what changes of these keys will need.
    pub(crate) fn ask_for_warm_up(&self, view: &View<S>, keys: &[S::Key]) {
        if self.options.is_inline() || self.options.warm_up == WarmUp::Never {
            return;
        }
        let mut signals = self.signals.lock();
        if signals.warm_ups.len() < WARM_UPS_MAX {
            signals.warm_ups.push_back((view.clone(), keys.to_vec()));
            self.work.notify_all();
        }
    }

    /// Reads what changes of these keys will need into memory. What can't be read is told to whoever needs it.
    pub(crate) fn warm_up(&self, view: &View<S>, mut keys: Vec<S::Key>) {
        keys.sort_unstable();
        keys.dedup();
        let tree_keys: Vec<bmt_beatree::Key> = keys.iter().map(tree_key).collect();
        drop(self.merkle.warm_up(&view.trie, &keys, &*view.pin));
        drop(view.tree.prefetch(&tree_keys));
    }

    /// Notes in the manifest how far the log reaches: it is not torn if it ends before.
    pub(crate) fn note_log_through(&self) -> Result<(), CheckpointError> {
        let sequence = self.current.load().sequence();
        let noted = self.checkpointing.lock().manifest.store_log_through(sequence);
        noted.map_err(|error| CheckpointError::Poisoned { reason: error.to_string() })
    }

    /// Merges runs of the buffer until no tier has too many.
    pub(crate) fn merge_runs(&self) {
        while let Some(job) = self.current.load().view.tree.buffer().merge_job() {
            let merged = job.run();
            self.publish(|current| {
                let buffer = current.view.tree.buffer();
                let buffer = buffer.with_merged(&merged).unwrap_or_else(|| buffer.clone());
                current.with_tree(current.view.tree.with_buffer(buffer))
            });
        }
    }
}

impl<S: Scheme> Drop for Engine<S> {
    /// A range may outlive it.
    fn drop(&mut self) {
        self.pins.closing.close();
    }
}

impl<S: Scheme> Version<S> {
    /// The version as something to compute a step on.
    pub(crate) fn base(&self) -> Base<'_, S> {
        Base { view: &self.view, step: self.step, sequence: Some(self.sequence()) }
    }

    /// The same state in other pages or runs.
    pub(crate) fn with_tree(&self, tree: bmt_beatree::Version) -> Self {
        let mut view = self.view.clone();
        view.tree = tree;
        Self { step: self.step, position: self.position, view }
    }
}

/// Memory of all runs.
pub(crate) fn used_bytes(buffer: &Buffer) -> usize {
    buffer.active_bytes() + buffer.frozen_bytes()
}
