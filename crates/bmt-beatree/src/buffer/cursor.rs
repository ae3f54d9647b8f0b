//! Several runs as one: in order, the newest change of each key.

use super::run::{Run, StoredValue};
use crate::key::{Key, is_below, words};
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
    /// The next entry of each run, and the first eight bytes of its key; the greatest number at the end.
    next: Vec<(u64, usize)>,
}

impl Cursor {
    /// A cursor at the first key that is at least `from`.
    pub(crate) fn new<'a>(runs: impl Iterator<Item = &'a Arc<Run>>, from: &Key) -> Self {
        let runs: Vec<Arc<Run>> = runs.cloned().collect();
        let next = runs.iter().map(|run| at(run, run.lower_bound(from))).collect();
        Self { runs, next }
    }

    /// Moves forward to the first key that is at least `key`.
    pub(crate) fn seek(&mut self, key: &Key) {
        let [head, ..] = words(key);
        for (run, next) in self.runs.iter().zip(&mut self.next) {
            if next.0 <= head && run.keys().get(next.1).is_some_and(|at| is_below(at, key)) {
                *next = at(run, run.gallop(next.1, key));
            }
        }
    }

    /// The key that comes next.
    pub(crate) fn peek(&self) -> Option<Key> {
        self.key_of(self.least()?).copied()
    }

    fn key_of(&self, run: usize) -> Option<&Key> {
        self.runs[run].keys().get(self.next[run].1)
    }

    /// The run that has the next key; the newest one of several.
    fn least(&self) -> Option<usize> {
        let mut least: Option<(u64, usize)> = None;
        for (run, (head, _)) in self.next.iter().enumerate() {
            let is_less = match least {
                None => self.key_of(run).is_some(),
                Some((least, _)) if *head != least => *head < least,
                Some((_, least)) => {
                    let keys = self.key_of(run).zip(self.key_of(least));
                    keys.is_some_and(|(key, least)| is_below(key, least))
                }
            };
            if is_less {
                least = Some((*head, run));
            }
        }
        least.map(|(_, run)| run)
    }

    /// The newest change of the next key, and past it in every run.
    pub(crate) fn advance(&mut self) -> Option<Entry> {
        let run = self.least()?;
        let key = *self.key_of(run)?;
        Some(self.pass(run, key))
    }

    /// As [`Cursor::advance`], if the next key is below `end`.
    pub(crate) fn advance_below(&mut self, end: Option<&Key>) -> Option<Entry> {
        let run = self.least()?;
        let key = *self.key_of(run)?;
        end.is_none_or(|end| is_below(&key, end)).then(|| self.pass(run, key))
    }

    /// Goes past `key`, which `run` has first.
    fn pass(&mut self, run: usize, key: Key) -> Entry {
        let (head, index) = self.next[run];
        // Newer runs do not have it.
        for (run, next) in self.runs.iter().zip(&mut self.next).skip(run) {
            if next.0 == head && run.keys().get(next.1) == Some(&key) {
                *next = at(run, next.1 + 1);
            }
        }
        Entry { key, run, index }
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

/// Entry `index` of a run, with the first eight bytes of its key.
fn at(run: &Run, index: usize) -> (u64, usize) {
    let head = run.keys().get(index).map_or(u64::MAX, |key| words(key)[0]);
    (head, index)
}
