//! The chain of steps that can be undone.

use crate::pending::{Change, Changes};
use bmt_core::{Hash, Scheme};
use std::collections::VecDeque;

/// One undoable commit: what its keys held before it.
pub(crate) struct Undo<S: Scheme> {
    /// The commit's sequence.
    pub(crate) sequence: u64,
    /// The sequence of the step whose state it was made on.
    pub(crate) parent: u64,
    /// The root before it.
    pub(crate) previous_root: Hash,
    /// Its keys, with the values before it; `None` where there was none.
    pub(crate) before: Vec<Change<S>>,
}

impl<S: Scheme> Undo<S> {
    fn size_bytes(&self) -> u64 {
        let per_key = size_of::<Change<S>>();
        let values = self.before.iter().filter_map(|(_, value)| value.as_ref()).map(|v| v.len());
        (size_of::<Self>() + per_key * self.before.len() + values.sum::<usize>()) as u64
    }
}

/// The window of undoable commits, bounded in commits and in bytes; oldest first.
pub(crate) struct History<S: Scheme> {
    chain: VecDeque<Undo<S>>,
    size_bytes: u64,
    commits_max: usize,
    bytes_max: u64,
    /// The step whose state is the newest one: rolling back moves it to an older one.
    head: u64,
}

impl<S: Scheme> History<S> {
    pub(crate) fn new(commits_max: usize, bytes_max: u64) -> Self {
        Self { chain: VecDeque::new(), size_bytes: 0, commits_max, bytes_max, head: 0 }
    }

    /// The sequence of the step whose state is the newest one; 0 is the empty database.
    pub(crate) fn head(&self) -> u64 {
        self.head
    }

    /// How many commits can be undone.
    pub(crate) fn len(&self) -> usize {
        self.chain.len()
    }

    /// Bytes of memory that the window takes.
    pub(crate) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Adds the newest commit, and lets the oldest go that the limits leave no room for.
    pub(crate) fn push(&mut self, undo: Undo<S>) {
        assert_eq!(undo.parent, self.head, "a commit stands on the newest state");
        self.head = undo.sequence;
        self.size_bytes += undo.size_bytes();
        self.chain.push_back(undo);
        while self.chain.len() > self.commits_max || self.size_bytes > self.bytes_max {
            match self.chain.pop_front() {
                Some(oldest) => self.size_bytes -= oldest.size_bytes(),
                None => break,
            }
        }
    }

    /// What undoing the newest `count` commits changes, the root it restores, and the step whose
    /// state that is. `None` when fewer are held, or `count` is zero.
    pub(crate) fn plan(&self, count: usize) -> Option<Plan<S>> {
        let first = self.chain.len().checked_sub(count)?;
        let oldest = self.chain.get(first)?;
        let mut changes = Changes::<S>::new();
        for undo in self.chain.range(first..).rev() {
            changes.extend(undo.before.iter().cloned());
        }
        Some(Plan { changes, root: oldest.previous_root, restored: oldest.parent })
    }

    /// Forgets the commits above the step `restored`, whose state is the newest one again.
    pub(crate) fn rewind(&mut self, restored: u64) {
        while self.chain.back().is_some_and(|undo| undo.sequence > restored) {
            if let Some(undone) = self.chain.pop_back() {
                self.size_bytes -= undone.size_bytes();
            }
        }
        self.head = restored;
    }
}

/// A rollback to be made.
pub(crate) struct Plan<S: Scheme> {
    pub(crate) changes: Changes<S>,
    pub(crate) root: Hash,
    pub(crate) restored: u64,
}
