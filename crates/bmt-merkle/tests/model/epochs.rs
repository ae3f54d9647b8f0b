//! The rule which page sources a version needs while checkpoints go on (`docs/adr/0053`), as small as it gets.
//! An owner that also lets readers expire needs more; this one shows that no more than the rule is needed.

use bmt_merkle::{PageId, PageSource, SourceError};
use std::sync::{Arc, Mutex};

/// The page source of the versions that were made between two checkpoints.
///
/// `P` is the table of page images as some checkpoint left it: a snapshot that keeps what is deleted
/// later. Such a version has pages that the checkpoint before it stored, and pages that the one after it
/// stores; later ones store none of its pages. So an epoch gets to hold two such sources, and one more while
/// the checkpoint before it is under way.
#[derive(Debug)]
pub(crate) struct PageEpoch<P> {
    /// From old to new.
    sources: Mutex<Vec<Arc<P>>>,
}

impl<P> PageEpoch<P> {
    fn new(source: Arc<P>) -> Arc<Self> {
        Arc::new(Self { sources: Mutex::new(vec![source]) })
    }
}

impl<P: PageSource + Send> PageSource for PageEpoch<P> {
    /// Asks the newest source for all pages, the ones before it for what it does not have.
    fn pages(&self, ids: &[PageId], mut each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        let sources = self.sources.lock().unwrap().clone();
        let mut missing: Vec<(usize, PageId)> = ids.iter().copied().enumerate().collect();
        for source in sources.iter().rev() {
            let asked: Vec<PageId> = missing.iter().map(|(_, id)| *id).collect();
            let mut is_found = vec![false; asked.len()];
            source.pages(&asked, |at, image| {
                is_found[at] = true;
                each(missing[at].0, image);
            })?;
            let mut found = is_found.into_iter();
            missing.retain(|_| found.next() == Some(false));
        }
        Ok(())
    }
}

/// Gives every version its [`PageEpoch`].
#[derive(Debug)]
pub(crate) struct Epochs<P> {
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
    pub(crate) fn new(newest: P) -> Self {
        let newest = Arc::new(newest);
        let current = PageEpoch::new(Arc::clone(&newest));
        Self { state: Mutex::new(State { newest, current, waiting: Vec::new() }) }
    }

    /// The page source for a version that is committed now. Whoever keeps the version keeps it.
    pub(crate) fn current(&self) -> Arc<PageEpoch<P>> {
        Arc::clone(&self.state.lock().unwrap().current)
    }

    /// A checkpoint takes the newest version; versions that are committed from now on are not in it. To be
    /// called under the lock under which versions are committed.
    pub(crate) fn begin(&self) {
        let mut state = self.state.lock().unwrap();
        let next = PageEpoch::new(Arc::clone(&state.newest));
        let last = std::mem::replace(&mut state.current, next);
        state.waiting.push(last);
    }

    /// The checkpoint that began last is durable, and left the table as `newest`. To be called before
    /// `Merkle::set_written`. A checkpoint that is given up needs no call.
    pub(crate) fn end(&self, newest: P) {
        let newest = Arc::new(newest);
        let mut state = self.state.lock().unwrap();
        for epoch in std::mem::take(&mut state.waiting) {
            epoch.sources.lock().unwrap().push(Arc::clone(&newest));
        }
        // Its versions came after the one that was stored, so that they need no older source.
        *state.current.sources.lock().unwrap() = vec![Arc::clone(&newest)];
        state.newest = newest;
    }
}
