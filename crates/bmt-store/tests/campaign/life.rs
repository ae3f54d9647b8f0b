//! One life of a database: it is opened, judged, and worked on until something goes wrong or all is done.

mod sessions;

use crate::profile::Profile;
use crate::random::Random;
use crate::workload::{Changes, Maker, Point, Step, Workload};
use bmt_core::{GrayPaper, StateKey};
use bmt_io::SimDisk;
use bmt_store::{
    BulkLoadError, CheckpointError, Commit, CommitError, Db, Durability, Error, OpenError,
    ReadError, ReadSession, RollbackError,
};
use sessions::Overlays;

/// What the database must hold after a crash: at least the first of the workload's points, at most the
/// second.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Promise {
    pub(crate) least: usize,
    pub(crate) most: usize,
    /// The point that reads must show: of the last commit that returned.
    pub(crate) shown: usize,
    /// The newest one that was ever begun.
    pub(crate) reached: usize,
}

/// What was going on when a life ended, for the tally of crash points.
#[derive(Debug, Clone, Default)]
pub(crate) struct Doing {
    pub(crate) opening: bool,
    pub(crate) rollback: bool,
    /// Kinds of operation of the step.
    pub(crate) kinds: Vec<&'static str>,
    /// A checkpoint was given up for want of space before, in this life.
    pub(crate) abandoned: bool,
    /// Opening cut a torn tail, and the commit that was cut was begun again.
    pub(crate) cut_and_again: bool,
    /// Commits that an earlier life began, and that were lost, were begun again.
    pub(crate) rewritten: bool,
    pub(crate) torn: bool,
    pub(crate) errors: u64,
}

/// How a life ended.
pub(crate) enum End {
    /// The workload is done.
    Done(Box<Db>),
    /// The disk crashed, or the handle is poisoned.
    Stopped,
}

pub(crate) struct Life<'a> {
    pub(crate) workload: &'a Workload,
    pub(crate) profile: &'a Profile,
    pub(crate) disk: &'a SimDisk,
    pub(crate) number: usize,
    /// Steps after the opening.
    pub(crate) steps_max: usize,
    pub(crate) doing: Doing,
    /// Something was made to go wrong.
    pub(crate) is_armed: bool,
    sessions: Vec<(ReadSession<GrayPaper>, usize)>,
    overlays: Overlays,
}

/// Why a step ended early.
enum Early {
    Stopped,
    Broken(String),
}

impl<'a> Life<'a> {
    pub(crate) fn new(
        workload: &'a Workload,
        profile: &'a Profile,
        disk: &'a SimDisk,
        number: usize,
    ) -> Self {
        Self {
            workload,
            profile,
            disk,
            number,
            steps_max: usize::MAX,
            doing: Doing::default(),
            is_armed: false,
            sessions: Vec::new(),
            overlays: Overlays::default(),
        }
    }

    fn open(&self) -> Result<Db, OpenError> {
        Db::open_in(self.disk.directory(), &self.profile.options(self.number))
    }

    pub(crate) fn live(&mut self, promise: &mut Promise) -> Result<End, String> {
        self.doing.opening = true;
        let db = match self.open() {
            Ok(db) => db,
            Err(_) if self.is_expected() => return Ok(End::Stopped),
            Err(error) => return Err(format!("open: {error}")),
        };
        self.doing.opening = false;
        self.doing.torn = db.stats().recovery.torn_tail_bytes > 0;
        let held = match judge(&db, self.workload, promise) {
            Ok(held) => held,
            // Reads meet faults, too.
            Err(_) if self.is_expected() => return Ok(End::Stopped),
            Err(what) => return Err(what),
        };
        (promise.least, promise.most, promise.shown) = (held, held, held);
        let ended = self.work(db, promise);
        self.sessions.clear();
        self.overlays.clear();
        ended
    }

    fn work(&mut self, mut db: Db, promise: &mut Promise) -> Result<End, String> {
        let workload = self.workload;
        let from = workload.points[promise.most].next_step;
        for (index, step) in workload.steps.iter().enumerate().skip(from).take(self.steps_max) {
            db = match self.step(db, step, promise) {
                Ok(db) => db,
                Err(Early::Stopped) => return Ok(End::Stopped),
                Err(Early::Broken(what)) => return Err(format!("step {index}: {what}")),
            };
        }
        Ok(End::Done(Box::new(db)))
    }

