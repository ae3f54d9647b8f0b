//! Sessions and overlays in a life.

use super::{Early, Life, Promise, compare};
use crate::workload::{Changes, Fork, Point, State, Step, Way, Workload};
use bmt_core::witness::Lookup;
use bmt_core::{GrayPaper, StateKey, Witness};
use bmt_store::{
    Access, Commit, CommitError, Db, Error, Overlay, PreparedSession, ReadError, WriteOptions,
    WriteSession,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The overlays of a life.
#[derive(Default)]
pub(super) struct Overlays {
    /// Each on the one before, and the point that it is to be.
    staged: Vec<(Overlay<GrayPaper>, usize)>,
    forks: Vec<(Overlay<GrayPaper>, Arc<Fork>)>,
}

impl Overlays {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What committing the point is about.
    pub(super) fn kinds(&self, next_point: usize) -> Vec<&'static str> {
        let mut kinds = Vec::new();
        if self.staged.first().is_some_and(|(_, point)| *point == next_point) {
            kinds.push("overlay");
            if self.staged.len() > 1 {
                kinds.push("overlay with a child");
            }
        } else {
            kinds.push("what a lost overlay had");
        }
        if self.forks.iter().any(|(_, fork)| fork.parent + 1 == next_point) {
            kinds.push("overlay beside a fork");
        }
        kinds
    }

    /// Writing is over: overlays are not committed, and can be read.
    pub(super) fn judge_poisoned(&self, workload: &Workload) -> Result<(), String> {
        for (overlay, index) in &self.staged {
            if let Ok(commit) = overlay.commit() {
                return Err(format!("overlay {} was committed", commit.sequence));
            }
            compare(&overlay.begin_read(), &workload.points[*index])?;
        }
        Ok(())
    }
}

pub(super) fn kinds_of_way(way: Way) -> Vec<&'static str> {
    match way {
        Way::Commit => vec!["write session"],
        Way::Witness => vec!["write session", "session with a witness"],
        Way::Accesses => vec!["session of given accesses"],
        Way::Try => vec!["commit that does not wait"],
        Way::Async => vec!["commit that nobody waits for"],
    }
}

impl Life<'_> {
    /// A transaction from its beginning to its end; once more if it fails.
    pub(super) fn session(
        &mut self,
        db: &Db,
        promise: &Promise,
        changes: &Changes,
        way: Way,
        base: &Point,
    ) -> Result<Commit, Early> {
        self.try_twice(db, promise, || {
            let is_witnessed = matches!(way, Way::Witness | Way::Accesses);
            let options = WriteOptions::new().witness(is_witnessed);
            let mut session = db.begin_write_with(&options)?;
            let prepared = match way {
                Way::Accesses => prepare_accesses(session, changes, &base.state)?,
                _ => {
                    write(&mut session, changes)?;
                    read_some(&session, changes)?;
                    session.prepare()?
                }
            };
            if is_witnessed {
                let given = by_key(changes);
                assert_eq!(verified(&prepared, base, given), prepared.root(), "by the witness");
            }
            match way {
                Way::Try => match prepared.try_commit()? {
                    Ok(commit) => Ok(commit),
                    Err(prepared) => Ok(prepared.commit()?),
                },
                Way::Async => Ok(prepared.commit_async()?.wait()?),
                _ => Ok(prepared.commit()?),
            }
        })
    }

    /// Steps about overlays and old roots that commit nothing.
    pub(super) fn beside(&mut self, db: &Db, step: &Step, promise: &Promise) -> Result<(), Early> {
        match step {
            Step::Stage { point, changes } => self.stage(db, promise, *point, changes),
            Step::Fork(fork) => self.fork(db, promise, fork),
            Step::EndFork => self.end_fork(promise),
            Step::LookStaged => {
                for (overlay, point) in &self.overlays.staged {
                    let looked = compare(&overlay.begin_read(), &self.workload.points[*point]);
                    self.unless_expected(looked)?;
                }
                for (overlay, fork) in &self.overlays.forks {
                    self.unless_expected(compare(&overlay.begin_read(), &fork.point))?;
                }
                Ok(())
            }
            Step::ReadAt(count) => {
                let point = self.workload.undone(promise.most, *count);
                let session = self.try_twice(db, promise, || Ok(db.begin_read_at(&point.root)?))?;
                self.unless_expected(compare(&session, point))
            }
            _ => Ok(()),
        }
    }

    fn unless_expected(&self, looked: Result<(), String>) -> Result<(), Early> {
        match looked {
            Err(_) if self.is_expected() => Ok(()),
            other => other.map_err(Early::Broken),
        }
    }

    /// Makes an overlay, if what it stands on is there.
    fn stage(
        &mut self,
        db: &Db,
        promise: &Promise,
        point: usize,
        changes: &Changes,
    ) -> Result<(), Early> {
        let tip = self.overlays.staged.last();
        if tip.map_or(promise.most, |(_, point)| *point) + 1 != point {
            return Ok(());
        }
        let tip = tip.map(|(overlay, _)| overlay.clone());
        let overlay = self.try_twice(db, promise, || overlay_on(db, tip.as_ref(), changes))?;
        if overlay.root() != self.workload.points[point].root {
            return Err(Early::Broken("an overlay has another root".to_owned()));
        }
        self.overlays.staged.push((overlay, point));
        Ok(())
    }

    fn fork(&mut self, db: &Db, promise: &Promise, fork: &Arc<Fork>) -> Result<(), Early> {
        let staged = self.overlays.staged.iter().find(|(_, point)| *point == fork.parent);
        let parent = staged.map(|(overlay, _)| overlay.clone());
        if parent.is_none() && promise.most != fork.parent {
            return Ok(());
        }
        let overlay =
            self.try_twice(db, promise, || overlay_on(db, parent.as_ref(), &fork.changes))?;
        if overlay.root() != fork.point.root {
            return Err(Early::Broken("a fork has another root".to_owned()));
        }
        self.overlays.forks.push((overlay, Arc::clone(fork)));
        Ok(())
    }

    fn end_fork(&mut self, promise: &Promise) -> Result<(), Early> {
        if self.overlays.forks.is_empty() {
            return Ok(());
        }
        let (overlay, fork) = self.overlays.forks.remove(0);
        let looked = compare(&overlay.begin_read(), &fork.point);
        self.unless_expected(looked)?;
        let is_refused = match fork.parent.cmp(&promise.most) {
            // It would win.
            std::cmp::Ordering::Equal => true,
            std::cmp::Ordering::Less => {
                matches!(overlay.commit(), Err(CommitError::Stale { .. }))
            }
            std::cmp::Ordering::Greater => {
                matches!(overlay.commit(), Err(CommitError::ParentNotCommitted(_)))
            }
        };
        match is_refused {
            true => Ok(()),
            false => Err(Early::Broken("a fork that lost was not refused".to_owned())),
        }
    }

    /// Commits the oldest overlay, or its changes if it was lost. An overlay whose commit failed cleanly is
    /// committed again, and so are those that stand on it.
    pub(super) fn commit_staged(
        &mut self,
        db: &Db,
        promise: &Promise,
        changes: &Changes,
        free_bytes: Option<u64>,
    ) -> Result<Commit, Early> {
        let is_next = |(_, point): &&(Overlay<GrayPaper>, usize)| *point == promise.most;
        let staged = self.overlays.staged.first().filter(is_next);
        let overlay = match staged.map(|(overlay, _)| overlay.clone()) {
            Some(overlay) => overlay,
            None => {
                self.overlays.staged.clear();
                self.try_twice(db, promise, || overlay_on(db, None, changes))?
            }
        };
        let commit = || Ok(overlay.commit()?);
        let made = match free_bytes {
            Some(free_bytes) => self.tight(db, free_bytes, promise, commit),
            None => self.try_twice(db, promise, commit),
        }?;
        if !matches!(overlay.commit(), Err(CommitError::Closed)) {
            return Err(Early::Broken("an overlay was committed twice".to_owned()));
        }
        self.overlays.staged.retain(|(_, point)| *point > promise.most);
        Ok(made)
    }
}

