//! Sorted changes over sorted entries: [`Merged`].

use std::cmp::Ordering;
use std::iter::FusedIterator;

/// The entries of a state with changes on top, in order, from either end.
///
/// `entries` yields keys and values in ascending order, or an error; `changes` yields keys and new values,
/// `None` for a deletion, in ascending order too. A change takes the place of the entry with its key. After
/// an error it ends.
#[derive(Debug)]
pub struct Merged<K, V, E, C> {
    entries: E,
    changes: C,
    /// What was taken from either, and is not next yet; by end.
    front: Heads<K, V>,
    back: Heads<K, V>,
    is_over: bool,
}

/// The next entry and the next change from one end.
#[derive(Debug)]
struct Heads<K, V> {
    entry: Option<(K, V)>,
    change: Option<(K, Option<V>)>,
}

impl<K, V> Heads<K, V> {
    const NONE: Self = Self { entry: None, change: None };
}

#[derive(Debug, Clone, Copy)]
enum End {
    Front,
    Back,
}

impl<K, V, X, E, C> Merged<K, V, E, C>
where
    K: Ord,
    E: DoubleEndedIterator<Item = Result<(K, V), X>>,
    C: DoubleEndedIterator<Item = (K, Option<V>)>,
{
    /// `changes` over `entries`.
    pub fn new(entries: E, changes: C) -> Self {
        Self { entries, changes, front: Heads::NONE, back: Heads::NONE, is_over: false }
    }

    /// The next entry or change from one end, whichever comes first there.
    fn step(&mut self, end: End) -> Result<Option<(K, V)>, X> {
        loop {
            self.fill(end)?;
            let heads = self.heads(end);
            let order = match (&heads.entry, &heads.change) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((entry, _)), Some((change, _))) => match end {
                    End::Front => entry.cmp(change),
                    End::Back => change.cmp(entry),
                },
            };
            if order.is_lt() {
                return Ok(heads.entry.take());
            }
            if order.is_eq() {
                heads.entry = None;
            }
            if let Some((key, Some(value))) = heads.change.take() {
                return Ok(Some((key, value)));
            }
        }
    }

    /// Sees to it that both heads of one end are there, if anything is left.
    fn fill(&mut self, end: End) -> Result<(), X> {
        if self.heads(end).change.is_none() {
            let next = match end {
                End::Front => self.changes.next(),
                End::Back => self.changes.next_back(),
            };
            // The last one may have been taken from the other end.
            let next = next.or_else(|| self.other_heads(end).change.take());
            self.heads(end).change = next;
        }
        if self.heads(end).entry.is_none() {
            let next = match end {
                End::Front => self.entries.next(),
                End::Back => self.entries.next_back(),
            };
            let next = next.transpose()?.or_else(|| self.other_heads(end).entry.take());
            self.heads(end).entry = next;
        }
        Ok(())
    }

    fn heads(&mut self, end: End) -> &mut Heads<K, V> {
        match end {
            End::Front => &mut self.front,
            End::Back => &mut self.back,
        }
    }

    fn other_heads(&mut self, end: End) -> &mut Heads<K, V> {
        match end {
            End::Front => &mut self.back,
            End::Back => &mut self.front,
        }
    }

    fn item(&mut self, end: End) -> Option<Result<(K, V), X>> {
        if self.is_over {
            return None;
        }
        let next = self.step(end).transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl<K, V, X, E, C> Iterator for Merged<K, V, E, C>
where
    K: Ord,
    E: DoubleEndedIterator<Item = Result<(K, V), X>>,
    C: DoubleEndedIterator<Item = (K, Option<V>)>,
{
    type Item = Result<(K, V), X>;

    fn next(&mut self) -> Option<Self::Item> {
        self.item(End::Front)
    }
}

impl<K, V, X, E, C> DoubleEndedIterator for Merged<K, V, E, C>
where
    K: Ord,
    E: DoubleEndedIterator<Item = Result<(K, V), X>>,
    C: DoubleEndedIterator<Item = (K, Option<V>)>,
{
    fn next_back(&mut self) -> Option<Self::Item> {
        self.item(End::Back)
    }
}

impl<K, V, X, E, C> FusedIterator for Merged<K, V, E, C>
where
    K: Ord,
    E: DoubleEndedIterator<Item = Result<(K, V), X>>,
    C: DoubleEndedIterator<Item = (K, Option<V>)>,
{
}

#[cfg(test)]
mod tests;
