//! A checkpoint: the buffer is frozen, written to pages slice by slice, and the log before it given up.
//!
//! Each slice ends with a manifest that names its pages. The last one also names the pages of the trie, and
//! moves the place from which recovery replays.

use crate::engine::{Checkpointing, Counters, Engine, Frozen, FrozenTrie, TrieImages, used_bytes};
use crate::error::{CheckpointError, CommitError, ReadError};
use crate::events;
use crate::layout::WEIGHT_MAX;
use crate::manifest::{Manifest, Runs, State};
use crate::view::Version;
use bmt_beatree::{Flush, FlushOptions, Index, Pace, Slice, TreeError, WEIGHT_VERSION};
use bmt_bitbox::{Batch, PreparedSwitch, TableError};
use bmt_core::Scheme;
use bmt_io::{IoError, Operation};
use bmt_merkle::{PageHandle, PageId, PageImage};
use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Slices after which memory is given back: it takes some milliseconds.
const SLICES_A_RETURN: u64 = 4;

/// Bytes of changes from which on a checkpoint gives memory back.
const RETURN_BYTES_MIN: usize = 4 << 20;

/// The pages of the trie that a checkpoint stores.
pub(crate) struct StoredPages<S: Scheme> {
    pub(crate) switch: PreparedSwitch,
    /// Those that some version has.
    pub(crate) pages: Vec<Arc<PageHandle<S::Key>>>,
    pub(crate) ids: HashSet<PageId>,
}

impl<S: Scheme> Engine<S> {
    /// Writes every commit to pages, as fast as it goes.
    pub(crate) fn checkpoint(&self) -> Result<(), CheckpointError> {
        self.checkpoint_at(None)
    }

    /// A checkpoint that nobody waits for: a failure is kept until a commit needs the room.
    pub(crate) fn checkpoint_aside(&self) {
        let result = self.checkpoint_at(self.pace());
        let mut signals = self.signals.lock();
        signals.checkpoint_error = result.err();
        self.room.notify_all();
    }

    fn checkpoint_at(&self, pace: Option<Pace>) -> Result<(), CheckpointError> {
        self.check_writable()?;
        let result = self.checkpoint_all(pace);
        if result.is_err() {
            Counters::add(&self.counters.failed_checkpoints, 1);
        }
        self.signals.lock().last_checkpoint_error = result.as_ref().err().map(ToString::to_string);
        result
    }

    fn checkpoint_all(&self, pace: Option<Pace>) -> Result<(), CheckpointError> {
        let mut state = self.checkpointing.lock();
        if self.pins.closing.is_closed() {
            return Ok(());
        }
        // Also when nothing is to be written: what is durable is not known any more.
        self.check_poison()?;
        let through = self.current().sequence();
        // What an earlier checkpoint froze and did not write comes first.
        while stored_through(&state) < through {
            self.check_poison()?;
            self.checkpoint_once(&mut state, pace.clone())?;
        }
        Ok(())
    }

    fn checkpoint_once(
        &self,
        state: &mut Checkpointing<S>,
        pace: Option<Pace>,
    ) -> Result<(), CheckpointError> {
        let mut frozen = match state.frozen.take() {
            Some(frozen) => frozen,
            None => self.freeze()?,
        };
        let slices_before = self.counters.slices.load(Ordering::Relaxed);
        let written =
            self.timings.time(&self.timings.checkpoint, || self.write(state, &mut frozen, pace));
        let slices = self.counters.slices.load(Ordering::Relaxed) - slices_before;
        events::checkpointed(frozen.position.sequence, slices, written.as_ref().err());
        match written {
            Ok(()) => {
                self.counters.image_bytes.store(0, Ordering::Relaxed);
                Counters::add(&self.counters.checkpoints, 1);
                let sequence = &self.counters.checkpoint_sequence;
                sequence.store(stored_through(state), Ordering::Relaxed);
                self.return_free_memory(&frozen);
                self.after_checkpoint(state)
            }
            Err(error) => {
                state.frozen = Some(frozen);
                Err(error)
            }
        }
    }

