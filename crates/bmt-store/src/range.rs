//! Iteration over the database.

use crate::error::ReadError;
use crate::value::Value;
use bmt_core::Scheme;
use std::fmt;
use std::iter::FusedIterator;

/// Entries in key order, from either end; see [`crate::Db::range`].
///
/// It is a snapshot: later writes and commits do not change what it yields.
pub struct Range<S: Scheme> {
    entries: bmt_core::trie::Range<S>,
}

impl<S: Scheme> Range<S> {
    pub(crate) fn new(entries: bmt_core::trie::Range<S>) -> Self {
        Self { entries }
    }
}

impl<S: Scheme> Iterator for Range<S> {
    type Item = Result<(S::Key, Value), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.entries.next().map(|(key, value)| Ok((key, value.into())))
    }
}

impl<S: Scheme> DoubleEndedIterator for Range<S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.entries.next_back().map(|(key, value)| Ok((key, value.into())))
    }
}

impl<S: Scheme> FusedIterator for Range<S> {}

impl<S: Scheme> fmt::Debug for Range<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.fmt(f)
    }
}
