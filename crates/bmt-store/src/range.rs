//! Iteration over the database.

use crate::error::ReadError;
use crate::keys::{scheme_key, tree_prefix};
use crate::leaves::strange_key;
use crate::pending::{Changes, Content};
use crate::pins::Closing;
use crate::value::Value;
use crate::view::{View, tree_bounds};
use bmt_core::Scheme;
use bmt_merkle::Prefix;
use bmt_overlay::Merged;
use std::collections::btree_map;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::RangeBounds;

/// Entries in key order, from either end; see [`crate::Db::range`].
///
/// It is a snapshot: later writes and commits do not change what it yields. After an error it ends.
pub struct Range<S: Scheme> {
    merged: Merged<S::Key, Value, Entries<S>, Uncommitted<S>>,
    closing: Closing,
    is_ended: bool,
}

impl<S: Scheme> Range<S> {
    /// The entries of a view in some bounds, with changes on top.
    pub(crate) fn new(
        view: &View<S>,
        bounds: &impl RangeBounds<S::Key>,
        mut changes: Changes<S>,
    ) -> Self {
        changes.retain(|key, _| bounds.contains(key));
        Self::over(view, view.tree.range(tree_bounds(bounds)), changes)
    }

    pub(crate) fn with_prefix(view: &View<S>, prefix: &Prefix<S::Key>) -> Self {
        Self::over(view, view.tree.prefix(&tree_prefix(prefix)), Changes::<S>::new())
    }

    fn over(view: &View<S>, entries: bmt_beatree::Entries, changes: Changes<S>) -> Self {
        let entries = Entries { entries, scheme: PhantomData };
        let merged = Merged::new(entries, Uncommitted(changes.into_iter()));
        Self { merged, closing: view.pin.closing().clone(), is_ended: false }
    }

    /// What was read, unless the database was closed meanwhile.
    fn item(&mut self, item: Option<Item<S>>) -> Option<Item<S>> {
        match self.closing.check() {
            Ok(()) => item,
            Err(_) if self.is_ended => None,
            Err(error) => {
                self.is_ended = true;
                Some(Err(error))
            }
        }
    }
}

/// The entries of the ordered store, with keys of the scheme.
struct Entries<S> {
    entries: bmt_beatree::Entries,
    scheme: PhantomData<S>,
}

type Item<S> = Result<(<S as Scheme>::Key, Value), ReadError>;

fn entry<S: Scheme>(
    entry: Result<(bmt_beatree::Key, bmt_beatree::Value), bmt_beatree::TreeError>,
) -> Item<S> {
    let (key, value) = entry?;
    Ok((scheme_key(&key).ok_or_else(strange_key)?, value.into()))
}

impl<S: Scheme> Iterator for Entries<S> {
    type Item = Item<S>;

    fn next(&mut self) -> Option<Item<S>> {
        self.entries.next().map(entry::<S>)
    }
}

impl<S: Scheme> DoubleEndedIterator for Entries<S> {
    fn next_back(&mut self) -> Option<Item<S>> {
        self.entries.next_back().map(entry::<S>)
    }
}

/// Changes that are not committed.
struct Uncommitted<S: Scheme>(btree_map::IntoIter<S::Key, Content>);

fn change<K>((key, content): (K, Content)) -> (K, Option<Value>) {
    (key, content.map(Value::from))
}

impl<S: Scheme> Iterator for Uncommitted<S> {
    type Item = (S::Key, Option<Value>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(change)
    }
}

impl<S: Scheme> DoubleEndedIterator for Uncommitted<S> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.0.next_back().map(change)
    }
}

impl<S: Scheme> Iterator for Range<S> {
    type Item = Item<S>;

    fn next(&mut self) -> Option<Item<S>> {
        let item = self.merged.next();
        self.item(item)
    }
}

impl<S: Scheme> DoubleEndedIterator for Range<S> {
    fn next_back(&mut self) -> Option<Item<S>> {
        let item = self.merged.next_back();
        self.item(item)
    }
}

impl<S: Scheme> FusedIterator for Range<S> {}

impl<S: Scheme> fmt::Debug for Range<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Range").finish_non_exhaustive()
    }
}
