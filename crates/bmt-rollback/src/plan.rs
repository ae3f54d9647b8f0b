//! What undoing commits changes: [`Plan`].

use crate::window::Window;
use bmt_core::Hash;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one commit replaced, as its record says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UndoStep<K> {
    /// The sequence of the step that the commit was made on; 0 is the empty state.
    pub parent: u64,
    /// The root before the commit.
    pub previous_root: Hash,
    /// The keys that it changed, ascending, and what each had before.
    pub replaced: Vec<(K, Option<Arc<[u8]>>)>,
}

impl<K> UndoStep<K> {
    /// A commit on the state of step `parent`, which has this root, that replaced nothing yet.
    #[must_use]
    pub fn new(parent: u64, previous_root: Hash) -> Self {
        Self { parent, previous_root, replaced: Vec::new() }
    }
}

/// Reads what commits replaced.
pub trait RecordSource<K> {
    /// Why it could not.
    type Error;

    /// What the commit `sequence` replaced.
    ///
    /// # Errors
    /// When the record can't be read, or is none of a commit.
    fn undo_step(&self, sequence: u64) -> Result<UndoStep<K>, Self::Error>;
}

/// What undoing commits changes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Plan<K> {
    /// The keys to write, and what; `None` deletes.
    pub changes: BTreeMap<K, Option<Arc<[u8]>>>,
    /// The root that is restored.
    pub root: Hash,
    /// The step whose state it is: for [`Window::rewind`].
    pub restored: u64,
    /// The step that the plan was made on: it is of use while this is [`Window::head`].
    pub head: u64,
    /// Commits that it undoes.
    pub count: usize,
}

/// There is no such plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError<E> {
    /// Fewer commits can be undone.
    #[error("{asked} commits were to be undone and {held} can be")]
    TooShort {
        /// Commits to undo.
        asked: usize,
        /// Commits that can be undone.
        held: usize,
    },
    /// No state in the window has the root.
    #[error("no state of the last {held} commits has this root")]
    UnknownRoot {
        /// Commits that can be undone.
        held: usize,
    },
    /// Too much has changed since.
    #[error("{bytes} bytes have changed since, over the limit of {bytes_max}")]
    TooLarge {
        /// Bytes of keys and values, at least.
        bytes: u64,
        /// The limit.
        bytes_max: u64,
    },
    /// A record can't be read.
    #[error("what a commit replaced can't be read: {0}")]
    Source(E),
}

/// What undoing the newest `count` commits changes. Reads as many records.
///
/// # Errors
/// [`PlanError::TooShort`] and [`PlanError::Source`].
pub fn plan<K: Ord, R: RecordSource<K>>(
    window: &Window,
    records: &R,
    count: usize,
) -> Result<Plan<K>, PlanError<R::Error>> {
    let held = window.len();
    if count > held {
        return Err(PlanError::TooShort { asked: count, held });
    }
    let mut plan = Plan::empty(window, [0; 32]);
    for sequence in window.newest_first().take(count) {
        plan.add(records.undo_step(sequence).map_err(PlanError::Source)?);
    }
    Ok(plan)
}

/// What leads back to the newest state in the window that has this root; `current` is today's. Reads
/// a record for each commit since.
///
/// A root that is not there is said to be unknown, however much has changed: when that is more than
/// `bytes_max`, the rest of the records is read for their roots alone, and only if the window was loaded and
/// does not know them; see [`Window::learn`].
///
/// # Errors
/// [`PlanError::UnknownRoot`], [`PlanError::TooLarge`] and [`PlanError::Source`].
pub fn plan_to<K: Ord, R: RecordSource<K>>(
    window: &Window,
    records: &R,
    current: Hash,
    root: &Hash,
    bytes_max: u64,
) -> Result<Plan<K>, PlanError<R::Error>> {
    let mut plan = Plan::empty(window, current);
    let unknown = PlanError::UnknownRoot { held: window.len() };
    if current == *root {
        return Ok(plan);
    }
    if !window.may_have_root(root) {
        return Err(unknown);
    }
    let mut bytes = 0;
    let mut sequences = window.newest_first();
    while let Some(sequence) = sequences.next() {
        let step = records.undo_step(sequence).map_err(PlanError::Source)?;
        let each = |(_, value): &(K, Option<Arc<[u8]>>)| {
            (size_of::<K>() + value.as_ref().map_or(0, |value| value.len())) as u64
        };
        bytes += step.replaced.iter().map(each).sum::<u64>();
        if bytes > bytes_max {
            let too_large = PlanError::TooLarge { bytes, bytes_max };
            if step.previous_root == *root || window.is_known_root(root) {
                return Err(too_large);
            }
            let mut previous_roots =
                sequences.map(|at| Ok(records.undo_step(at)?.previous_root == *root));
            return match previous_roots.find(|found| !matches!(found, Ok(false))) {
                Some(Ok(_)) => Err(too_large),
                Some(Err(error)) => Err(PlanError::Source(error)),
                None => Err(unknown),
            };
        }
        plan.add(step);
        if plan.root == *root {
            return Ok(plan);
        }
    }
    Err(unknown)
}

impl<K: Ord> Plan<K> {
    fn empty(window: &Window, root: Hash) -> Self {
        let head = window.head();
        Self { changes: BTreeMap::new(), root, restored: head, head, count: 0 }
    }

    /// Undoes one more commit: what it replaced is older than what is there already.
    fn add(&mut self, step: UndoStep<K>) {
        self.changes.extend(step.replaced);
        self.root = step.previous_root;
        self.restored = step.parent;
        self.count += 1;
    }
}

#[cfg(test)]
mod tests;
