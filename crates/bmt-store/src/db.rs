//! The database handle and its simple API.

use crate::background::Background;
use crate::check::{self, CheckError, CheckProgress, CheckReport};
use crate::commit::buffered_bytes;
use crate::engine::{Engine, Writer};
use crate::error::{
    BeginError, BulkLoadError, CheckpointError, CloseError, CommitError, OpenError, ReadAtError,
    ReadError, RollbackError, WriteError,
};
use crate::history::Records;
use crate::open;
use crate::options::Options;
use crate::pending::{Changes, Pending};
use crate::range::Range;
use crate::read_session::ReadSession;
use crate::record::{self, Kind};
use crate::stats::{Recovery, Stats};
use crate::step::{self, Change, Step, Undo};
use crate::value::Value;
use crate::view::Version;
use crate::write_session::{Witnessing, WriteOptions, WriteSession};
use crate::write_set::WriteSet;
use bmt_core::{GrayPaper, Hash, PathProof, Scheme};
use bmt_io::Directory;
use bmt_rollback::{Plan, PlanError, plan};
use parking_lot::Mutex;
use std::fmt;
use std::ops::RangeBounds;
use std::path::Path;
use std::sync::Arc;

/// The longest value, in bytes: 512 MiB.
pub const VALUE_BYTES_MAX: u64 = 512 << 20;

/// A state database in a directory: committed state on disk, and changes pending in memory.
///
/// A handle is `Send + Sync` and all methods take `&self`; put it in an `Arc` to share it. One
/// handle has a directory open at a time, over all processes.
///
/// Pending changes are seen by [`Db::get`], [`Db::range`] and [`Db::pending_root`] of this handle,
/// and by nothing else. [`Db::commit`] makes all of them durable and visible at once, on top of the
/// newest committed state. Dropping a handle drops its pending changes.
///
/// Reads never wait for commits or checkpoints.
pub struct Db<S: Scheme = GrayPaper> {
    pub(crate) engine: Arc<Engine<S>>,
    pub(crate) pending: Mutex<Pending<S>>,
    /// Held while the pending changes are committed.
    pub(crate) committing: Mutex<()>,
    pub(crate) background: Background<S>,
    pub(crate) recovery: Recovery,
}

/// A commit that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// Its number: 1 for a database's first commit, one more for each commit and rollback.
    pub sequence: u64,
    /// The root before.
    pub previous_root: Hash,
    /// The root now.
    pub root: Hash,
}

/// What closing a handle did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Closed {
    /// Keys whose pending change was dropped.
    pub dropped_changes: usize,
}

impl Db<GrayPaper> {
    /// Opens the database of the Gray Paper scheme in a directory, with default options. Makes it
    /// if the directory is missing or empty.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, &Options::new())
    }

    /// Opens the database of the Gray Paper scheme in a directory for reading only; see
    /// [`Options::read_only`].
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::open_with(path, &Options::new().read_only(true))
    }
}

