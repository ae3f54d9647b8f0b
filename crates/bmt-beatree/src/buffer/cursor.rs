//! Several runs as one: in order, the newest change of each key.

use super::run::{Run, StoredValue};
use crate::key::Key;
use std::sync::Arc;

/// One entry of some run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    /// Which run, by its place in the list.
    pub(crate) run: usize,
    /// Which entry of it.
    pub(crate) index: usize,
}

/// Walks runs side by side, forwards.
#[derive(Debug)]
pub(crate) struct Cursor {
    /// Newest first.
    runs: Vec<Arc<Run>>,
    /// The next entry of each run.
    next: Vec<usize>,
}

impl Cursor {
    /// A cursor at the first key that is at least `from`.
    pub(crate) fn new<'a>(runs: impl Iterator<Item = &'a Arc<Run>>, from: &Key) -> Self {
        let runs: Vec<Arc<Run>> = runs.cloned().collect();
        let next = runs.iter().map(|run| run.lower_bound(from)).collect();
        Self { runs, next }
    }

    /// Moves forward to the first key that is at least `key`.
    pub(crate) fn seek(&mut self, key: &Key) {
        for (run, next) in self.runs.iter().zip(&mut self.next) {
            if run.keys().get(*next).is_some_and(|at| at < key) {
                *next = run.gallop(*next, key);
            }
        }
    }

    /// The key that comes next.
    pub(crate) fn peek(&self) -> Option<Key> {
        self.heads().map(|(_, key)| key).min().copied()
    }

    fn heads(&self) -> impl Iterator<Item = (usize, &Key)> {
        let at = self.runs.iter().zip(&self.next).enumerate();
        at.filter_map(|(index, (run, next))| Some((index, run.keys().get(*next)?)))
    }

    /// The newest change of the next key, and past it in every run.
    pub(crate) fn advance(&mut self) -> Option<Entry> {
        // The first of equal ones, which is the newest.
        let (run, key) = self.heads().min_by_key(|(_, key)| *key)?;
        let entry = Entry { key: *key, run, index: self.next[run] };
        for (run, next) in self.runs.iter().zip(&mut self.next) {
            if run.keys().get(*next) == Some(&entry.key) {
                *next += 1;
            }
        }
        Some(entry)
    }

    /// As [`Cursor::advance`], if the next key is below `end`.
    pub(crate) fn advance_below(&mut self, end: Option<&Key>) -> Option<Entry> {
        let next = self.peek()?;
        match end.is_none_or(|end| next < *end) {
            true => self.advance(),
            false => None,
        }
    }

    /// The value of an entry.
    pub(crate) fn value(&self, entry: &Entry) -> StoredValue<'_> {
        self.runs[entry.run].value(entry.index)
    }

    /// The run of an entry.
    pub(crate) fn run(&self, entry: &Entry) -> &Arc<Run> {
        &self.runs[entry.run]
    }
}
