//! A commit: room in the buffer, one record in the log, a new version.

use crate::db::Commit;
use crate::engine::{Counters, Engine, Writer};
use crate::error::{CheckpointError, CommitError, StateName};
use crate::events;
use crate::options::Durability;
use crate::record::{self, Kind};
use crate::step::Step;
use crate::view::{Version, View};
use bmt_core::Scheme;
use bmt_merkle::{PageHandle, PageId};
use bmt_seglog::{LogError, Position, occupied_bytes};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Whether a commit waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// For other commits, and for room in the buffer.
    Wait,
    /// It is not made then.
    OrElseNot,
}

impl<S: Scheme> Engine<S> {
    /// Commits a step that stands on the newest version.
    pub(crate) fn commit_step(
        &self,
        writer: &mut Writer,
        kind: Kind,
        step: &Step<S>,
    ) -> Result<Commit, CommitError> {
        self.check_writable()?;
        self.check_poison()?;
        let current = self.current();
        assert_eq!(step.base, current.step, "the caller compared, under the writer's lock");
        let bytes = step.sections.record_bytes();
        if bytes > self.options.commit_bytes_max {
            let max_bytes = self.options.commit_bytes_max;
            return Err(CommitError::TooLarge { bytes, max_bytes });
        }
        let (previous_root, root) = (step.previous_root, step.root());
        let header = record::header(kind, &previous_root, &root, &step.sections);
        let sections = &step.sections;
        let parts: [&[u8]; 4] = [&header, &sections.changes, &sections.undo, &sections.frontier];
        if self.options.faults().publishes_early() {
            let sequence = current.sequence() + 1;
            self.publish_step(Position { sequence, chain: 0 }, step);
        }
        let position = self.append(&parts)?;
        assert_eq!(position.sequence, current.sequence() + 1, "each step is one record of the log");
        self.publish_step(position, step);
        let logged_bytes = occupied_bytes(bytes);
        match kind {
            Kind::Commit { .. } => {
                self.timings.commits.add(1);
                writer.window.push(position.sequence, logged_bytes, Some(previous_root));
            }
            Kind::Rollback { restored } => {
                self.timings.rollbacks.add(1);
                writer.window.rewind(restored, logged_bytes);
            }
        }
        Counters::add(&self.counters.logged_bytes, logged_bytes);
        self.count_dirty(step.new_page_count, &step.replaced);
        self.note_replaced(writer, &step.replaced);
        events::committed(position.sequence, &root, bytes);
        Ok(Commit { sequence: position.sequence, previous_root, root })
    }

    /// Commits a step that was prepared before, if nothing came in between; `None` if the attempt is not
    /// to wait and would have to. A step that was committed is taken.
    pub(crate) fn commit_prepared(
        &self,
        attempt: Attempt,
        prepared: &mut Option<Step<S>>,
    ) -> Result<Option<Commit>, CommitError> {
        let Some(step) = prepared else { return Err(CommitError::Closed) };
        self.check_open()?;
        let bytes = step.run.memory_bytes();
        // Before it waits for anything.
        self.check_base(step)?;
        let mut writer = match attempt {
            Attempt::Wait => {
                self.wait_for_room(bytes)?;
                self.writer.lock()
            }
            Attempt::OrElseNot => {
                if !self.has_room(bytes) {
                    self.ask_for_room()?;
                    return Ok(None);
                }
                match self.writer.try_lock() {
                    Some(writer) => writer,
                    None => return Ok(None),
                }
            }
        };
        self.check_open()?;
        self.check_base(step)?;
        let kind = Kind::Commit { parent: writer.window.head() };
        let commit = self.commit_step(&mut writer, kind, step)?;
        *prepared = None;
        Ok(Some(commit))
    }

    /// Fails if the handle was closed or dropped. Under the writer's lock, it is not until that is released.
    pub(crate) fn check_open(&self) -> Result<(), CommitError> {
        match self.signals.lock().stop {
            true => Err(CommitError::Closed),
            false => Ok(()),
        }
    }

    /// Whether a step stands on the newest version. By its id: equal roots do not make equal states of
    /// the log.
    fn check_base(&self, step: &Step<S>) -> Result<(), CommitError> {
        let current = self.current.load();
        if step.base == current.step {
            return Ok(());
        }
        let (sequence, root) = (Some(current.sequence()), current.view.root());
        let expected = StateName { sequence, root };
        let found = StateName { sequence: step.base_sequence, root: step.previous_root };
        Err(CommitError::Stale { expected: Box::new(expected), found: Box::new(found) })
    }

    fn append(&self, parts: &[&[u8]]) -> Result<Position, CommitError> {
        let is_synced = self.options.durability == Durability::Immediate;
        let is_synced = is_synced && !self.options.faults().commit_without_sync();
        let appended = self.timings.time(&self.timings.append, || match is_synced {
            true => self.log.append_parts_sync(parts),
            false => self.log.append_parts(parts),
        });
        appended.map_err(|error| self.commit_error(error))
    }

    fn publish_step(&self, position: Position, step: &Step<S>) {
        let pin = self.pins.pin(position.sequence);
        self.publish(|current| {
            let buffer = current.view.tree.buffer().with_run(Arc::clone(&step.run));
            let tree = current.view.tree.with_buffer(buffer);
            let key_count = step.sections.key_count;
            let view = View { tree, trie: step.trie.clone(), pin, key_count };
            Version { step: step.id, position, view }
        });
    }

    /// Takes note of stored pages that a step replaced, for the next checkpoint to delete. One that is not stored
    /// never will be, unless a checkpoint is about to.
    pub(crate) fn note_replaced(&self, writer: &mut Writer, replaced: &[Arc<PageHandle<S::Key>>]) {
        let trie_id = self.merkle.shape().trie_id();
        for page in replaced {
            if page.is_written() {
                writer.replaced.push(page.id(trie_id));
            } else if writer.is_checkpointing {
                writer.replaced_unstored.push(page.id(trie_id));
            }
        }
    }