    /// Freezes what is committed now.
    fn freeze(&self) -> Result<Frozen<S>, CheckpointError> {
        let mut writer = self.writer.lock();
        let mut failed = None;
        let version = self.publish(|current| match current.view.tree.buffer().freeze() {
            Ok(buffer) => current.with_tree(current.view.tree.with_buffer(buffer)),
            Err(error) => {
                failed = Some(error);
                current.with_tree(current.view.tree.clone())
            }
        });
        if let Some(error) = failed {
            return Err(self.tree_error(error));
        }
        self.counters.logged_bytes.store(0, Ordering::Relaxed);
        self.counters.dirty_pages.store(0, Ordering::Relaxed);
        let replaced = std::mem::take(&mut writer.replaced);
        writer.is_checkpointing = true;
        let view = &version.view;
        Ok(Frozen {
            position: version.position,
            change_bytes: view.tree.buffer().frozen_bytes(),
            trie: FrozenTrie::Version(view.trie.clone()),
            key_count: view.key_count,
            window: writer.window.clone(),
            replaced,
        })
    }

    fn write(
        &self,
        state: &mut Checkpointing<S>,
        frozen: &mut Frozen<S>,
        pace: Option<Pace>,
    ) -> Result<(), CheckpointError> {
        self.take_images(frozen);
        self.return_free_memory(frozen);
        // A manifest never overtakes the log.
        if !self.options.faults().checkpoint_overtakes_log() {
            self.sync()?;
        }
        // The frozen runs may have been merged since, and the index is that of an earlier attempt.
        let current = self.current();
        let index = current.view.tree.index().clone();
        let options = FlushOptions {
            slice_changes_min: self.options.slice_changes_min,
            pace,
            ..FlushOptions::default()
        };
        let mut flush = self.tree.flush(&index, current.view.tree.buffer(), options);
        drop((current, index));
        while let Some(slice) = flush.next_slice().map_err(|error| self.tree_error(error))? {
            if slice.is_last() {
                return self.write_last(state, frozen, &mut flush, Some(slice));
            }
            self.store_slice(state, frozen, &mut flush, slice)?;
        }
        // The frozen runs were empty: commits of nothing.
        self.write_last(state, frozen, &mut flush, None)
    }

    /// Stores the meta record of a slice that is not the last one.
    fn store_slice(
        &self,
        state: &mut Checkpointing<S>,
        frozen: &Frozen<S>,
        flush: &mut Flush,
        slice: Slice,
    ) -> Result<(), CheckpointError> {
        let faults = self.options.faults();
        let mut manifest = state.manifest.manifest.clone();
        if let Some(stored) = &mut manifest.state {
            stored.tree = *slice.meta();
            if !faults.forgets_pages_through() {
                stored.pages_through = stored.pages_through.max(frozen.position.sequence);
            }
            if faults.moves_replay_early() {
                stored.position = frozen.position;
            }
        }
        if !faults.skips_slice_manifests() {
            self.store(state, manifest)?;
        }
        let index = flush.stored(slice);
        Counters::add(&self.counters.slices, 1);
        self.publish(|current| with_pages(current, index, faults.drops_runs_early()));
        if self.counters.slices.load(Ordering::Relaxed).is_multiple_of(SLICES_A_RETURN) {
            self.return_free_memory(frozen);
        }
        self.tell_waiting();
        Ok(())
    }

    /// Stores the last slice, the pages of the trie, and the place from which recovery replays.
    fn write_last(
        &self,
        state: &mut Checkpointing<S>,
        frozen: &Frozen<S>,
        flush: &mut Flush,
        slice: Option<Slice>,
    ) -> Result<(), CheckpointError> {
        let faults = self.options.faults();
        let stored = match self.store_pages(frozen) {
            Ok(stored) => stored,
            Err(error) => {
                slice.into_iter().for_each(Slice::abandon);
                return Err(error);
            }
        };
        let StoredPages { switch, pages, ids } = stored;
        let meta = slice.as_ref().map(|slice| *slice.meta());
        let names = match faults.stale_switch() {
            true => self.table.names(),
            false => *switch.names(),
        };
        if faults.prunes_early() {
            self.prune(frozen.position.sequence + 1)?;
        }
        let manifest = self.manifest_of(state, frozen, meta, names);
        if faults.sets_location_early() {
            self.merkle.set_written(&pages);
        }
        if faults.switches_before_manifest() {
            switch.commit();
            self.settle()?;
            self.store(state, manifest)?;
        } else {
            self.store(state, manifest)?;
            switch.commit();
        }
        // In this order: a page can be dropped from memory once every pin has it.
        self.pins.stored(frozen.position.sequence);
        self.merkle.set_written(&pages);
        self.note_stored(&ids);
        let index = slice.map(|slice| flush.stored(slice));
        Counters::add(&self.counters.slices, 1);
        self.publish(|current| {
            let index = index.unwrap_or_else(|| current.view.tree.index().clone());
            with_pages(current, index, true)
        });
        self.tell_waiting();
        Ok(())
    }

