//! What happens at once: commits that race, and readers while pages are written.

use crate::branches::Branch;
use crate::check::{self, unless_expired};
use crate::known::{Changes, Known};
use crate::random::Random;
use crate::world::World;
use bmt::{GrayPaper, PreparedSession};

impl World {
    /// A few sessions on the newest state are committed at once: one of them wins.
    pub(crate) fn race(&mut self) {
        let base = self.newest.step;
        let mut ready = Vec::new();
        for _ in 0..2 + self.random.below(3) {
            let Some(prepared) = self.prepare_on_newest() else { return };
            ready.push(prepared);
        }
        let begin = |(prepared, known): (PreparedSession<GrayPaper>, Known)| {
            let handle = prepared.commit_async().unwrap();
            assert_eq!(handle.root(), known.root);
            (handle, known)
        };
        let handles: Vec<_> = ready.into_iter().map(begin).collect();
        let (mut lost, mut wins) = (Vec::new(), 0);
        for (mut handle, known) in handles {
            while self.random.one_in(2) && !handle.is_done() {
                std::thread::yield_now();
            }
            match handle.wait() {
                Ok(commit) => {
                    wins += 1;
                    self.check_commit(base, known, Ok(commit));
                }
                Err(error) => lost.push((known, error)),
            }
        }
        assert_eq!(wins, 1);
        lost.into_iter().for_each(|(known, error)| self.check_commit(base, known, Err(error)));
    }

    /// A commit whose handle is dropped goes on.
    pub(crate) fn forget_a_commit(&mut self) {
        let Some((prepared, known)) = self.prepare_on_newest() else { return };
        drop(prepared.commit_async().unwrap());
        while self.db().sequence() == self.sequence() {
            std::thread::yield_now();
        }
        self.is_committing = true;
        self.committed(known);
    }

    fn prepare_on_newest(&mut self) -> Option<(PreparedSession<GrayPaper>, Known)> {
        let changes: Changes = (0..self.random.below(6)).map(|_| self.change()).collect();
        let mut session = self.db().begin_write();
        for (key, value) in &changes {
            match value {
                Some(value) => session.insert(*key, value.clone()).unwrap(),
                None => session.delete(key),
            }
        }
        let prepared = unless_expired(self.settings.expires, session.prepare())?;
        let step = self.new_step();
        Some((prepared, self.newest.changed(step, &changes)))
    }

    /// Readers and overlays are read by threads while pages are written. Only where threads run anyway, so
    /// that the other rounds stay the same each time.
    pub(crate) fn read_while_flushing(&mut self) {
        if self.settings.is_inline {
            return self.db().flush().unwrap();
        }
        let seeds: Vec<u64> =
            (0..self.readers.len() + self.branches.len()).map(|_| self.random.next()).collect();
        let (keys, expires) = (&self.keys, self.settings.expires);
        std::thread::scope(|scope| {
            let mut seeds = seeds.into_iter().map(Random::new);
            for (session, known) in &self.readers {
                let mut random = seeds.next().unwrap();
                scope.spawn(move || {
                    let result = check::session_is(session, known, keys, &mut random);
                    unless_expired(expires, result)
                });
            }
            for Branch { overlay, known, .. } in &self.branches {
                let mut random = seeds.next().unwrap();
                scope.spawn(move || {
                    let result = check::overlay_is(overlay, known, keys, &mut random);
                    unless_expired(expires, result)
                });
            }
            self.db().flush().unwrap();
        });
    }
}
