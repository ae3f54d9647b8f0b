//! Overlays: reading them, and committing them in and out of turn.

use crate::check::{self, unless_expired};
use crate::known::Known;
use crate::world::World;
use bmt::{BeginError, ChainError, Commit, CommitError, GrayPaper, Overlay, WriteOptions};

/// An overlay, and what is known of it.
pub(crate) struct Branch {
    pub(crate) overlay: Overlay<GrayPaper>,
    pub(crate) known: Known,
    /// The step it stands on.
    pub(crate) base: u64,
}

impl World {
    /// A branch and its ancestors that are not committed, nearest first; `None` if some are not held.
    pub(crate) fn chain_of(&self, branch: &Branch) -> Option<Vec<Overlay<GrayPaper>>> {
        let mut chain = vec![branch.overlay.clone()];
        let mut base = branch.base;
        while !self.committed.contains(&base) {
            let parent = self.branches.iter().find(|branch| branch.known.step == base)?;
            chain.push(parent.overlay.clone());
            base = parent.base;
        }
        Some(chain)
    }

    pub(crate) fn check_branch(&mut self) {
        if self.branches.is_empty() {
            return;
        }
        let at = self.random.below(self.branches.len());
        let Branch { overlay, known, base } = &self.branches[at];
        let alone = self.db().begin_write_with(&WriteOptions::new().on_chain([overlay.clone()]));
        let is_complete = self.committed.contains(base) || self.committed.contains(&known.step);
        match alone.map(drop) {
            Ok(()) => assert!(is_complete),
            Err(BeginError::Chain(ChainError::Incomplete { .. })) => assert!(!is_complete),
            Err(error) => panic!("{error}"),
        }
        assert_eq!(overlay.is_committed(), self.committed.contains(&known.step));
        let result = check::overlay_is(overlay, known, &self.keys, &mut self.random);
        if unless_expired(self.settings.expires, result).is_none() {
            self.branches.remove(at);
        } else if self.random.one_in(4) {
            let branch = &self.branches[at];
            let reader = (branch.overlay.begin_read(), branch.known.clone());
            self.readers.push(reader);
        }
    }

    pub(crate) fn commit_branch(&mut self) {
        if self.branches.is_empty() {
            return;
        }
        // Those whose turn it is more often than others.
        let newest = self.newest.step;
        let turn = self.branches.iter().position(|branch| branch.base == newest);
        let at = match turn {
            Some(at) if self.random.below(3) > 0 => at,
            _ => self.random.below(self.branches.len()),
        };
        let Branch { overlay, known, base } = &self.branches[at];
        let (known, base) = (known.clone(), *base);
        let outcome = match self.random.one_in(2) {
            true => overlay.commit(),
            false => match overlay.try_commit() {
                Ok(Some(commit)) => Ok(commit),
                Ok(None) => overlay.commit(),
                Err(error) => Err(error),
            },
        };
        self.check_commit(base, known, outcome);
    }

    /// Whether a commit of `known`, which stands on step `base`, should have ended like this.
    pub(crate) fn check_commit(
        &mut self,
        base: u64,
        known: Known,
        outcome: Result<Commit, CommitError>,
    ) {
        match outcome {
            Ok(commit) => {
                assert_eq!(base, self.newest.step);
                assert!(!self.committed.contains(&known.step));
                assert_eq!((commit.previous_root, commit.root), (self.newest.root, known.root));
                self.committed(known);
                assert_eq!(commit.sequence, self.sequence());
            }
            Err(CommitError::Closed) => assert!(self.committed.contains(&known.step)),
            Err(CommitError::ParentNotCommitted(_)) => assert!(!self.committed.contains(&base)),
            Err(CommitError::Stale { expected, found }) => {
                assert!(base != self.newest.step && self.committed.contains(&base));
                assert_eq!(expected.sequence, Some(self.sequence()));
                assert_eq!(expected.root, self.newest.root);
                assert!(found.sequence < expected.sequence);
            }
            Err(error) => panic!("{error}"),
        }
    }
}
