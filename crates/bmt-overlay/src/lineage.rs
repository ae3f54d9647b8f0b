//! Steps that are not committed, and what they stand on: [`Overlay`].

use crate::budget::{Budget, OverBudget, Share};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Numbers the steps of a process, so that a step knows which was its parent after letting go of it.
static STEPS: AtomicU64 = AtomicU64::new(0);

/// A step that is not committed, with its ancestors up to the newest one that is.
///
/// `T` is what the step carries: its changes, at least. A cheap handle; the step is gone when the last
/// handle and the last descendant are, and costs others nothing then. An ancestor that was committed is let
/// go of by its descendants, so that an endless chain of which the oldest step is committed again and
/// again holds the uncommitted steps alone.
pub struct Overlay<T>(Arc<Node<T>>);

struct Node<T> {
    payload: T,
    number: u64,
    parent_number: Option<u64>,
    is_committed: AtomicBool,
    /// `None` when it stands on a committed state.
    parent: Mutex<Option<Overlay<T>>>,
    budget: Budget,
    /// `None` once it is committed.
    share: Mutex<Option<Share>>,
}

/// A step can't be committed, since its parent is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the parent is not committed, and {ancestor_count} ancestors come first")]
#[non_exhaustive]
pub struct ParentNotCommitted {
    /// Ancestors that are not committed.
    pub ancestor_count: usize,
}

/// Overlays that are no chain, nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// An overlay is not the child of the next one.
    #[error("overlay {index} does not stand on the one after it")]
    Unsound {
        /// The child's index.
        index: usize,
    },
    /// The last overlay has an ancestor that is not committed.
    #[error("the last overlay stands on {ancestor_count} others that are not in the list")]
    Incomplete {
        /// How many.
        ancestor_count: usize,
    },
}

impl<T> Overlay<T> {
    /// A step on a committed state.
    ///
    /// # Errors
    /// [`OverBudget`].
    pub fn on_base(budget: &Budget, payload: T, bytes: u64) -> Result<Self, OverBudget> {
        Self::new(budget, None, payload, bytes)
    }

    /// A step on this one.
    ///
    /// # Errors
    /// [`OverBudget`].
    pub fn child(&self, payload: T, bytes: u64) -> Result<Self, OverBudget> {
        Self::new(&self.0.budget, Some(self.clone()), payload, bytes)
    }

    fn new(
        budget: &Budget,
        parent: Option<Self>,
        payload: T,
        bytes: u64,
    ) -> Result<Self, OverBudget> {
        let share = budget.take(bytes)?;
        Ok(Self(Arc::new(Node {
            payload,
            number: STEPS.fetch_add(1, Ordering::Relaxed),
            parent_number: parent.as_ref().map(|parent| parent.0.number),
            is_committed: AtomicBool::new(false),
            parent: Mutex::new(parent),
            budget: budget.clone(),
            share: Mutex::new(Some(share)),
        })))
    }

    /// What the step carries.
    #[must_use]
    pub fn payload(&self) -> &T {
        &self.0.payload
    }

    /// Whether it was committed.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.0.is_committed.load(Ordering::Acquire)
    }

    /// The steps that are not committed, this one first, then its parent, and so on. Lets go of ancestors
    /// that are.
    #[must_use]
    pub fn uncommitted(&self) -> Vec<Self> {
        let mut steps = Vec::new();
        let mut next = (!self.is_committed()).then(|| self.clone());
        while let Some(step) = next {
            next = step.parent();
            steps.push(step);
        }
        steps
    }

    /// The parent, if it is not committed.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let mut parent = self.0.parent.lock();
        if parent.as_ref().is_some_and(Self::is_committed) {
            *parent = None;
        }
        parent.clone()
    }

    /// Whether it is this step's turn to be committed.
    ///
    /// # Errors
    /// [`ParentNotCommitted`].
    pub fn check_order(&self) -> Result<(), ParentNotCommitted> {
        match self.parent() {
            None => Ok(()),
            Some(parent) => Err(ParentNotCommitted { ancestor_count: parent.uncommitted().len() }),
        }
    }

    /// Says that the step is committed: it counts no more, and its descendants let go of it.
    pub fn set_committed(&self) {
        self.0.is_committed.store(true, Ordering::Release);
        drop(self.0.share.lock().take());
        drop(self.0.parent.lock().take());
    }

    /// The first answer of the uncommitted steps, nearest first. The committed state comes after them.
    pub fn lookup<R>(&self, mut ask: impl FnMut(&T) -> Option<R>) -> Option<R> {
        self.uncommitted().iter().find_map(|step| ask(step.payload()))
    }

    /// Whether `overlays`, nearest first, are a chain down to a committed state: each stands on the next,
    /// and none is missing. Ancestors that are committed may be left out, or be there.
    ///
    /// # Errors
    /// [`ChainError`].
    pub fn check_chain(overlays: &[Self]) -> Result<(), ChainError> {
        for (index, pair) in overlays.windows(2).enumerate() {
            let [child, parent] = pair else { continue };
            if child.0.parent_number != Some(parent.0.number) {
                return Err(ChainError::Unsound { index });
            }
        }
        match overlays.last().and_then(Self::parent) {
            None => Ok(()),
            Some(parent) => {
                Err(ChainError::Incomplete { ancestor_count: parent.uncommitted().len() })
            }
        }
    }

    /// Whether both are handles of one step.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Overlay<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Node<T> {
    /// One ancestor after the other: a chain of thousands would be dropped in as many nested calls.
    fn drop(&mut self) {
        let mut next = self.parent.get_mut().take();
        while let Some(Overlay(node)) = next {
            next = Arc::into_inner(node).and_then(|mut node| node.parent.get_mut().take());
        }
    }
}

impl<T> fmt::Debug for Overlay<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("is_committed", &self.is_committed())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
