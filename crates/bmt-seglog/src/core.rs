//! What all handles of one open log have in common: its state and the locks around it.
//!
//! Locks are taken in this order: `pruning`, `writer`, `preparation`, `live`, then one of `sync`,
//! `spares` and `pins`. Only the first three are held during storage operations.

use crate::commit::SyncState;
use crate::distrust;
use crate::error::LogError;
use crate::faults::Faults;
use crate::options::{LogOptions, Position};
use crate::read::part::Seal;
use crate::segment::{Segment, position_of};
use crate::spare::Spares;
use crate::stats::{Counters, add};
use crate::writer::Writer;
use bmt_io::{Directory, File, IoError};
use parking_lot::{Condvar, Mutex, RwLock};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, OnceLock};

/// The live segments and the end of the log.
#[derive(Debug)]
pub(crate) struct Live {
    /// Never empty; ordinals are consecutive.
    pub(crate) segments: VecDeque<Arc<Segment>>,
    /// One more than the newest record that was appended.
    pub(crate) next_sequence: u64,
    /// How often the end was cut off since the log was opened.
    pub(crate) cut_count: u64,
}

impl Live {
    /// The oldest record that is there in full.
    pub(crate) fn first_sequence(&self) -> u64 {
        self.segments[0].first_whole_sequence()
    }

    /// The segments from the one in which record `sequence` starts.
    pub(crate) fn segments_from(&self, sequence: u64) -> Vec<Arc<Segment>> {
        let first = position_of(self.segments.iter(), sequence);
        self.segments.range(first..).cloned().collect()
    }
}

/// An open log.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) options: LogOptions,
    /// Held by whoever prunes, so that segments leave in the order in which they were unlinked.
    pub(crate) pruning: Mutex<()>,
    pub(crate) writer: Mutex<Writer>,
    pub(crate) sync: Mutex<SyncState>,
    pub(crate) sync_done: Condvar,
    /// Held by whoever prepares a segment.
    pub(crate) preparation: Mutex<()>,
    pub(crate) spares: Mutex<Spares>,
    pub(crate) live: RwLock<Live>,
    /// How many pins hold each sequence.
    pub(crate) pins: Mutex<BTreeMap<u64, usize>>,
    pub(crate) poison: OnceLock<IoError>,
    pub(crate) counters: Counters,
}

/// What a log starts from: made by creation and by recovery.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) segments: VecDeque<Arc<Segment>>,
    /// Where in the last segment the next part goes.
    pub(crate) offset_bytes: u64,
    /// The newest record.
    pub(crate) last: Position,
    pub(crate) spares: Spares,
}

impl Core {
    pub(crate) fn new(directory: Arc<dyn Directory>, options: LogOptions, start: Start) -> Self {
        let Some(active) = start.segments.back().cloned() else {
            unreachable!("a log has at least one segment")
        };
        let writer = Writer::new(active, start.offset_bytes, start.last);
        let live =
            Live { segments: start.segments, next_sequence: start.last.sequence + 1, cut_count: 0 };
        Self {
            directory,
            options,
            pruning: Mutex::new(()),
            writer: Mutex::new(writer),
            sync: Mutex::new(SyncState::new(start.last.sequence)),
            sync_done: Condvar::new(),
            preparation: Mutex::new(()),
            spares: Mutex::new(start.spares),
            live: RwLock::new(live),
            pins: Mutex::new(BTreeMap::new()),
            poison: OnceLock::new(),
            counters: Counters::default(),
        }
    }

    pub(crate) fn faults(&self) -> Faults {
        self.options.faults()
    }

    pub(crate) fn seal(&self) -> Seal {
        Seal { seed: self.options.seed(), faults: self.faults() }
    }

    /// Fails if a durable operation failed before.
    pub(crate) fn check_poison(&self) -> Result<(), LogError> {
        match self.poison.get() {
            Some(cause) => Err(LogError::Poisoned { cause: cause.clone() }),
            None => Ok(()),
        }
    }

    /// Takes note of the first failure, for this process and the next one; later ones change nothing.
    pub(crate) fn set_poison(&self, cause: &IoError) {
        if self.poison.set(cause.clone()).is_ok() {
            distrust::leave_mark(&*self.directory);
        }
    }

    /// Poisons the log if the operation failed, whose outcome is then unknown.
    pub(crate) fn or_poison<T>(&self, result: Result<T, IoError>) -> Result<T, IoError> {
        result.inspect_err(|error| self.set_poison(error))
    }

    /// Makes the bytes of a file that is no part of a commit durable, counted as preparation.
    pub(crate) fn sync_aside(&self, file: &dyn File) -> Result<(), IoError> {
        file.sync_data()?;
        add(&self.counters.preparation_syncs, 1);
        Ok(())
    }

    /// Makes created and removed names durable.
    pub(crate) fn sync_directory(&self) -> Result<(), IoError> {
        if !self.faults().skips_directory_sync() {
            self.directory.sync()?;
            add(&self.counters.directory_syncs, 1);
        }
        Ok(())
    }
}
