//! Iteration over the database.

use crate::error::ReadError;
use crate::keys::{scheme_key, tree_prefix};
use crate::leaves::strange_key;
use crate::pending::{Changes, Content};
use crate::value::Value;
use crate::view::{View, tree_bounds};
use bmt_beatree::Entries;
use bmt_core::Scheme;
use bmt_merkle::Prefix;
use std::collections::btree_map;
use std::fmt;
use std::iter::FusedIterator;
use std::ops::RangeBounds;

/// Entries in key order, from either end; see [`crate::Db::range`].
///
/// It is a snapshot: later writes and commits do not change what it yields. After an error it ends.
pub struct Range<S: Scheme> {
    entries: Entries,
    /// Changes that are not committed, over the entries.
    changes: btree_map::IntoIter<S::Key, Content>,
    /// What was taken from either, and is not next yet; by end.
    front: Heads<S>,
    back: Heads<S>,
    is_over: bool,
}

/// The next entry and the next change from one end.
struct Heads<S: Scheme> {
    entry: Option<(S::Key, Value)>,
    change: Option<(S::Key, Content)>,
}

impl<S: Scheme> Default for Heads<S> {
    fn default() -> Self {
        Self { entry: None, change: None }
    }
}

impl<S: Scheme> Range<S> {
    pub(crate) fn new(
        view: &View<S>,
        bounds: &impl RangeBounds<S::Key>,
        changes: Changes<S>,
    ) -> Self {
        let mut changes = changes;
        changes.retain(|key, _| bounds.contains(key));
        Self::over(view.tree.range(tree_bounds(bounds)), changes)
    }

    pub(crate) fn with_prefix(view: &View<S>, prefix: &Prefix<S::Key>) -> Self {
        Self::over(view.tree.prefix(&tree_prefix(prefix)), Changes::<S>::new())
    }

    fn over(entries: Entries, changes: Changes<S>) -> Self {
        let (front, back) = (Heads::default(), Heads::default());
        Self { entries, changes: changes.into_iter(), front, back, is_over: false }
    }

    /// The next entry or change from one end, whichever comes first there.
    fn step(&mut self, end: End) -> Result<Option<(S::Key, Value)>, ReadError> {
        loop {
            self.fill(end)?;
            let heads = self.heads(end);
            let order = match (&heads.entry, &heads.change) {
                (None, None) => return Ok(None),
                (Some(_), None) => std::cmp::Ordering::Less,
                (None, Some(_)) => std::cmp::Ordering::Greater,
                (Some((entry, _)), Some((change, _))) => end.order(entry, change),
            };
            if order.is_lt() {
                return Ok(heads.entry.take());
            }
            // A change takes the place of the entry with its key.
            if order.is_eq() {
                heads.entry = None;
            }
            if let Some((key, Some(value))) = heads.change.take() {
                return Ok(Some((key, value.into())));
            }
        }
    }

    /// Sees to it that both heads of one end are there, if anything is left.
    fn fill(&mut self, end: End) -> Result<(), ReadError> {
        if self.heads(end).change.is_none() {
            let next = match end {
                End::Front => self.changes.next(),
                End::Back => self.changes.next_back(),
            };
            // The last one may have been taken from the other end.
            let next = next.or_else(|| self.heads(end.other()).change.take());
            self.heads(end).change = next;
        }
        if self.heads(end).entry.is_none() {
            let next = match end {
                End::Front => self.entries.next(),
                End::Back => self.entries.next_back(),
            };
            let entry = match next {
                Some(entry) => {
                    let (key, value) = entry?;
                    Some((scheme_key(&key).ok_or_else(strange_key)?, value.into()))
                }
                None => self.heads(end.other()).entry.take(),
            };
            self.heads(end).entry = entry;
        }
        Ok(())
    }

    fn heads(&mut self, end: End) -> &mut Heads<S> {
        match end {
            End::Front => &mut self.front,
            End::Back => &mut self.back,
        }
    }

    fn item(&mut self, end: End) -> Option<Result<(S::Key, Value), ReadError>> {
        if self.is_over {
            return None;
        }
        let next = self.step(end).transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

#[derive(Debug, Clone, Copy)]
enum End {
    Front,
    Back,
}

impl End {
    fn other(self) -> Self {
        match self {
            Self::Front => Self::Back,
            Self::Back => Self::Front,
        }
    }

    fn order<K: Ord>(self, a: &K, b: &K) -> std::cmp::Ordering {
        match self {
            Self::Front => a.cmp(b),
            Self::Back => b.cmp(a),
        }
    }
}

impl<S: Scheme> Iterator for Range<S> {
    type Item = Result<(S::Key, Value), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.item(End::Front)
    }
}

impl<S: Scheme> DoubleEndedIterator for Range<S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.item(End::Back)
    }
}

impl<S: Scheme> FusedIterator for Range<S> {}

impl<S: Scheme> fmt::Debug for Range<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Range").field("is_over", &self.is_over).finish_non_exhaustive()
    }
}
