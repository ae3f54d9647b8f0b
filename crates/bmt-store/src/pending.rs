//! Changes not committed yet, of the simple API.

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
    written: Changes<S>,
    committing: Option<Arc<Changes<S>>>,
}

impl<S: Scheme> Pending<S> {
    pub(crate) fn new() -> Self {
        Self { written: Changes::<S>::new(), committing: None }
    }

    pub(crate) fn write(&mut self, key: S::Key, value: Content) {
        self.written.insert(key, value);
    }

    /// The pending change of `key`: `None` if there is none, `Some(None)` if it is deleted.
    pub(crate) fn get(&self, key: &S::Key) -> Option<Content> {
        let taken = || self.committing.as_ref().and_then(|changes| changes.get(key));
        self.written.get(key).or_else(taken).cloned()
    }

    /// All pending changes, the newest of each key.
    pub(crate) fn all(&self) -> Changes<S> {
        let mut all = match &self.committing {
            Some(changes) => Changes::<S>::clone(changes),
            None => Changes::<S>::new(),
        };
        all.extend(self.written.iter().map(|(key, value)| (*key, value.clone())));
        all
    }

    /// How many keys have a pending change.
    pub(crate) fn count(&self) -> usize {
        match &self.committing {
            None => self.written.len(),
            Some(taken) => {
                let only_taken = taken.keys().filter(|key| !self.written.contains_key(*key));
                self.written.len() + only_taken.count()
            }
        }
    }

    /// Takes all changes for a commit; [`Pending::finish_commit`] must follow.
    pub(crate) fn start_commit(&mut self) -> Arc<Changes<S>> {
        assert!(self.committing.is_none(), "one commit at a time: the writer lock is held");
        let changes = Arc::new(std::mem::take(&mut self.written));
        self.committing = Some(Arc::clone(&changes));
        changes
    }

    /// Ends a commit: its changes are in the new version, or, if it failed, pending again beneath
    /// what was written meanwhile.
    pub(crate) fn finish_commit(&mut self, committed: bool) {
        if !committed {
            self.written = self.all();
        }
        self.committing = None;
    }

    /// Drops what is pending and says how many keys that were.
    pub(crate) fn clear(&mut self) -> usize {
        let count = self.count();
        self.written.clear();
        self.committing = None;
        count
    }
}