    /// A checkpoint has stored these pages: those of them that were replaced meanwhile are for the next one to delete.
    pub(crate) fn note_stored(&self, stored: &HashSet<PageId>) {
        let mut writer = self.writer.lock();
        writer.is_checkpointing = false;
        let mut replaced = std::mem::take(&mut writer.replaced_unstored);
        replaced.retain(|id| stored.contains(id));
        writer.replaced.append(&mut replaced);
    }

    /// Takes note of the trie's pages that a step made and replaced. Only one step at a time is applied.
    pub(crate) fn count_dirty(&self, new_count: usize, replaced: &[Arc<PageHandle<S::Key>>]) {
        let gone = replaced.iter().filter(|page| !page.is_written()).count() as u64;
        let dirty = &self.counters.dirty_pages;
        let now = dirty.load(Ordering::Relaxed) + new_count as u64;
        dirty.store(now.saturating_sub(gone), Ordering::Relaxed);
    }

    pub(crate) fn commit_error(&self, error: LogError) -> CommitError {
        match error {
            LogError::RecordTooLarge { record_bytes, limit_bytes } => {
                CommitError::TooLarge { bytes: record_bytes, max_bytes: limit_bytes }
            }
            LogError::NoSpace { source, .. } => CommitError::NoSpace { source },
            LogError::OutcomeUnknown { sequence, source } => {
                let reason = source.to_string();
                self.set_poison(&reason);
                CommitError::OutcomeUnknown { sequence, reason }
            }
            LogError::Poisoned { cause } => {
                let reason = cause.to_string();
                self.set_poison(&reason);
                CommitError::Poisoned { reason }
            }
            // While a segment was prepared: nothing of the record is written, and the log is poisoned.
            LogError::Io(source) => {
                let reason = source.to_string();
                self.set_poison(&reason);
                CommitError::Poisoned { reason }
            }
            other => {
                let reason = other.to_string();
                self.set_poison(&reason);
                CommitError::Refused { reason }
            }
        }
    }

    /// What a commit sets going: merging, and checkpoints; and what pages of the trie leave of their memory goes to
    /// leaf pages. Without locks.
    pub(crate) fn after_commit(&self) {
        self.share_memory();
        if self.options.read_only {
            return;
        }
        if self.options.is_inline() {
            self.merge_runs();
            if self.checkpoint_is_due() {
                self.checkpoint_aside();
            }
            return;
        }
        let merge_wanted = self.current.load().view.tree.buffer().merge_job().is_some();
        let checkpoint_wanted = self.checkpoint_is_due();
        if merge_wanted || checkpoint_wanted {
            let mut signals = self.signals.lock();
            signals.merge_wanted |= merge_wanted;
            signals.checkpoint_wanted |= checkpoint_wanted;
            self.work.notify_all();
        }
    }

    /// Waits until changes of so many bytes fit the buffer. Not under the writer's lock, which a checkpoint
    /// needs for a moment.
    pub(crate) fn wait_for_room(&self, bytes: usize) -> Result<(), CommitError> {
        self.check_writable()?;
        self.check_poison()?;
        if self.has_room(bytes) {
            return Ok(());
        }
        Counters::add(&self.counters.stalls, 1);
        let waited = self.timings.time(&self.timings.stall, || self.wait_for_checkpoint(bytes));
        events::stalled(bytes, waited.is_ok());
        waited
    }

    fn wait_for_checkpoint(&self, bytes: usize) -> Result<(), CommitError> {
        if self.options.is_inline() {
            return self.checkpoint().map_err(CommitError::from);
        }
        let mut signals = self.signals.lock();
        signals.checkpoint_error = None;
        while !self.has_room(bytes) {
            self.check_poison()?;
            if signals.stop {
                // Nobody is left to make room.
                return Err(CommitError::Closed);
            }
            if let Some(error) = signals.checkpoint_error.clone() {
                return Err(error.into());
            }
            signals.checkpoint_wanted = true;
            self.work.notify_all();
            self.room.wait(&mut signals);
        }
        Ok(())
    }

    /// Sees to it that there is room soon, for a commit that does not wait for it. Fails once for each
    /// checkpoint that did.
    fn ask_for_room(&self) -> Result<(), CommitError> {
        if self.options.is_inline() {
            return self.checkpoint().map_err(CommitError::from);
        }
        let mut signals = self.signals.lock();
        if let Some(error) = signals.checkpoint_error.take() {
            return Err(error.into());
        }
        signals.checkpoint_wanted = true;
        self.work.notify_all();
        Ok(())
    }

    /// Makes every commit that has returned durable.
    pub(crate) fn sync(&self) -> Result<(), CommitError> {
        self.check_poison()?;
        self.log.sync().map_err(|error| self.commit_error(error))
    }
}

/// Memory that changes will take in the buffer.
pub(crate) fn buffered_bytes<'a>(values: impl Iterator<Item = Option<&'a [u8]>>) -> usize {
    const EACH: usize = 72;
    values.map(|value| EACH + value.map_or(0, <[u8]>::len)).sum()
}

impl From<CheckpointError> for CommitError {
    fn from(error: CheckpointError) -> Self {
        match error {
            CheckpointError::NoSpace { reason } => Self::BufferFull { reason },
            CheckpointError::Read(error) => Self::Read(error),
            CheckpointError::Poisoned { reason } => Self::Poisoned { reason },
            CheckpointError::ReadOnly => Self::ReadOnly,
        }
    }
}
