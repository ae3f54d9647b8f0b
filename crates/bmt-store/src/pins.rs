//! What versions pin: the merkle pages that they reach, while checkpoints replace them.
//!
//! A version reaches pages that were stored before it was made, and pages that the next checkpoints
//! store. So its [`Pin`] takes a snapshot of the table when it is made, and one more after each checkpoint
//! until everything that it reaches is stored.

use crate::error::ReadError;
use arc_swap::ArcSwap;
use bmt_bitbox::{Snapshot, Table};
use bmt_merkle::{PageId, PageSource, SourceError};
use parking_lot::Mutex;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

/// The pages that a version reaches; they are not written over while this is held.
pub(crate) struct Pin {
    /// The newest commit whose pages are reached.
    through: AtomicU64,
    /// Oldest first.
    snapshots: ArcSwap<Vec<Arc<Snapshot>>>,
    /// Everything that is reached is in the snapshots.
    is_whole: AtomicBool,
    is_expired: AtomicBool,
}

impl Pin {
    /// Fails if the pages were given up, since readers held too much.
    pub(crate) fn check_expiry(&self) -> Result<(), ReadError> {
        match self.is_expired.load(Ordering::Acquire) {
            true => Err(ReadError::SnapshotExpired),
            false => Ok(()),
        }
    }

    fn add(&self, snapshot: &Arc<Snapshot>, through: u64) {
        if self.is_whole.load(Ordering::Relaxed) || self.is_expired.load(Ordering::Relaxed) {
            return;
        }
        let mut snapshots = self.snapshots.load_full().to_vec();
        snapshots.push(Arc::clone(snapshot));
        self.snapshots.store(Arc::new(snapshots));
        if self.through.load(Ordering::Relaxed) <= through {
            self.is_whole.store(true, Ordering::Relaxed);
        }
    }

    fn expire(&self) {
        self.is_expired.store(true, Ordering::Release);
        self.snapshots.store(Arc::new(Vec::new()));
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pin").field("through", &self.through).finish_non_exhaustive()
    }
}

impl PageSource for Pin {
    fn pages(&self, ids: &[PageId], mut each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        self.check_expiry()?;
        let snapshots = self.snapshots.load_full();
        let mut missing: Vec<usize> = (0..ids.len()).collect();
        for snapshot in snapshots.iter().rev() {
            let wanted: Vec<PageId> =
                missing.iter().filter_map(|at| ids.get(*at)).copied().collect();
            let mut found = vec![false; wanted.len()];
            let read = snapshot.get_each(&wanted, |index, page| {
                if let (Some(at), Some(found)) = (missing.get(index), found.get_mut(index)) {
                    *found = true;
                    each(*at, page.payload());
                }
            });
            if let Err(error) = read {
                self.check_expiry()?;
                return Err(ReadError::from(error).into());
            }
            let mut found = found.into_iter();
            missing.retain(|_| !found.next().unwrap_or_default());
            if missing.is_empty() {
                return Ok(());
            }
        }
        // Dropped meanwhile, so that they are rightly missing.
        Ok(self.check_expiry()?)
    }
}

/// What a pin reached before [`Pins::extend`].
#[derive(Debug)]
pub(crate) struct Extended {
    before: u64,
}

/// All pins of an open database.
#[derive(Debug)]
pub(crate) struct Pins {
    table: Table,
    live: Mutex<Vec<Weak<Pin>>>,
}

impl Pins {
    pub(crate) fn new(table: Table) -> Self {
        Self { table, live: Mutex::default() }
    }

    /// A pin for the version of commit `sequence`, made now.
    pub(crate) fn pin(&self, sequence: u64) -> Arc<Pin> {
        // Under the lock, so that a checkpoint's pages are either in this snapshot or added to it.
        let mut live = self.live.lock();
        let snapshot = Arc::new(self.table.pin());
        let pin = Arc::new(Pin {
            through: AtomicU64::new(sequence),
            snapshots: ArcSwap::from_pointee(vec![snapshot]),
            is_whole: AtomicBool::new(false),
            is_expired: AtomicBool::new(false),
        });
        live.push(Arc::downgrade(&pin));
        pin
    }

    /// The pages of an uncommitted step on `pin` are about to become those of a commit: until
    /// [`Pins::settle`] the pin takes part in every checkpoint.
    pub(crate) fn extend(&self, pin: &Pin) -> Extended {
        let _live = self.live.lock();
        pin.is_whole.store(false, Ordering::Relaxed);
        Extended { before: pin.through.swap(u64::MAX, Ordering::Relaxed) }
    }

    /// The step became commit `sequence`, or none.
    pub(crate) fn settle(&self, pin: &Pin, extended: &Extended, sequence: Option<u64>) {
        let _live = self.live.lock();
        let through = sequence.unwrap_or_default().max(extended.before);
        pin.through.store(through, Ordering::Relaxed);
    }

    /// The pages of all commits up to `through` are in the table's newest batch.
    pub(crate) fn stored(&self, through: u64) {
        let mut live = self.live.lock();
        let snapshot = Arc::new(self.table.pin());
        live.retain(|pin| match pin.upgrade() {
            Some(pin) => {
                pin.add(&snapshot, through);
                true
            }
            None => false,
        });
    }

    /// Gives up the oldest pins while they hold more bytes than they may; never `newest`.
    pub(crate) fn expire(&self, pinned_bytes_max: u64, newest: &Arc<Pin>) -> u64 {
        let mut expired = 0;
        let live: Vec<Arc<Pin>> = self.live.lock().iter().filter_map(Weak::upgrade).collect();
        for pin in live.iter().filter(|pin| !Arc::ptr_eq(pin, newest)) {
            if self.table.stats().pinned_bytes <= pinned_bytes_max {
                break;
            }
            pin.expire();
            expired += 1;
        }
        expired
    }

    /// Pins that are held, the newest version's included.
    pub(crate) fn count(&self) -> usize {
        self.live.lock().iter().filter(|pin| pin.strong_count() > 0).count()
    }
}