fn overlay_on(
    db: &Db,
    parent: Option<&Overlay<GrayPaper>>,
    changes: &Changes,
) -> Result<Overlay<GrayPaper>, Error> {
    let options = parent.map_or_else(WriteOptions::new, |parent| WriteOptions::new().on(parent));
    let mut session = db.begin_write_with(&options)?;
    write(&mut session, changes)?;
    Ok(session.prepare()?.into_overlay())
}

fn write(session: &mut WriteSession<GrayPaper>, changes: &Changes) -> Result<(), Error> {
    for (key, value) in changes {
        match value {
            Some(value) => session.insert(*key, value)?,
            None => session.delete(key),
        }
    }
    Ok(())
}

/// Reads what the changes touch, and other keys.
fn read_some(session: &WriteSession<GrayPaper>, changes: &Changes) -> Result<(), ReadError> {
    let written = by_key(changes);
    let keys: Vec<StateKey> = changes.iter().map(|(key, _)| *key).take(5).collect();
    let found = session.get_many(&keys)?;
    for (key, found) in keys.iter().zip(found) {
        let expected = written.get(key).and_then(|value| value.as_deref());
        assert_eq!(found.as_deref(), expected, "a session sees its changes");
    }
    session.get(&StateKey::component(1)).map(drop)
}

/// The changes as accesses with what was there before, and a read.
fn prepare_accesses(
    session: WriteSession<GrayPaper>,
    changes: &Changes,
    state: &State,
) -> Result<PreparedSession<GrayPaper>, Error> {
    let mut accesses: BTreeMap<StateKey, Access<'_>> =
        BTreeMap::from([(StateKey::component(1), Access::Read)]);
    for (at, (key, value)) in changes.iter().enumerate() {
        let (prior, value) = (state.get(key).map(|prior| &**prior), value.as_deref());
        // The key that is read is covered by the witness, also when it changes.
        let is_read = *key == StateKey::component(1);
        let access = match at % 3 {
            0 if !is_read => Access::Write(value),
            _ => Access::Replace { prior, value },
        };
        accesses.insert(*key, access);
    }
    let accesses: Vec<_> = accesses.into_iter().collect();
    Ok(session.prepare_with(&accesses)?)
}

fn by_key(changes: &Changes) -> BTreeMap<StateKey, Option<Arc<[u8]>>> {
    changes.iter().cloned().collect()
}

/// The root that a verifier gets, who has the root before and the witness.
fn verified(
    prepared: &PreparedSession<GrayPaper>,
    base: &Point,
    changes: BTreeMap<StateKey, Option<Arc<[u8]>>>,
) -> bmt_core::Hash {
    let bytes = prepared.witness().unwrap().encode();
    let witness = Witness::<GrayPaper>::decode(&bytes).unwrap();
    let state = witness.verify(&base.root).unwrap();
    let key = StateKey::component(1);
    let expected = base.state.get(&key).map_or(Lookup::Absent, |value| Lookup::Value(value));
    assert_eq!(state.get(&key), expected, "the witness tells what was there");
    state.apply(changes).unwrap()
}