    /// Makes the images of the trie's new pages, unless an earlier attempt did, and lets go of the trie: commits that
    /// come meanwhile need its memory.
    pub(crate) fn take_images(&self, frozen: &mut Frozen<S>) {
        let FrozenTrie::Version(trie) = &frozen.trie else { return };
        let pages = self.merkle.unwritten(trie);
        let images: Vec<PageImage> =
            pages.iter().filter_map(|page| self.merkle.image(page)).collect();
        assert_eq!(images.len(), pages.len(), "a page that is not stored is in memory");
        let root_page = self.merkle.root_page(trie);
        let pages = pages.iter().map(Arc::downgrade).collect();
        let image_bytes = images.iter().map(|image| image.bytes.len() as u64).sum();
        self.counters.image_bytes.store(image_bytes, Ordering::Relaxed);
        frozen.trie = FrozenTrie::Images(TrieImages { root_page, images, pages });
    }

    /// Writes the pages of the trie that are new, and takes those away that the state has no more.
    pub(crate) fn store_pages(
        &self,
        frozen: &Frozen<S>,
    ) -> Result<StoredPages<S>, CheckpointError> {
        let trie = images_of(frozen);
        let mut batch = Batch::new();
        for image in &trie.images {
            // A page is born once, so no page has its id.
            let put = batch.put_new(image.id, &image.bytes);
            put.map_err(|error| self.table_error(error))?;
        }
        if !self.options.faults().leaks_pages() {
            frozen.replaced.iter().for_each(|id| batch.delete_present(*id));
        }
        let switch = self.table.prepare(&batch).map_err(|error| self.table_error(error))?;
        drop(batch);
        let pages = trie.pages.iter().filter_map(Weak::upgrade).collect();
        let ids = trie.images.iter().map(|image| image.id).collect();
        Ok(StoredPages { switch, pages, ids })
    }

    /// The manifest of a checkpoint that is complete.
    pub(crate) fn manifest_of(
        &self,
        state: &Checkpointing<S>,
        frozen: &Frozen<S>,
        tree: Option<bmt_beatree::Meta>,
        table: bmt_bitbox::TableNames,
    ) -> Manifest {
        let mut manifest = state.manifest.manifest.clone();
        let before = manifest.state.as_ref();
        let (sequence, trie) = (frozen.position.sequence, images_of(frozen));
        let stored = State {
            position: frozen.position,
            pages_through: before.map_or(sequence, |state| state.pages_through.max(sequence)),
            root: trie.root_page.root,
            root_page: Some(trie.root_page),
            weight_max: WEIGHT_MAX,
            weight_version: WEIGHT_VERSION,
            key_count: frozen.key_count,
            tree: tree
                .or(before.map(|state| state.tree))
                .unwrap_or_else(|| unreachable!("a database that has checkpoints was made")),
            table,
            window: Runs::of(&frozen.window),
        };
        manifest.state = Some(stored);
        manifest
    }

    pub(crate) fn store(
        &self,
        state: &mut Checkpointing<S>,
        manifest: Manifest,
    ) -> Result<(), CheckpointError> {
        // Whether the manifest is durable is not known then: what it names and what it does not name stays.
        state.manifest.store(manifest).map_err(|error| self.poisoned_by(&error))
    }

    /// What can wait until the checkpoint is done: the log's old records, the table's map, and pages that
    /// forgotten readers hold.
    fn after_checkpoint(&self, state: &Checkpointing<S>) -> Result<(), CheckpointError> {
        let stored = stored_through(state);
        let oldest = self.writer.lock().window.oldest().unwrap_or(stored + 1);
        let mut keep_from = oldest.min(stored + 1);
        if self.options.faults().prunes_too_far() {
            keep_from = self.log.next_sequence();
        }
        self.prune(keep_from)?;
        self.settle()?;
        self.table.remove_unneeded_files();
        let newest = Arc::clone(&self.current.load().view.pin);
        let expired = self.pins.expire(self.options.held_bytes_max, &newest);
        Counters::add(&self.counters.expired, expired);
        events::expired(expired);
        Ok(())
    }