    fn step(&mut self, db: Db, step: &Step, promise: &mut Promise) -> Result<Db, Early> {
        self.doing.rollback = matches!(step, Step::Rollback(_));
        self.doing.kinds = self.kinds_of(step, promise);
        let workload = self.workload;
        let (next, next_point) = (workload.points.get(promise.most + 1), promise.most + 1);
        let commits = matches!(
            step,
            Step::Commit(_)
                | Step::TightCommit(..)
                | Step::Rollback(_)
                | Step::BulkLoad(_)
                | Step::Session(..)
                | Step::CommitStaged { .. }
        );
        if commits {
            promise.most = next_point;
            self.doing.rewritten |= next_point <= promise.reached;
            self.doing.cut_and_again |= self.doing.torn && next_point <= promise.reached;
            promise.reached = promise.reached.max(next_point);
        }
        let made = match step {
            Step::Commit(changes) => {
                insert(&db, changes);
                self.try_twice(&db, promise, || Ok(db.commit()?))
            }
            Step::TightCommit(changes, free_bytes) => {
                insert(&db, changes);
                self.tight(&db, *free_bytes, promise, || Ok(db.commit()?))
            }
            Step::Rollback(count) => self.try_twice(&db, promise, || Ok(db.rollback(*count)?)),
            Step::BulkLoad(entries) => self.try_twice(&db, promise, || bulk_load(&db, entries)),
            Step::Session(changes, way) => {
                let base = &workload.points[next_point - 1];
                self.session(&db, promise, changes, *way, base)
            }
            Step::CommitStaged { changes, free_bytes } => {
                self.commit_staged(&db, promise, changes, *free_bytes)
            }
            Step::Reopen => return self.reopen(db, true, promise),
            Step::Restart => return self.reopen(db, false, promise),
            other => return self.aside(db, other, promise),
        }?;
        self.note_abandoned(&db);
        let next = next.ok_or(Early::Broken("more commits than planned".to_owned()))?;
        if made.root != next.root || made.sequence != next.sequence {
            return Err(Early::Broken(format!("commit {} has another root", made.sequence)));
        }
        promise.shown = next_point;
        // A database that is built is durable at once.
        let is_built = matches!(step, Step::BulkLoad(_));
        if self.profile.durability() == Durability::Immediate || is_built {
            promise.least = next_point;
        }
        same_window(&db, next).map_err(Early::Broken)?;
        Ok(db)
    }

