//! Making records durable: one `fdatasync` for all that were appended before it.

use crate::core::Core;
use crate::error::LogError;
use crate::segment::Segment;
use crate::stats::add;
use bmt_io::IoError;
use std::sync::Arc;

/// How far the log is appended and synced.
#[derive(Debug)]
pub(crate) struct SyncState {
    /// The newest record known to be durable.
    pub(crate) synced_through: u64,
    /// The newest record that is written in full.
    appended_through: u64,
    /// Segments with bytes that were not synced.
    dirty: Vec<Arc<Segment>>,
    /// Whether some thread is syncing now, for itself and all that wait.
    has_leader: bool,
}

impl SyncState {
    pub(crate) fn new(synced_through: u64) -> Self {
        let dirty = Vec::new();
        Self { synced_through, appended_through: synced_through, dirty, has_leader: false }
    }

    /// Takes note of a record that was written to `touched`.
    pub(crate) fn note_appended(&mut self, sequence: u64, touched: &[Arc<Segment>]) {
        self.appended_through = sequence;
        for segment in touched {
            if !self.dirty.iter().any(|known| Arc::ptr_eq(known, segment)) {
                self.dirty.push(Arc::clone(segment));
            }
        }
    }

    /// Starts anew after a cut, before which everything was synced.
    pub(crate) fn restart_at(&mut self, sequence: u64) {
        assert!(self.dirty.is_empty() && !self.has_leader, "INV-LG-10: a cut follows a sync");
        self.synced_through = sequence;
        self.appended_through = sequence;
    }
}

/// Returns once every record through `sequence` is durable.
///
/// The first caller becomes the leader and syncs for all that were appended by then; the others
/// wait for it. A failed sync is not tried again: it poisons the log.
pub(crate) fn sync_through(core: &Core, sequence: u64) -> Result<(), LogError> {
    let mut state = core.sync.lock();
    loop {
        // A record past the end was cut off meanwhile, and cuts come after a sync.
        if sequence <= state.synced_through || sequence > state.appended_through {
            return Ok(());
        }
        if let Some(cause) = core.poison.get() {
            return Err(LogError::OutcomeUnknown { sequence, source: cause.clone() });
        }
        if state.has_leader {
            core.sync_done.wait(&mut state);
            continue;
        }
        state.has_leader = true;
        let through = state.appended_through;
        let dirty = core::mem::take(&mut state.dirty);
        drop(state);
        let result = core.or_poison(sync_segments(core, &dirty));
        state = core.sync.lock();
        state.has_leader = false;
        if result.is_ok() {
            state.synced_through = through;
        }
        core.sync_done.notify_all();
    }
}

/// Returns once everything that was appended before the call is durable.
pub(crate) fn sync_all(core: &Core) -> Result<(), LogError> {
    let appended_through = core.sync.lock().appended_through;
    sync_through(core, appended_through)
}

fn sync_segments(core: &Core, segments: &[Arc<Segment>]) -> Result<(), IoError> {
    for segment in segments {
        if !core.faults().skips_commit_sync() {
            segment.file.sync_data()?;
        }
        add(&core.counters.commit_syncs, 1);
    }
    Ok(())
}
