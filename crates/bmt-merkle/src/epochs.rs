//! Which page sources a version needs while checkpoints go on: [`Epochs`] and [`PageEpoch`].

use crate::page::PageId;
use crate::source::{PageSource, SourceError};
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;

/// The page source of the versions that were made between two checkpoints.
///
/// `P` is the table of page images as some checkpoint left it: a snapshot that keeps what is deleted
/// later. Such a version has pages that the checkpoint before it stored, and pages that the one after it
/// stores; later ones store none of its pages. So an epoch gets to hold two such sources, and one more while
/// the checkpoint before it is under way.
#[derive(Debug)]
pub struct PageEpoch<P> {
    /// From old to new.
    sources: RwLock<Vec<Arc<P>>>,
}

impl<P> PageEpoch<P> {
    fn new(source: Arc<P>) -> Arc<Self> {
        Arc::new(Self { sources: RwLock::new(vec![source]) })
    }
}

impl<P: PageSource + Send> PageSource for PageEpoch<P> {
    /// Asks the newest source for all pages, the ones before it for what it does not have.
    fn pages(&self, ids: &[PageId], each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        let mut sources = self.sources.read().clone();
        sources.reverse();
        sources.pages(ids, each)
    }
}

/// Gives every version its [`PageEpoch`].
///
/// ```
/// use bmt_merkle::Epochs;
/// use bmt_merkle::memory::MemoryPages;
///
/// let epochs = Epochs::new(MemoryPages::default()); // the table as it was opened
/// let of_a_version = epochs.current();
/// epochs.begin(); // a checkpoint takes the newest version
/// let of_a_later_version = epochs.current();
/// epochs.end(MemoryPages::default()); // it is durable; the table as it left it
/// # drop((of_a_version, of_a_later_version));
/// ```
#[derive(Debug)]
pub struct Epochs<P> {
    state: Mutex<State<P>>,
}

#[derive(Debug)]
struct State<P> {
    newest: Arc<P>,
    current: Arc<PageEpoch<P>>,
    /// Epochs before the current one whose versions' pages no checkpoint has stored completely.
    waiting: Vec<Arc<PageEpoch<P>>>,
}

impl<P> Epochs<P> {
    /// Those of an owner whose table is `newest` now.
    #[must_use]
    pub fn new(newest: P) -> Self {
        let newest = Arc::new(newest);
        let current = PageEpoch::new(Arc::clone(&newest));
        Self { state: Mutex::new(State { newest, current, waiting: Vec::new() }) }
    }

    /// The page source for a version that is committed now. Whoever keeps the version keeps it.
    #[must_use]
    pub fn current(&self) -> Arc<PageEpoch<P>> {
        Arc::clone(&self.state.lock().current)
    }

    /// A checkpoint takes the newest version; versions that are committed from now on are not in it. To be
    /// called under the lock under which versions are committed.
    pub fn begin(&self) {
        let mut state = self.state.lock();
        let next = PageEpoch::new(Arc::clone(&state.newest));
        let last = std::mem::replace(&mut state.current, next);
        state.waiting.push(last);
    }

    /// The checkpoint that began last is durable, and left the table as `newest`. To be called before
    /// [`Merkle::set_written`](crate::Merkle::set_written). A checkpoint that is given up needs no call.
    pub fn end(&self, newest: P) {
        let newest = Arc::new(newest);
        let mut state = self.state.lock();
        for epoch in std::mem::take(&mut state.waiting) {
            epoch.sources.write().push(Arc::clone(&newest));
        }
        // Its versions came after the one that was stored, so that they need no older source.
        *state.current.sources.write() = vec![Arc::clone(&newest)];
        state.newest = newest;
    }
}
