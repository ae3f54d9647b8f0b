//! A checkpoint: the buffer is frozen, written to pages slice by slice, and the log before it given up.

use super::core::{Manifest, StoreCore};
use super::error::StoreError;
use super::options::Background;
use super::slot_record::SlotRecord;
use super::snapshot::Published;
use crate::check::CheckReport;
use crate::flush::{FlushOptions, Pace, Slice};
use crate::index_version::Index;
use bmt_seglog::Position;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Bytes a second that a checkpoint writes while commits leave the buffer empty.
const PACE_BYTES_PER_SECOND: u64 = 256 << 20;

impl StoreCore {
    /// Writes every commit to pages, as fast as it goes.
    pub(super) fn checkpoint(&self) -> Result<(), StoreError> {
        self.hurried.fetch_add(1, Ordering::Relaxed);
        let result = self.checkpoint_at(None);
        self.hurried.fetch_sub(1, Ordering::Relaxed);
        result
    }

    fn checkpoint_at(&self, pace: Option<&Pace>) -> Result<(), StoreError> {
        let mut manifest = self.manifest.lock();
        let through = self.current().sequence();
        // What an earlier checkpoint froze and did not write comes first.
        while manifest.record.replay_from <= through {
            self.check_poison()?;
            self.checkpoint_once(&mut manifest, pace)?;
        }
        Ok(())
    }

    /// A checkpoint that nobody waits for: a failure is kept until a commit needs the room.
    pub(super) fn checkpoint_aside(&self) {
        let pace = match self.options.background {
            Background::Inline => None,
            Background::Threads => Some(self.pace()),
        };
        assert!(!self.options.faults().panics_in_checkpoint(), "a deliberate fault");
        let result = self.checkpoint_at(pace.as_ref());
        let mut signals = self.signals.lock();
        signals.checkpoint_error = result.err().map(Arc::new);
        self.room.notify_all();
    }

    fn checkpoint_once(
        &self,
        manifest: &mut Manifest,
        pace: Option<&Pace>,
    ) -> Result<(), StoreError> {
        let through = match manifest.frozen_through {
            Some(position) => position,
            None => self.freeze(manifest)?,
        };
        // The slot file never overtakes the log.
        self.sync()?;
        let current = self.current();
        let index = current.version.index().clone();
        let options = FlushOptions {
            slice_changes_min: self.options.slice_changes_min,
            pace: pace.cloned(),
            ..FlushOptions::default()
        };
        let mut flush = self.tree.flush(&index, current.version.buffer(), options);
        drop((current, index));
        let mut is_last = false;
        while let Some(slice) = flush.next_slice()? {
            is_last = slice.is_last();
            self.store(manifest, &slice, through, is_last)?;
            let index = flush.stored(slice);
            let drops_runs = is_last || self.options.faults().drops_runs_early();
            self.publish(|current| current.with_pages(index, drops_runs));
            self.tell_waiting();
        }
        if !is_last {
            // The frozen runs were empty: commits of nothing.
            self.store_position(manifest, through)?;
            self.publish(|current| current.with_pages(current.version.index().clone(), true));
        }
        manifest.frozen_through = None;
        self.log
            .prune_front(manifest.record.replay_from)
            .map_err(|error| self.poisoned_by(error.into()))
    }

    /// Freezes what is committed now; its newest commit.
    fn freeze(&self, manifest: &mut Manifest) -> Result<Position, StoreError> {
        let _publishing = self.publishing.lock();
        let current = self.current();
        let buffer = current.version.buffer().freeze()?;
        let position = current.position;
        let version = current.version.with_buffer(buffer);
        self.publish_locked(|_| Published { version, position });
        manifest.frozen_through = Some(position);
        self.logged_bytes.store(0, Ordering::Relaxed);
        Ok(position)
    }

    /// Stores the meta record of a slice; with the last one the replay position moves.
    fn store(
        &self,
        manifest: &mut Manifest,
        slice: &Slice,
        through: Position,
        is_last: bool,
    ) -> Result<(), StoreError> {
        let mut record = manifest.record;
        record.meta = *slice.meta();
        if !self.options.faults().forgets_pages_through() {
            record.pages_through = record.pages_through.max(through.sequence);
        }
        if is_last || self.options.faults().moves_replay_early() {
            record.replay_from = through.sequence + 1;
            record.chain = through.chain;
        }
        self.store_record(manifest, record)
    }

    fn store_position(&self, manifest: &mut Manifest, through: Position) -> Result<(), StoreError> {
        let mut record = manifest.record;
        record.pages_through = record.pages_through.max(through.sequence);
        record.replay_from = through.sequence + 1;
        record.chain = through.chain;
        self.store_record(manifest, record)
    }

    fn store_record(&self, manifest: &mut Manifest, record: SlotRecord) -> Result<(), StoreError> {
        let sequence = manifest.slots.sequence() + 1;
        let stored = manifest.slots.store_both(sequence, &record.encode());
        // Whether the record is durable is not known: the slice's pages and those it replaces stay.
        stored.map_err(|error| self.poisoned_by(error.into()))?;
        manifest.record = record;
        Ok(())
    }

    /// Slows a checkpoint down while the buffer has room, so that commits are not held up by a burst.
    fn pace(&self) -> Pace {
        let limit_bytes = self.options.buffer_bytes.max(1);
        let (current, hurried) = (Arc::clone(&self.current), Arc::clone(&self.hurried));
        Arc::new(move |written_bytes| {
            let published = current.load();
            let buffer = published.version.buffer();
            let used = (buffer.active_bytes() + buffer.frozen_bytes()) * 4;
            // No delay from three quarters on, nor while somebody waits.
            if used < limit_bytes * 3 && hurried.load(Ordering::Relaxed) == 0 {
                let millis = written_bytes.saturating_mul(1000) / PACE_BYTES_PER_SECOND;
                std::thread::sleep(Duration::from_millis(millis));
            }
        })
    }

    /// Merges runs until no tier has too many.
    pub(super) fn merge_runs(&self) {
        while let Some(job) = self.current().version.buffer().merge_job() {
            let merged = job.run();
            self.publish(|current| {
                let buffer = current.version.buffer();
                let buffer = buffer.with_merged(&merged).unwrap_or_else(|| buffer.clone());
                let version = current.version.with_buffer(buffer);
                Published { version, position: current.position }
            });
        }
    }

    /// Checks every page, while no checkpoint goes on.
    pub(super) fn check(&self, progress: impl FnMut(u64, u64)) -> Result<CheckReport, StoreError> {
        let _manifest = self.manifest.lock();
        let current = self.current();
        Ok(self.tree.check(current.version.index(), progress)?)
    }
}

impl Published {
    /// The state after a slice: new pages, and without the frozen runs after the last one.
    fn with_pages(&self, index: Index, drops_runs: bool) -> Self {
        let version = self.version.with_index(index);
        let version = match drops_runs {
            true => version.with_buffer(version.buffer().without_frozen()),
            false => version,
        };
        Self { version, position: self.position }
    }
}
