//! A session whose root is known: [`PreparedSession`].

use crate::db::Commit;
use crate::error::{CommitError, ReadError};
use crate::overlay::Overlay;
use bmt_core::{Hash, PathProof, Scheme, Witness};
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};

/// What a session's changes make of the state it stands on: root, proofs, witness. Not visible to others.
///
/// It ends by one of [`PreparedSession::commit`], [`PreparedSession::try_commit`],
/// [`PreparedSession::commit_async`], [`PreparedSession::into_overlay`] and [`PreparedSession::discard`];
/// dropping it discards it. None of them blocks readers or other sessions.
pub struct PreparedSession<S: Scheme> {
    overlay: Overlay<S>,
    witness: Option<Arc<Witness<S>>>,
}

impl<S: Scheme> PreparedSession<S> {
    pub(crate) fn new(overlay: Overlay<S>, witness: Option<Witness<S>>) -> Self {
        Self { overlay, witness: witness.map(Arc::new) }
    }

    /// The root of the new state.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.overlay.root()
    }

    /// The root of the state that it stands on.
    #[must_use]
    pub fn previous_root(&self) -> Hash {
        self.overlay.previous_root()
    }

    /// The witness of the session's reads and writes against [`PreparedSession::previous_root`]; `None` if
    /// none was asked for.
    #[must_use]
    pub fn witness(&self) -> Option<&Arc<Witness<S>>> {
        self.witness.as_ref()
    }

    /// A proof of what a key has in the new state, against [`PreparedSession::root`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, ReadError> {
        self.overlay.prove(key)
    }

    /// Makes the step durable and visible.
    ///
    /// # Errors
    /// As [`Overlay::commit`]. The step is dropped then; [`PreparedSession::into_overlay`] gives one that
    /// can be tried again.
    pub fn commit(self) -> Result<Commit, CommitError> {
        self.overlay.commit()
    }

    /// As [`PreparedSession::commit`], but gives the session back instead of waiting for another commit or for
    /// a checkpoint.
    ///
    /// # Errors
    /// As [`Overlay::commit`].
    pub fn try_commit(self) -> Result<Result<Commit, Self>, CommitError> {
        Ok(self.overlay.try_commit()?.ok_or(self))
    }

    /// Commits on a thread of its own; the root is known already, and the handle tells when it is durable.
    /// Steps that stand on this one are made by way of [`PreparedSession::into_overlay`].
    ///
    /// # Errors
    /// [`CommitError::Refused`] when no thread can be started.
    pub fn commit_async(self) -> Result<CommitHandle, CommitError> {
        let (root, overlay) = (self.root(), self.overlay);
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new().name("bmt-commit".to_owned()).spawn(move || {
            let outcome = overlay.commit();
            // First, so that whoever has waited can close the database and open it again.
            drop(overlay);
            // Nobody may be waiting any more.
            drop(sender.send(outcome));
        });
        match thread {
            Ok(_) => Ok(CommitHandle { root, receiver, outcome: None }),
            Err(error) => Err(CommitError::Refused { reason: error.to_string() }),
        }
    }

    /// Keeps the step uncommitted, for sessions to stand on.
    #[must_use]
    pub fn into_overlay(self) -> Overlay<S> {
        self.overlay
    }

    /// Drops the step.
    pub fn discard(self) {}
}

impl<S: Scheme> fmt::Debug for PreparedSession<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedSession")
            .field("has_witness", &self.witness.is_some())
            .finish_non_exhaustive()
    }
}

/// A commit that goes on in the background. Dropping the handle does not end it.
#[derive(Debug)]
pub struct CommitHandle {
    root: Hash,
    receiver: Receiver<Result<Commit, CommitError>>,
    outcome: Option<Result<Commit, CommitError>>,
}

impl CommitHandle {
    /// The root that is being committed.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Whether [`CommitHandle::wait`] would return at once.
    pub fn is_done(&mut self) -> bool {
        if self.outcome.is_none() {
            self.outcome = match self.receiver.try_recv() {
                Ok(outcome) => Some(outcome),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => Some(Err(lost())),
            };
        }
        self.outcome.is_some()
    }

    /// Waits for the outcome.
    ///
    /// # Errors
    /// As [`Overlay::commit`].
    pub fn wait(self) -> Result<Commit, CommitError> {
        match self.outcome {
            Some(outcome) => outcome,
            None => self.receiver.recv().unwrap_or_else(|_| Err(lost())),
        }
    }
}

fn lost() -> CommitError {
    CommitError::Refused { reason: "the committing thread ended without an outcome".to_owned() }
}