impl<S: Scheme> Db<S> {
    /// Opens a database of any scheme.
    ///
    /// Reads the index of the pages, about one page for 200 leaf pages, and applies the commits that
    /// no checkpoint has written to pages.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Self, OpenError> {
        open::at_path(path.as_ref(), options)
    }

    /// Opens a database in a directory of any storage backend, for instance a simulated disk.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub fn open_in(directory: Arc<dyn Directory>, options: &Options) -> Result<Self, OpenError> {
        open::in_directory(directory, options)
    }

    /// Sets a key's value, pending until the next commit. An empty value is a value.
    ///
    /// # Errors
    /// [`WriteError::ValueTooLarge`] and [`WriteError::ReadOnly`].
    pub fn insert(&self, key: S::Key, value: impl AsRef<[u8]>) -> Result<(), WriteError> {
        let value = value.as_ref();
        self.check_writable()?;
        WriteError::check_len(value.len())?;
        self.pending.lock().write(key, Some(value));
        Ok(())
    }

    /// Deletes a key, pending until the next commit. Deleting an absent key is allowed.
    ///
    /// # Errors
    /// [`WriteError::ReadOnly`].
    pub fn delete(&self, key: &S::Key) -> Result<(), WriteError> {
        self.check_writable()?;
        self.pending.lock().write(*key, None);
        Ok(())
    }

    /// The value of a key, pending changes included; `None` if it is absent.
    ///
    /// No page is read if it is in memory, else one; for a value of more than 1,280 bytes one more, and one
    /// for each 4 MiB.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        self.engine.timings.read(|| self.read(key))
    }

    fn read(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        if let Some(change) = self.pending.lock().get(key) {
            return Ok(change.map(Value::from));
        }
        // A commit publishes its version before it takes its changes out of `pending`.
        match self.engine.current.load().view.get(key) {
            Err(ReadError::SnapshotExpired) => self.engine.on_newest(|newest| newest.view.get(key)),
            result => result,
        }
    }

    /// The entries with keys in `bounds`, in key order, pending changes included; reversible. The
    /// iterator is a snapshot. Costs O(pending changes) at the start.
    ///
    /// # Errors
    /// See [`ReadError`]; so may each item.
    pub fn range(&self, bounds: impl RangeBounds<S::Key>) -> Result<Range<S>, ReadError> {
        let (changes, version) = self.with_pending();
        Ok(Range::new(&version.view, &bounds, changes))
    }

    /// The root of the newest committed state.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.engine.current.load().view.root()
    }

    /// The sequence of the newest commit; 0 if there is none.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.engine.current.load().sequence()
    }

    /// A session that reads the newest committed state, for as long as it lives, whatever is
    /// committed meanwhile.
    #[must_use]
    pub fn begin_read(&self) -> ReadSession<S> {
        ReadSession::new(&self.engine)
    }

    /// A session that reads the state with this root: the newest, or one that [`Db::rollback`] could restore.
    /// If several had it, the newest of them.
    ///
    /// Reads a record of the log for each commit since, and computes the trie of that state.
    ///
    /// # Errors
    /// See [`ReadAtError`].
    pub fn begin_read_at(&self, root: &Hash) -> Result<ReadSession<S>, ReadAtError> {
        crate::history::read_at(&self.engine, root)
    }

    /// A session that writes on the newest committed state.
    #[must_use]
    pub fn begin_write(&self) -> WriteSession<S> {
        WriteSession::on_newest(&self.engine, Witnessing::Off)
    }

    /// A session that writes on the newest committed state, or on overlays.
    ///
    /// # Errors
    /// See [`BeginError`].
    pub fn begin_write_with(
        &self,
        options: &WriteOptions<S>,
    ) -> Result<WriteSession<S>, BeginError> {
        WriteSession::begin(&self.engine, options)
    }

    /// The root that a commit would have now. Costs what computing the commit costs.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn pending_root(&self) -> Result<Hash, ReadError> {
        self.engine.on_newest(|_| {
            let (changes, version) = self.with_pending();
            Ok(self.compute(&version, &step::of_map::<S>(&changes), Undo::None)?.root())
        })
    }

    /// A proof of the key's value, or of its absence, against [`Db::root`]. Pending changes do not
    /// count. While commits go on elsewhere, take root and proof from [`Db::prove_with_root`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, ReadError> {
        self.engine
            .timings
            .proof(|| self.engine.on_newest(|newest| newest.view.prove(&self.engine.merkle, key)))
    }

    /// The committed root, the key's committed value, and the proof of it: all of one version.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove_with_root(
        &self,
        key: &S::Key,
    ) -> Result<(Hash, Option<Value>, PathProof<S>), ReadError> {
        let prove = |newest: &Version<S>| {
            let proof = newest.view.prove(&self.engine.merkle, key)?;
            Ok((newest.view.root(), newest.view.get(key)?, proof))
        };
        self.engine.timings.proof(|| self.engine.on_newest(prove))
    }

    /// Makes the pending changes durable and visible, as one atomic step; also without any change.
    ///
    /// Reads what of the changed keys' neighbourhood is not in memory, hashes it, and appends one record to
    /// the log: one `fdatasync`. Waits if the buffer of changes is full until a checkpoint has emptied it.
    ///
    /// # Errors
    /// See [`CommitError`], which says for each case whether the changes are still pending.
    pub fn commit(&self) -> Result<Commit, CommitError> {
        let timings = &self.engine.timings;
        timings.time(&timings.commit, || self.commit_pending())
    }

    fn commit_pending(&self) -> Result<Commit, CommitError> {
        let committing = self.committing.lock();
        let changes = self.pending.lock().start_commit();
        let result = self.commit_changes(&changes);
        drop(changes);
        let taken = self.pending.lock().finish_commit(result.is_ok());
        drop((committing, taken));
        if result.is_ok() {
            self.engine.after_commit();
        }
        result
    }

    fn commit_changes(&self, changes: &WriteSet<S>) -> Result<Commit, CommitError> {
        self.check_size(changes)?;
        self.engine.wait_for_room(buffered_bytes(changes.values()))?;
        let changes = changes.sorted();
        let mut writer = self.engine.writer.lock();
        let step = self.engine.on_newest(|newest| self.compute(newest, &changes, Undo::Noted))?;
        let kind = Kind::Commit { parent: writer.window.head() };
        let commit = self.engine.commit_step(&mut writer, kind, &step);
        drop(writer);
        self.engine.merkle.drop_aside(step);
        commit
    }

    /// Before anything is hashed or copied.
    fn check_size(&self, changes: &WriteSet<S>) -> Result<(), CommitError> {
        let bytes = record::bytes_min::<S::Key>(changes.values());
        let max_bytes = self.engine.options.commit_bytes_max;
        match bytes > max_bytes {
            true => Err(CommitError::TooLarge { bytes, max_bytes }),
            false => Ok(()),
        }
    }

    fn compute(
        &self,
        version: &Version<S>,
        changes: &[Change<'_, S>],
        undo: Undo,
    ) -> Result<Step<S>, ReadError> {
        let Engine { timings, merkle, ids, .. } = &*self.engine;
        timings.prepare(|| step::compute(merkle, ids, &version.base(), changes, undo))
    }

    /// Builds the first state of an empty database from entries in ascending order of their keys; durable when
    /// it returns. It is the state of sequence 0, and can't be undone. Pending changes stay pending.
    ///
    /// Pages are written once and in order, and the log is not used. Takes about 15 bytes of memory a key
    /// beside the caches. Commits and checkpoints wait meanwhile.
    ///
    /// # Errors
    /// See [`BulkLoadError`].
    pub fn bulk_load<V: AsRef<[u8]>>(
        &self,
        entries: impl IntoIterator<Item = (S::Key, V)>,
    ) -> Result<Commit, BulkLoadError> {
        self.engine.bulk_load(entries, |_| true)
    }

    /// Drops the pending changes, also those that other threads write meanwhile, and undoes the newest
    /// `count` commits, as one new durable step; 0 drops only, and returns the newest step's sequence
    /// and root.
    ///
    /// A rollback is not a commit to undo: after it, the next rollback goes further back. What the commits
    /// replaced is read from the log.
    ///
    /// # Errors
    /// [`RollbackError::HistoryTooShort`]; or as [`Db::commit`]. Nothing is dropped then.
    pub fn rollback(&self, count: usize) -> Result<Commit, RollbackError> {
        let timings = &self.engine.timings;
        timings.time(&timings.commit, || self.roll_back(count))
    }

    fn roll_back(&self, count: usize) -> Result<Commit, RollbackError> {
        let committing = self.committing.lock();
        if count == 0 {
            let version = self.engine.current();
            self.pending.lock().clear();
            let (sequence, root) = (version.sequence(), version.view.root());
            return Ok(Commit { sequence, previous_root: root, root });
        }
        // Read twice if commits come in between: the first time tells how much room is needed.
        let plan = self.plan(&self.engine.writer.lock(), count)?;
        let bytes = buffered_bytes(plan.changes.values().map(|value| value.as_deref()));
        self.engine.wait_for_room(bytes)?;
        let commit = {
            let mut writer = self.engine.writer.lock();
            let plan = match plan.head == writer.window.head() {
                true => plan,
                false => self.plan(&writer, count)?,
            };
            self.undo(&mut writer, &plan)?
        };
        self.pending.lock().clear();
        drop(committing);
        self.engine.after_commit();
        Ok(commit)
    }

    fn plan(&self, writer: &Writer, count: usize) -> Result<Plan<S::Key>, RollbackError> {
        plan(&writer.window, &Records::new(&self.engine), count).map_err(|error| match error {
            PlanError::TooShort { asked, held } => RollbackError::HistoryTooShort { asked, held },
            PlanError::Source(error) => RollbackError::Read(error),
            other => RollbackError::Read(crate::history::unexpected(&other)),
        })
    }

    fn undo(&self, writer: &mut Writer, plan: &Plan<S::Key>) -> Result<Commit, RollbackError> {
        let changes = step::of_map::<S>(&plan.changes);
        let step = self.engine.on_newest(|newest| self.compute(newest, &changes, Undo::None))?;
        if step.root() != plan.root {
            return Err(crate::history::wrong_undo().into());
        }
        let kind = Kind::Rollback { restored: plan.restored };
        Ok(self.engine.commit_step(writer, kind, &step)?)
    }

    /// Makes every commit durable that has returned; only [`crate::Durability::Eventual`] needs it.
    ///
    /// # Errors
    /// [`CommitError::OutcomeUnknown`] and [`CommitError::Poisoned`].
    pub fn sync(&self) -> Result<(), CommitError> {
        self.engine.sync()
    }

    /// Writes every commit to pages now, so that the next opening has nothing to apply. Reads and commits
    /// go on.
    ///
    /// # Errors
    /// See [`CheckpointError`]. No commit is lost.
    pub fn flush(&self) -> Result<(), CheckpointError> {
        self.engine.checkpoint()
    }

    /// Reads everything and compares it: both slots of the manifest, every record of the log, every page of the
    /// ordered store and of the table, and every hash of the trie, from the entries of the newest state
    /// at this moment up to the root. Also finds pages that nothing names. `progress` is called now and then,
    /// and must not use this handle.
    ///
    /// Reads and commits go on meanwhile; checkpoints wait, so a commit may have to wait too once
    /// the buffer is full. Reads every page once, pages of the trie twice; memory is a few MB, a byte for
    /// each page of the ordered store, and the trie's pages.
    ///
    /// # Errors
    /// See [`CheckError`]. Damage is in the report.
    pub fn check(
        &self,
        mut progress: impl FnMut(CheckProgress) + Send,
    ) -> Result<CheckReport, CheckError> {
        check::check(&self.engine, &mut progress)
    }

    /// Figures of this handle.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let pending = self.pending.lock().count();
        Stats::of(&self.engine, pending, &self.recovery)
    }

    /// Closes the handle: drops pending changes, says how many keys they were of, writes every commit to
    /// pages, and lets go of the directory. What reads of sessions, overlays and ranges that are left return then is
    /// [`ReadError::Closed`], and committing is [`CommitError::Closed`]; a commit that is under way is waited for.
    ///
    /// Every commit is durable already; a handle that is dropped leaves it to the next opening to apply the
    /// log. It leaves the directory to its sessions and overlays, too: they can be read, and the last one that is
    /// dropped lets go of it.
    ///
    /// # Errors
    /// [`CloseError`] when pages could not be written. The handle is closed all the same.
    pub fn close(self) -> Result<Closed, CloseError> {
        let dropped_changes = self.pending.lock().clear();
        let Self { engine, background, .. } = self;
        drop(background);
        let written = engine.finish();
        engine.let_go();
        written?;
        Ok(Closed { dropped_changes })
    }

    /// The committed state and the pending changes on top.
    fn with_pending(&self) -> (Changes<S>, Arc<Version<S>>) {
        // Both under the pending lock: a commit publishes its version, then takes the lock to take
        // its changes out. Putting changes on a version that has them already changes nothing.
        let pending = self.pending.lock();
        (pending.all(), self.engine.current())
    }
}

impl<S: Scheme> fmt::Debug for Db<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.engine.current();
        f.debug_struct("Db")
            .field("path", &self.engine.directory.path())
            .field("scheme", &S::NAME)
            .field("sequence", &version.sequence())
            .field("key_count", &version.view.key_count)
            .finish_non_exhaustive()
    }
}
