//! Changes not committed yet, of the simple API.

use crate::write_set::WriteSet;
use bmt_core::Scheme;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The new value of a key, or the one it had; `None` is absence.
pub(crate) type Content = Option<Arc<[u8]>>;

/// Changes by key; `None` deletes.
pub(crate) type Changes<S> = BTreeMap<<S as Scheme>::Key, Content>;

/// What was written since the last commit, and what a commit that is under way has taken.
///
/// Reads see both, so that a change is visible at every moment from its write to its commit.
pub(crate) struct Pending<S: Scheme> {
    written: WriteSet<S>,
    committing: Option<Arc<WriteSet<S>>>,
}

impl<S: Scheme> Pending<S> {
    pub(crate) fn new() -> Self {
        Self { written: WriteSet::new(), committing: None }
    }

    pub(crate) fn write(&mut self, key: S::Key, value: Option<&[u8]>) {
        self.written.write(key, value);
    }

    /// The pending change of `key`: `None` if there is none, `Some(None)` if it is deleted.
    pub(crate) fn get(&self, key: &S::Key) -> Option<Content> {
        let taken = || self.committing.as_ref().and_then(|changes| changes.get(key));
        self.written.get(key).or_else(taken)
    }

    /// All pending changes, the newest of each key.
    pub(crate) fn all(&self) -> Changes<S> {
        let mut all = Changes::<S>::new();
        self.committing.iter().for_each(|taken| taken.add_to(&mut all));
        self.written.add_to(&mut all);
        all
    }

    /// How many keys have a pending change.
    pub(crate) fn count(&self) -> usize {
        let taken = self.committing.as_ref();
        let only_taken = |taken: &Arc<WriteSet<S>>| {
            taken.keys().filter(|key| !self.written.contains(key)).count()
        };
        self.written.len() + taken.map_or(0, only_taken)
    }

    /// Takes all changes for a commit; [`Pending::finish_commit`] must follow.
    pub(crate) fn start_commit(&mut self) -> Arc<WriteSet<S>> {
        assert!(self.committing.is_none(), "one commit at a time: its lock is held");
        let changes = Arc::new(std::mem::replace(&mut self.written, WriteSet::new()));
        self.committing = Some(Arc::clone(&changes));
        changes
    }

    /// Ends a commit: its changes are in the new version, or, if it failed, pending again beneath
    /// what was written meanwhile. The caller has let go of them.
    pub(crate) fn finish_commit(&mut self, committed: bool) -> Option<Arc<WriteSet<S>>> {
        let taken = self.committing.take();
        if committed {
            // Dropped by the caller, who holds no lock then.
            return taken;
        }
        let Some(mut taken) = taken.and_then(Arc::into_inner) else {
            unreachable!("the caller has let go of the changes, and nobody else has them")
        };
        taken.extend(std::mem::replace(&mut self.written, WriteSet::new()));
        self.written = taken;
        None
    }

    /// Drops what is pending and says how many keys that were.
    pub(crate) fn clear(&mut self) -> usize {
        let count = self.count();
        self.written = WriteSet::new();
        self.committing = None;
        count
    }
}
