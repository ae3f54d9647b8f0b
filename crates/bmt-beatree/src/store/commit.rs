//! A commit: append, sync, publish.

use super::batch;
use super::core::{Signals, StoreCore};
use super::error::StoreError;
use super::options::{Background, Durability};
use super::snapshot::Published;
use crate::buffer::run::Run;
use crate::key::Key;
use crate::units::len_u64;
use bmt_seglog::{LogError, Position};
use parking_lot::MutexGuard;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl StoreCore {
    /// Commits sorted changes; the commit's sequence number.
    pub(super) fn commit(&self, changes: Vec<(Key, Option<Vec<u8>>)>) -> Result<u64, StoreError> {
        let run = Arc::new(batch::run_of(&changes, self.options.value_hasher)?);
        let record = batch::encode(&changes);
        drop(changes);
        let position = self.append(&record, run)?;
        if self.options.durability == Durability::Immediate {
            let synced = self.log.sync();
            synced.map_err(|error| self.unknown(position.sequence, error))?;
        }
        self.publish_waiting();
        self.after_commit();
        Ok(position.sequence)
    }

    /// Appends the record, and puts the run where it waits to be published.
    fn append(&self, record: &[u8], run: Arc<Run>) -> Result<Position, StoreError> {
        let _order = self.order.lock();
        self.check_poison()?;
        self.wait_for_room(run.memory_bytes())?;
        let appended = self.log.append(record).map_err(|error| match error {
            LogError::RecordTooLarge { .. }
            | LogError::NoSpace { .. }
            | LogError::Poisoned { .. } => error.into(),
            // Also a failure to prepare the next segment, which comes when the record is there.
            error => self.unknown(self.log.next_sequence().saturating_sub(1), error),
        })?;
        self.logged_bytes.fetch_add(len_u64(record.len()), Ordering::Relaxed);
        self.publishing.lock().waiting.push_back((appended, run));
        Ok(appended)
    }

    fn unknown(&self, sequence: u64, error: LogError) -> StoreError {
        self.poisoned_by(StoreError::OutcomeUnknown { sequence, source: Arc::new(error) })
    }

    /// Publishes, in order, the commits that are as durable as they have to be. An earlier commit is
    /// never less durable than a later one.
    fn publish_waiting(&self) {
        let mut publishing = self.publishing.lock();
        let through = match self.options.durability {
            Durability::Immediate => self.log.synced_through(),
            Durability::Eventual => u64::MAX,
        };
        while publishing.waiting.front().is_some_and(|(next, _)| next.sequence <= through)
            && let Some((position, run)) = publishing.waiting.pop_front()
        {
            self.publish_locked(|current| current.with_commit(position, run));
        }
    }

    /// What a commit sets going: merging, and checkpoints.
    fn after_commit(&self) {
        match self.options.background {
            Background::Inline => {
                self.merge_runs();
                if self.checkpoint_is_due() {
                    self.checkpoint_aside();
                }
            }
            Background::Threads => {
                let merge_wanted = self.current().version.buffer().merge_job().is_some();
                let checkpoint_wanted = self.checkpoint_is_due();
                if merge_wanted || checkpoint_wanted {
                    let mut signals = self.signals.lock();
                    signals.merge_wanted |= merge_wanted;
                    signals.checkpoint_wanted |= checkpoint_wanted;
                    self.work.notify_all();
                }
            }
        }
    }

    /// Whether the buffer is half full, or the log long.
    pub(super) fn checkpoint_is_due(&self) -> bool {
        let current = self.current();
        let buffer = current.version.buffer();
        self.logged_bytes.load(Ordering::Relaxed) >= self.options.log_bytes_max
            || buffer.active_bytes() >= self.options.buffer_bytes / 2
            || (buffer.has_frozen()
                && buffer.active_bytes() + buffer.frozen_bytes() >= self.options.buffer_bytes)
    }

    /// Waits until a run of this size fits the buffer; one that never will is admitted when the buffer
    /// is empty.
    fn wait_for_room(&self, run_bytes: usize) -> Result<(), StoreError> {
        if self.has_room(run_bytes) {
            return Ok(());
        }
        if self.options.background == Background::Inline {
            self.checkpoint().map_err(|error| self.full(error))?;
            return Ok(());
        }
        let mut signals = self.signals.lock();
        signals.checkpoint_error = None;
        while !self.has_room(run_bytes) {
            self.check_poison()?;
            if let Some(source) = signals.checkpoint_error.clone() {
                return Err(StoreError::BufferFull { source });
            }
            self.ask_for_checkpoint(&mut signals);
            self.room.wait(&mut signals);
        }
        Ok(())
    }

    fn ask_for_checkpoint(&self, signals: &mut MutexGuard<'_, Signals>) {
        signals.checkpoint_wanted = true;
        self.work.notify_all();
    }

    /// Whether the buffer takes a run of this size now.
    pub(super) fn has_room(&self, run_bytes: usize) -> bool {
        let current = self.current();
        let buffer = current.version.buffer();
        let used = buffer.active_bytes() + buffer.frozen_bytes();
        used == 0 || used + run_bytes <= self.options.buffer_bytes
    }

    /// The error of a commit that found the buffer full and could not empty it.
    fn full(&self, error: StoreError) -> StoreError {
        match self.check_poison() {
            Err(poisoned) => poisoned,
            Ok(()) => StoreError::BufferFull { source: Arc::new(error) },
        }
    }

    /// Makes every commit that has returned durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        self.check_poison()?;
        let sequence = self.log.next_sequence() - 1;
        self.log.sync().map_err(|error| self.unknown(sequence, error))
    }
}

impl Published {
    /// The state after one more commit.
    pub(super) fn with_commit(&self, position: Position, run: Arc<Run>) -> Self {
        let buffer = self.version.buffer().with_run(run);
        Self { version: self.version.with_buffer(buffer), position }
    }
}
