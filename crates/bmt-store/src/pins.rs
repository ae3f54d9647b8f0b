//! What versions pin: the merkle pages that they reach, while checkpoints replace them.
//!
//! A version reaches pages that were stored before it was made, and pages that the next checkpoints
//! store. So its [`Pin`] takes a snapshot of the table when it is made, and one more after each checkpoint
//! until everything that it reaches is stored.

use super::sync::{ArcSwap, AtomicBool, AtomicU64, AtomicUsize, Mutex, Ordering};
use crate::error::ReadError;
use bmt_bitbox::{Snapshot, Table};
use bmt_merkle::{PageId, PageSource, SourceError};
use std::fmt;
use std::sync::{Arc, Weak};

/// Whether the files may be used still: somebody else may write them once they were let go of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Closing(Arc<AtomicBool>);

impl Closing {
    /// Says that the files are let go of next.
    pub(crate) fn close(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    pub(crate) fn check(&self) -> Result<(), ReadError> {
        if self.is_closed() { Err(ReadError::Closed) } else { Ok(()) }
    }

    /// Reads, and says if what was read may be somebody else's.
    pub(crate) fn guard<T>(
        &self,
        read: impl FnOnce() -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.check()?;
        let read = read();
        self.check()?;
        read
    }
}

/// The pages that a version reaches; they are not written over while this is held.
pub(crate) struct Pin {
    /// The commit that it was made for.
    sequence: u64,
    /// The newest commit whose pages are reached.
    through: AtomicU64,
    /// Steps whose pages are reached and that are just being committed, as a commit not known yet.
    committing: AtomicUsize,
    /// Oldest first.
    snapshots: ArcSwap<Vec<Arc<Snapshot>>>,
    /// Everything that is reached is in the snapshots.
    is_whole: AtomicBool,
    is_expired: AtomicBool,
    closing: Closing,
}

impl Pin {
    pub(crate) fn closing(&self) -> &Closing {
        &self.closing
    }

    /// Fails if the pages were given up, since readers held too much or the database was closed.
    pub(crate) fn check_expiry(&self) -> Result<(), ReadError> {
        self.closing.check()?;
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
        let is_known = self.committing.load(Ordering::Relaxed) == 0;
        if is_known && self.through.load(Ordering::Relaxed) <= through {
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

    fn is_damage(&self, error: &SourceError) -> bool {
        error.downcast_ref().is_some_and(|error| matches!(error, ReadError::Corruption(_)))
    }
}

/// The pins of views that reach the pages of a step that is not committed. Its commit makes them pages that
/// checkpoints store, and the views are to find them there.
#[derive(Debug, Default)]
pub(crate) struct Reaching(Mutex<ReachingPins>);

#[derive(Debug, Default)]
struct ReachingPins {
    pins: Vec<Weak<Pin>>,
    is_committing: bool,
}

impl Reaching {
    /// A view of this pin reaches the step's pages. To be called while the step is not published.
    pub(crate) fn add(&self, pins: &Pins, pin: &Arc<Pin>) {
        let mut reaching = self.0.lock();
        if reaching.pins.iter().any(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(pin))) {
            return;
        }
        reaching.pins.retain(|known| known.strong_count() > 0);
        reaching.pins.push(Arc::downgrade(pin));
        if reaching.is_committing {
            pins.begin_commit(pin);
        }
    }

    /// The step is about to be published: until [`Reaching::end_commit`] the pins take part in every
    /// checkpoint.
    pub(crate) fn begin_commit(&self, pins: &Pins) {
        let mut reaching = self.0.lock();
        reaching.is_committing = true;
        let alive = reaching.pins.iter().filter_map(Weak::upgrade);
        alive.for_each(|pin| pins.begin_commit(&pin));
    }

    /// The step became commit `sequence`, or none.
    pub(crate) fn end_commit(&self, pins: &Pins, sequence: Option<u64>) {
        let mut reaching = self.0.lock();
        reaching.is_committing = false;
        let alive = reaching.pins.iter().filter_map(Weak::upgrade);
        alive.for_each(|pin| pins.end_commit(&pin, sequence));
    }
}

/// All pins of an open database.
#[derive(Debug)]
pub(crate) struct Pins {
    pub(crate) closing: Closing,
    table: Table,
    live: Mutex<Vec<Weak<Pin>>>,
}

impl Pins {
    pub(crate) fn new(table: Table) -> Self {
        Self { closing: Closing::default(), table, live: Mutex::default() }
    }

    /// A pin for the version of commit `sequence`, made now.
    pub(crate) fn pin(&self, sequence: u64) -> Arc<Pin> {
        // Under the lock, so that a checkpoint's pages are either in this snapshot or added to it.
        let mut live = self.live.lock();
        let snapshot = Arc::new(self.table.pin());
        let pin = Arc::new(Pin {
            sequence,
            through: AtomicU64::new(sequence),
            committing: AtomicUsize::new(0),
            snapshots: ArcSwap::from_pointee(vec![snapshot]),
            is_whole: AtomicBool::new(false),
            is_expired: AtomicBool::new(false),
            closing: self.closing.clone(),
        });
        live.push(Arc::downgrade(&pin));
        pin
    }

    fn begin_commit(&self, pin: &Pin) {
        let _live = self.live.lock();
        pin.is_whole.store(false, Ordering::Relaxed);
        pin.committing.fetch_add(1, Ordering::Relaxed);
    }

    fn end_commit(&self, pin: &Pin, sequence: Option<u64>) {
        let _live = self.live.lock();
        pin.committing.fetch_sub(1, Ordering::Relaxed);
        pin.through.fetch_max(sequence.unwrap_or_default(), Ordering::Relaxed);
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

    /// Gives up the oldest pins while they hold more bytes than they may; never `newest`, nor one of a commit
    /// that was made meanwhile.
    pub(crate) fn expire(&self, pinned_bytes_max: u64, newest: &Arc<Pin>) -> u64 {
        let mut expired = 0;
        let live: Vec<Arc<Pin>> = self.live.lock().iter().filter_map(Weak::upgrade).collect();
        for pin in live.iter().filter(|pin| pin.sequence < newest.sequence) {
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
