//! What the threads of an open store have in common.
//!
//! Locks are taken in this order: `order`, `manifest`, `publishing`, `signals`. The first is held while a
//! record is appended, the second during a checkpoint, the others for moments.

use super::error::StoreError;
use super::options::StoreOptions;
use super::slot_record::SlotRecord;
use super::snapshot::Published;
use crate::buffer::run::Run;
use crate::tree::Tree;
use arc_swap::ArcSwap;
use bmt_io::DirectoryLock;
use bmt_io::slots::Slots;
use bmt_seglog::{Log, Position};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::sync::{Arc, OnceLock};

/// The slot file, and what a checkpoint that failed has left to do.
#[derive(Debug)]
pub(super) struct Manifest {
    pub(super) slots: Slots,
    pub(super) record: SlotRecord,
    /// The newest commit in the frozen runs, if there are any.
    pub(super) frozen_through: Option<Position>,
}

/// Commits that were appended and are not published yet.
#[derive(Debug, Default)]
pub(super) struct Publishing {
    pub(super) waiting: VecDeque<(Position, Arc<Run>)>,
}

/// What threads wait for.
#[derive(Debug, Default)]
pub(super) struct Signals {
    pub(super) stop: bool,
    pub(super) checkpoint_wanted: bool,
    pub(super) merge_wanted: bool,
    /// Why the last checkpoint in the background failed.
    pub(super) checkpoint_error: Option<Arc<StoreError>>,
}

/// An open store.
pub(super) struct StoreCore {
    pub(super) tree: Tree,
    pub(super) log: Log,
    pub(super) options: StoreOptions,
    pub(super) current: Arc<ArcSwap<Published>>,
    pub(super) manifest: Mutex<Manifest>,
    /// Held while a record is appended: the order of commits.
    pub(super) order: Mutex<()>,
    pub(super) publishing: Mutex<Publishing>,
    pub(super) signals: Mutex<Signals>,
    /// Work for the threads.
    pub(super) work: Condvar,
    /// The buffer has become smaller, or a checkpoint has failed.
    pub(super) room: Condvar,
    /// Bytes of commits since the last freeze.
    pub(super) logged_bytes: AtomicU64,
    /// Callers that wait for a checkpoint: it then goes as fast as it can.
    pub(super) hurried: Arc<AtomicUsize>,
    pub(super) poison: OnceLock<Arc<StoreError>>,
    /// Released last.
    pub(super) _lock: DirectoryLock,
}

impl StoreCore {
    pub(super) fn current(&self) -> Arc<Published> {
        self.current.load_full()
    }

    /// Fails if a durable operation failed before.
    pub(super) fn check_poison(&self) -> Result<(), StoreError> {
        match self.poison.get() {
            Some(source) => Err(StoreError::Poisoned { source: Arc::clone(source) }),
            None => Ok(()),
        }
    }

    /// Takes note of the first failure, and hands it on.
    pub(super) fn poisoned_by(&self, error: StoreError) -> StoreError {
        // The result only tells that an earlier failure holds the place.
        drop(self.poison.set(Arc::new(error.clone())));
        self.tell_waiting();
        error
    }

    /// Lets commits that wait for room look again. Under the lock, so that none is between looking
    /// and waiting.
    pub(super) fn tell_waiting(&self) {
        let _signals = self.signals.lock();
        self.room.notify_all();
    }

    /// Changes the published state; the only place where it changes.
    pub(super) fn publish(&self, change: impl FnOnce(&Published) -> Published) {
        let _publishing = self.publishing.lock();
        self.publish_locked(change);
    }

    /// As [`StoreCore::publish`], with the lock `publishing` held.
    pub(super) fn publish_locked(&self, change: impl FnOnce(&Published) -> Published) {
        let next = change(&self.current.load());
        self.current.store(Arc::new(next));
    }
}