    /// For the tally: what the step is about.
    fn kinds_of(&self, step: &Step, promise: &Promise) -> Vec<&'static str> {
        match step {
            Step::BulkLoad(_) => vec!["bulk load"],
            Step::Session(_, way) => sessions::kinds_of_way(*way),
            Step::CommitStaged { .. } => self.overlays.kinds(promise.most + 1),
            Step::ReadAt(_) => vec!["read at an old root"],
            Step::Rollback(count) => {
                let undoable = &self.workload.points[promise.most].undoable;
                let undone = &undoable[undoable.len() - count..];
                let is_of =
                    |maker| undone.iter().any(|index| self.workload.points[*index].maker == maker);
                let kinds = [
                    (Maker::Session, "rollback of a session"),
                    (Maker::Overlay, "rollback of an overlay"),
                ];
                kinds.into_iter().filter(|(maker, _)| is_of(*maker)).map(|(_, kind)| kind).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Steps that commit nothing.
    fn aside(&mut self, db: Db, step: &Step, promise: &mut Promise) -> Result<Db, Early> {
        match step {
            Step::Flush => {
                self.try_twice(&db, promise, || Ok(db.flush()?))?;
                promise.least = promise.most;
            }
            Step::Sync => {
                self.try_twice(&db, promise, || Ok(db.sync()?))?;
                promise.least = promise.most;
            }
            Step::TightFlush(free_bytes) => {
                self.fill_disk(*free_bytes);
                let flushed = db.flush();
                self.disk.set_capacity_bytes(None);
                match flushed {
                    Ok(()) => promise.least = promise.most,
                    Err(CheckpointError::NoSpace { .. }) => self.doing.abandoned = true,
                    Err(error) => {
                        self.once_more(&db, Error::from(error), promise, || Ok(db.flush()?))?;
                    }
                }
            }
            Step::Hold => self.sessions.push((db.begin_read(), promise.most)),
            Step::Look => {
                if let Some((session, sequence)) = self.sessions.first() {
                    let looked = compare(session, &self.workload.points[*sequence]);
                    match looked {
                        Err(_) if self.is_expected() => self.doing.errors += 1,
                        other => other.map_err(Early::Broken)?,
                    }
                }
            }
            Step::Release if !self.sessions.is_empty() => drop(self.sessions.remove(0)),
            other => self.beside(&db, other, promise)?,
        }
        Ok(db)
    }

    /// A commit with little space; with more space it must succeed, unless writing is over.
    fn tight(
        &mut self,
        db: &Db,
        free_bytes: u64,
        promise: &Promise,
        mut commit: impl FnMut() -> Result<Commit, Error>,
    ) -> Result<Commit, Early> {
        self.fill_disk(free_bytes);
        let made = commit();
        self.disk.set_capacity_bytes(None);
        match made {
            Ok(made) => Ok(made),
            Err(Error::Commit(CommitError::NoSpace { .. } | CommitError::BufferFull { .. })) => {
                self.try_twice(db, promise, commit)
            }
            Err(error) => self.once_more(db, error, promise, commit),
        }
    }

    fn fill_disk(&self, free_bytes: u64) {
        let lengths = self.disk.list().into_iter().map(|name| self.disk.read_file(&name));
        let used: usize = lengths.map(|bytes| bytes.map_or(0, |bytes| bytes.len())).sum();
        self.disk.set_capacity_bytes(Some(used as u64 + free_bytes));
    }

    fn note_abandoned(&mut self, db: &Db) {
        self.doing.abandoned |= db.stats().checkpoint_error.is_some();
    }

    fn reopen(&mut self, db: Db, close: bool, promise: &mut Promise) -> Result<Db, Early> {
        self.sessions.clear();
        self.overlays.clear();
        match close {
            false => drop(db),
            true => match db.close() {
                Ok(_) => promise.least = promise.most,
                Err(_) if self.is_expected() => self.doing.errors += 1,
                Err(error) => return Err(Early::Broken(format!("close: {error}"))),
            },
        }
        self.doing.opening = true;
        match self.open() {
            Ok(db) => {
                self.doing.opening = false;
                let promise_now = Promise { least: promise.most, ..*promise };
                match judge(&db, self.workload, &promise_now) {
                    Err(_) if self.is_expected() => return Err(Early::Stopped),
                    other => drop(other.map_err(Early::Broken)?),
                }
                // What is shown after opening was made durable.
                promise.least = promise.most;
                Ok(db)
            }
            Err(_) if self.is_expected() => Err(Early::Stopped),
            Err(error) => Err(Early::Broken(format!("reopen: {error}"))),
        }
    }

    /// Does something that may meet a fault; the second time it must succeed, unless writing is over.
    fn try_twice<T>(
        &mut self,
        db: &Db,
        promise: &Promise,
        mut run: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Early> {
        match run() {
            Ok(done) => Ok(done),
            Err(error) => self.once_more(db, error, promise, run),
        }
    }

    fn once_more<T>(
        &mut self,
        db: &Db,
        error: Error,
        promise: &Promise,
        mut run: impl FnMut() -> Result<T, Error>,
    ) -> Result<T, Early> {
        if self.disk.is_crashed() || !self.is_expected() || is_final(&error) {
            return Err(self.failed(db, &error, promise));
        }
        self.doing.errors += 1;
        run().map_err(|again| Early::Broken(format!("{error}; and again: {again}")))
    }

    /// What a failure means; reads must go on.
    fn failed(&mut self, db: &Db, error: &Error, promise: &Promise) -> Early {
        if self.disk.is_crashed() {
            return Early::Stopped;
        }
        if !self.is_expected() {
            return Early::Broken(error.to_string());
        }
        self.doing.errors += 1;
        let sequence = db.sequence();
        if self.workload.index_of(sequence, &db.root()) != Some(promise.shown) {
            return Early::Broken(format!("commit {sequence} is shown after: {error}"));
        }
        if let Err(what) = compare(&db.begin_read(), &self.workload.points[promise.shown]) {
            return Early::Broken(format!("{what}, after: {error}"));
        }
        if let Err(what) = self.overlays.judge_poisoned(self.workload) {
            return Early::Broken(format!("{what}, after: {error}"));
        }
        if let Ok(commit) = db.commit() {
            return Early::Broken(format!("commit {} was made after: {error}", commit.sequence));
        }
        Early::Stopped
    }

    /// Whether an operation may fail now: something was made to go wrong, and it has been met.
    fn is_expected(&self) -> bool {
        self.is_armed && self.disk.clear_faults() == 0
    }
}

/// Whether writing is over for the handle.
fn is_final(error: &Error) -> bool {
    let is_final_commit = |error: &CommitError| {
        matches!(error, CommitError::OutcomeUnknown { .. } | CommitError::Poisoned { .. })
    };
    match error {
        Error::Commit(error) => is_final_commit(error),
        Error::Rollback(RollbackError::Commit(error)) => is_final_commit(error),
        Error::Checkpoint(error) | Error::BulkLoad(BulkLoadError::Checkpoint(error)) => {
            matches!(error, CheckpointError::Poisoned { .. })
        }
        _ => false,
    }
}

fn insert(db: &Db, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => db.insert(*key, &**value).unwrap(),
            None => db.delete(key).unwrap(),
        }
    }
}

fn bulk_load(db: &Db, entries: &Changes) -> Result<Commit, Error> {
    let entries = entries.iter().map(|(key, value)| (*key, value.clone().unwrap_or_default()));
    Ok(db.bulk_load(entries)?)
}

/// The point that the database is at, which must be one that it may be at, whole.
pub(crate) fn judge(db: &Db, workload: &Workload, promise: &Promise) -> Result<usize, String> {
    let sequence = db.sequence();
    let Some(held) = workload.index_of(sequence, &db.root()) else {
        return Err(format!("commit {sequence} has another root"));
    };
    if held < promise.least || held > promise.most {
        let Promise { least, most, .. } = promise;
        return Err(format!("commit {sequence} is there, point {held} of {least} to {most}"));
    }
    let point = &workload.points[held];
    compare(&db.begin_read(), point)?;
    same_window(db, point)?;
    Ok(held)
}

fn same_window(db: &Db, point: &Point) -> Result<(), String> {
    let (found, expected) = (db.stats().undoable_commits, point.undoable.len());
    match found == expected {
        true => Ok(()),
        false => Err(format!("{found} commits can be undone, expected {expected}")),
    }
}

/// Compares every entry, and a few proofs.
pub(crate) fn compare(session: &ReadSession<GrayPaper>, point: &Point) -> Result<(), String> {
    let is_expired = |error: &ReadError| matches!(error, ReadError::SnapshotExpired);
    if session.root() != point.root || session.key_count() != point.state.len() as u64 {
        return Err("a version has another root or count".to_owned());
    }
    let range = match session.range(..) {
        Ok(range) => range,
        Err(error) if is_expired(&error) => return Ok(()),
        Err(error) => return Err(format!("range: {error}")),
    };
    let mut expected = point.state.iter();
    for entry in range {
        let (key, value) = match entry {
            Ok(entry) => entry,
            Err(error) if is_expired(&error) => return Ok(()),
            Err(error) => return Err(format!("range: {error}")),
        };
        if expected.next().is_none_or(|(at, bytes)| *at != key || value != bytes[..]) {
            return Err(format!("another entry at {key:?}"));
        }
    }
    if expected.next().is_some() {
        return Err("entries are missing".to_owned());
    }
    let mut random = Random(u64::from_le_bytes(point.root[..8].try_into().unwrap()));
    for _ in 0..3 {
        let present = point.state.keys().nth(random.index(point.state.len()));
        let key = match (present, random.percent(70)) {
            (Some(key), true) => *key,
            _ => StateKey::service_storage(5, &random.next().to_le_bytes()),
        };
        let proof = match session.prove(&key) {
            Ok(proof) => proof,
            Err(error) if is_expired(&error) => return Ok(()),
            Err(error) => return Err(format!("prove: {error}")),
        };
        let verified = match point.state.get(&key) {
            Some(value) => proof.verify_present(&point.root, &key, value),
            None => proof.verify_absent(&point.root, &key),
        };
        verified.map_err(|error| format!("a proof of {key:?}: {error}"))?;
    }
    Ok(())
}
