//! Rolling back, and reading at old roots.

use crate::check::{self, unless_expired};
use crate::world::World;
use bmt::{ReadAtError, RollbackError};

impl World {
    pub(crate) fn rollback(&mut self) {
        let held = self.undoable.len();
        let count = self.random.below((held + 2).min(5));
        if self.loses_most(count) {
            return;
        }
        let result = self.db().rollback(count);
        if count > held {
            let error = result.unwrap_err();
            let is_known = matches!(error, RollbackError::HistoryTooShort { asked, held: found }
                if (asked, found) == (count, held));
            assert!(is_known, "{error}");
            return;
        }
        let commit = result.unwrap();
        self.pending.clear();
        if count == 0 {
            assert_eq!((commit.sequence, commit.root), (self.sequence(), self.newest.root));
            return;
        }
        let restored = self.undoable[held - count].clone();
        assert_eq!((commit.previous_root, commit.root), (self.newest.root, restored.root));
        let gone = self.undoable.drain(held - count..).map(|known| known.root);
        self.cancelled.extend(gone);
        self.cancelled.push(self.newest.root);
        let step = self.new_step();
        self.restored(restored.again(step));
        assert_eq!(commit.sequence, self.sequence());
    }

    /// Whether a rollback would leave so little of a large state that the round would go on without one.
    fn loses_most(&self, count: usize) -> bool {
        let is_large = self.newest.state.len() > 10_000;
        let restored = self.undoable.len().checked_sub(count).and_then(|at| self.undoable.get(at));
        is_large && restored.is_some_and(|known| known.state.len() < 10_000)
    }

    pub(crate) fn read_at(&mut self) {
        let at = self.random.below(self.undoable.len() + 2);
        let root = match self.undoable.get(at) {
            Some(known) => known.root,
            None if self.random.one_in(2) && !self.cancelled.is_empty() => {
                self.cancelled[self.random.below(self.cancelled.len())]
            }
            None if self.random.one_in(3) => [7; 32],
            None => self.newest.root,
        };
        let known = [&self.newest].into_iter().chain(&self.undoable);
        let known = known.into_iter().find(|known| known.root == root).cloned();
        let result = self.db().begin_read_at(&root);
        let Some(known) = known else {
            let error = result.unwrap_err();
            let is_unknown = matches!(error, ReadAtError::UnknownRoot { held }
                if held == self.undoable.len());
            assert!(is_unknown, "{error}");
            return;
        };
        let Some(session) = unless_expired(self.settings.expires, result) else { return };
        let result = check::session_is(&session, &known, &self.keys, &mut self.random);
        if unless_expired(self.settings.expires, result).is_some() && self.random.one_in(2) {
            self.readers.push((session, known));
        }
    }
}