    /// Gives back what the checkpoint and the commits beside it took for a while. It is scattered among what stays,
    /// and most is taken while a checkpoint goes on. Not worth its milliseconds after a few small commits.
    fn return_free_memory(&self, frozen: &Frozen<S>) {
        if !self.options.is_inline() && frozen.change_bytes >= RETURN_BYTES_MIN {
            self.tree.return_free_memory();
            bmt_io::return_free_memory();
        }
    }

    fn prune(&self, keep_from: u64) -> Result<(), CheckpointError> {
        self.log.prune_front(keep_from).map_err(|error| self.poisoned_by(&error))
    }

    fn settle(&self) -> Result<(), CheckpointError> {
        match self.table.settle() {
            // The next batch does it.
            Ok(()) | Err(TableError::NoSpace { .. }) => Ok(()),
            Err(error) => Err(self.table_error(error)),
        }
    }

    /// Slows a checkpoint down while the buffer has room, so that commits are not held up by a burst.
    fn pace(&self) -> Option<Pace> {
        if self.options.is_inline() {
            return None;
        }
        let limit = self.buffer_limit(&self.current.load().view).max(1);
        let bytes_per_second = self.options.checkpoint_bytes_per_second;
        let current = self.current.pointer();
        Some(Arc::new(move |written_bytes| {
            let used = used_bytes(current.load().view.tree.buffer());
            // No delay from three quarters on.
            if used < limit / 4 * 3 {
                let millis = written_bytes.saturating_mul(1000) / bytes_per_second;
                std::thread::sleep(Duration::from_millis(millis));
            }
        }))
    }

    pub(crate) fn tree_error(&self, error: TreeError) -> CheckpointError {
        match error {
            TreeError::Io(error) => self.storage_error(error),
            TreeError::Corruption { .. } | TreeError::Unsupported { .. } => {
                CheckpointError::Read(ReadError::from(error))
            }
            TreeError::FileFull { .. } => CheckpointError::NoSpace { reason: error.to_string() },
            other => self.poisoned_by(&other),
        }
    }

    fn table_error(&self, error: TableError) -> CheckpointError {
        match error {
            TableError::NoSpace { .. } | TableError::TooManyPages { .. } => {
                CheckpointError::NoSpace { reason: error.to_string() }
            }
            TableError::Io(error) => self.storage_error(error),
            TableError::Corruption { .. }
            | TableError::UnsupportedVersion { .. }
            | TableError::UnsupportedFlags { .. } => CheckpointError::Read(ReadError::from(error)),
            other => self.poisoned_by(&other),
        }
    }

    /// What a failed operation means for a checkpoint whose manifest is not written yet. Only what may have
    /// changed something durable, or been forgotten by the system, ends writing.
    fn storage_error(&self, error: IoError) -> CheckpointError {
        let operation = error.site().map(|site| site.operation);
        let is_sync = matches!(operation, Some(Operation::SyncData | Operation::SyncDirectory));
        match (&error, operation) {
            _ if is_sync => self.poisoned_by(&error),
            (IoError::NoSpace { .. }, _) => CheckpointError::NoSpace { reason: error.to_string() },
            (_, None | Some(Operation::Read | Operation::Length | Operation::Queue)) => {
                CheckpointError::Read(ReadError::Io(error))
            }
            _ => self.poisoned_by(&error),
        }
    }

    fn poisoned_by(&self, error: &dyn std::error::Error) -> CheckpointError {
        let reason = error.to_string();
        self.set_poison(&reason);
        CheckpointError::Poisoned { reason }
    }
}

fn images_of<S: Scheme>(frozen: &Frozen<S>) -> &TrieImages<S> {
    match &frozen.trie {
        FrozenTrie::Images(trie) => trie,
        FrozenTrie::Version(_) => unreachable!("images are made before pages are stored"),
    }
}

/// The newest commit that a manifest says is in pages.
fn stored_through<S: Scheme>(state: &Checkpointing<S>) -> u64 {
    state.manifest.manifest.state.as_ref().map_or(0, |state| state.position.sequence)
}

/// The state after a slice: new pages, and without the frozen runs after the last one.
fn with_pages<S: Scheme>(current: &Version<S>, index: Index, drops_runs: bool) -> Version<S> {
    let tree = current.view.tree.with_index(index);
    let tree = match drops_runs {
        true => tree.with_buffer(tree.buffer().without_frozen()),
        false => tree,
    };
    current.with_tree(tree)
}

impl From<CommitError> for CheckpointError {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::ReadOnly => Self::ReadOnly,
            other => Self::Poisoned { reason: other.to_string() },
        }
    }
}
