//! The database handle and its simple API.

use crate::error::{CloseError, CommitError, OpenError, ReadError, RollbackError, WriteError};
use crate::history::{History, Undo};
use crate::manifest::ManifestFile;
use crate::open;
use crate::options::Options;
use crate::pending::{Changes, Content, Pending};
use crate::range::Range;
use crate::record::{self, Kind};
use crate::stats::{Recovery, Stats};
use crate::value::Value;
use bmt_core::{GrayPaper, Hash, PathProof, Scheme, Trie};
use bmt_io::{Directory, DirectoryLock};
use bmt_seglog::Log;
use parking_lot::{Mutex, RwLock};
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
pub struct Db<S: Scheme = GrayPaper> {
    pub(crate) version: RwLock<Arc<Version<S>>>,
    pub(crate) pending: Mutex<Pending<S>>,
    pub(crate) writer: Mutex<Writer<S>>,
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) recovery: Recovery,
    pub(crate) _lock: DirectoryLock,
}

/// A committed state, immutable.
pub(crate) struct Version<S: Scheme> {
    pub(crate) sequence: u64,
    pub(crate) root: Hash,
    pub(crate) trie: Trie<S>,
}

/// What only one commit at a time touches.
pub(crate) struct Writer<S: Scheme> {
    pub(crate) log: Log,
    pub(crate) history: History<S>,
    pub(crate) manifest: ManifestFile,
    pub(crate) commit_bytes_max: u64,
}

/// A commit that is durable.
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
}

impl<S: Scheme> Db<S> {
    /// Opens a database of any scheme.
    ///
    /// Reads the whole log: about 0.1 s for 10,000 commits of 10 changes.
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
    /// [`WriteError::ValueTooLarge`].
    pub fn insert(&self, key: S::Key, value: impl Into<Vec<u8>>) -> Result<(), WriteError> {
        let value: Vec<u8> = value.into();
        let length_bytes = value.len() as u64;
        if length_bytes > VALUE_BYTES_MAX {
            return Err(WriteError::ValueTooLarge { length_bytes, max_bytes: VALUE_BYTES_MAX });
        }
        self.pending.lock().write(key, Some(value.into()));
        Ok(())
    }

    /// Deletes a key, pending until the next commit. Deleting an absent key is allowed.
    ///
    /// # Errors
    /// None today; the engine may refuse a change.
    pub fn delete(&self, key: &S::Key) -> Result<(), WriteError> {
        self.pending.lock().write(*key, None);
        Ok(())
    }

    /// The value of a key, pending changes included; `None` if it is absent.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        if let Some(change) = self.pending.lock().get(key) {
            return Ok(change.map(Value::from));
        }
        // A commit publishes its version before it takes its changes out of `pending`.
        Ok(self.version().trie.get(key).map(|value| Value::from(Arc::clone(value))))
    }

    /// The entries with keys in `bounds`, in key order, pending changes included; reversible. The
    /// iterator is a snapshot. Costs O(pending changes) at the start.
    ///
    /// # Errors
    /// See [`ReadError`]; so may each item.
    pub fn range(&self, bounds: impl RangeBounds<S::Key>) -> Result<Range<S>, ReadError> {
        Ok(Range::new(self.with_pending().range(bounds)))
    }

    /// The root of the newest committed state.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.version().root
    }

    /// The sequence of the newest commit; 0 if there is none.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.version().sequence
    }

    /// The root that a commit would have now. Costs O(pending changes) and the hashes on their paths,
    /// which the commit computes again.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn pending_root(&self) -> Result<Hash, ReadError> {
        Ok(self.with_pending().root())
    }

    /// A proof of the key's value, or of its absence, against [`Db::root`]. Pending changes do not
    /// count. While commits go on elsewhere, take root and proof from [`Db::prove_with_root`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, ReadError> {
        Ok(self.version().trie.prove_hashed(key))
    }

    /// The committed root, the key's committed value, and the proof of it: all of one version.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove_with_root(
        &self,
        key: &S::Key,
    ) -> Result<(Hash, Option<Value>, PathProof<S>), ReadError> {
        let version = self.version();
        let value = version.trie.get(key).map(|value| Value::from(Arc::clone(value)));
        Ok((version.root, value, version.trie.prove_hashed(key)))
    }

    /// Makes the pending changes durable and visible, as one atomic step; also without any change.
    ///
    /// Costs one append to the log, one `fdatasync`, and a copy of the changes in memory.
    ///
    /// # Errors
    /// See [`CommitError`], which says for each case whether the changes are still pending.
    pub fn commit(&self) -> Result<Commit, CommitError> {
        let mut writer = self.writer.lock();
        let changes = self.pending.lock().start_commit();
        let parent = writer.history.head();
        let result = self.append(&mut writer, Kind::Commit { parent }, &changes);
        self.pending.lock().finish_commit(result.is_ok());
        result
    }

    /// Drops the pending changes, also those that other threads write meanwhile, and undoes the newest
    /// `count` commits, as one new durable step; 0 drops only, and returns the newest step's sequence
    /// and root.
    ///
    /// A rollback is not a commit to undo: after it, the next rollback goes further back.
    ///
    /// # Errors
    /// [`RollbackError::HistoryTooShort`]; or as [`Db::commit`]. Nothing is dropped then.
    pub fn rollback(&self, count: usize) -> Result<Commit, RollbackError> {
        let mut writer = self.writer.lock();
        if count == 0 {
            self.pending.lock().clear();
            let version = self.version();
            let (sequence, root) = (version.sequence, version.root);
            return Ok(Commit { sequence, previous_root: root, root });
        }
        let held = writer.history.len();
        let plan = writer.history.plan(count);
        let plan = plan.ok_or(RollbackError::HistoryTooShort { asked: count, held })?;
        let kind = Kind::Rollback { restored: plan.restored };
        let commit = self.append(&mut writer, kind, &plan.changes)?;
        assert_eq!(commit.root, plan.root, "undoing a commit restores its previous root");
        self.pending.lock().clear();
        Ok(commit)
    }

    /// Figures of this handle. Waits for a commit that is under way.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let writer = self.writer.lock();
        let version = self.version();
        Stats {
            sequence: version.sequence,
            key_count: version.trie.len(),
            pending_changes: self.pending.lock().count(),
            undoable_commits: writer.history.len(),
            undo_bytes: writer.history.size_bytes(),
            log: writer.log.stats(),
            io: self.directory.stats(),
            backend: self.directory.backend(),
            recovery: self.recovery.clone(),
        }
    }

    /// Closes the handle: drops pending changes, says how many keys they were of, notes in the
    /// manifest how far the log reaches, and releases the directory.
    ///
    /// Every commit is durable already. The note, one `fdatasync`, lets the next opening tell a log
    /// that lost its end from one that was torn by a crash; a handle that is dropped leaves none.
    ///
    /// # Errors
    /// [`CloseError`] when the note could not be written. The handle is closed all the same.
    pub fn close(self) -> Result<Closed, CloseError> {
        let sequence = self.version().sequence;
        let dropped_changes = self.pending.lock().clear();
        let noted = self.writer.lock().manifest.store_log_through(sequence);
        noted.map_err(|error| CloseError::Manifest { reason: error.to_string() })?;
        Ok(Closed { dropped_changes })
    }

    fn version(&self) -> Arc<Version<S>> {
        Arc::clone(&self.version.read())
    }

    /// The committed state with the pending changes on top.
    fn with_pending(&self) -> Trie<S> {
        // Both under the pending lock: a commit publishes its version, then takes the lock to take
        // its changes out. Putting changes on a version that has them already changes nothing.
        let (changes, mut trie) = {
            let pending = self.pending.lock();
            (pending.all(), self.version().trie.clone())
        };
        for (key, value) in changes {
            put(&mut trie, key, value);
        }
        trie
    }

    /// Appends one step to the log, syncs, and publishes the new version.
    fn append(
        &self,
        writer: &mut Writer<S>,
        kind: Kind,
        changes: &Changes<S>,
    ) -> Result<Commit, CommitError> {
        // Before anything is hashed or copied.
        let (bytes, max_bytes) = (record::encoded_bytes::<S>(changes), writer.commit_bytes_max);
        if bytes > max_bytes {
            return Err(CommitError::TooLarge { bytes, max_bytes });
        }
        let base = self.version();
        let mut trie = base.trie.clone();
        let before = (changes.iter())
            .map(|(key, value)| (*key, put(&mut trie, *key, value.clone())))
            .collect();
        let (previous_root, root) = (base.root, trie.root());
        let payload = record::encode::<S>(kind, &previous_root, &root, changes);
        let position = writer.log.append_sync(&payload).map_err(open::commit_error)?;
        let sequence = position.sequence;
        assert_eq!(sequence, base.sequence + 1, "each step is one record of the log");
        *self.version.write() = Arc::new(Version { sequence, root, trie });
        match kind {
            Kind::Commit { parent } => {
                writer.history.push(Undo { sequence, parent, previous_root, before });
            }
            Kind::Rollback { restored } => writer.history.rewind(restored),
        }
        Ok(Commit { sequence, previous_root, root })
    }
}

/// Sets or removes a key and returns what it had.
pub(crate) fn put<S: Scheme>(trie: &mut Trie<S>, key: S::Key, value: Content) -> Content {
    match value {
        Some(value) => trie.insert(key, value),
        None => trie.remove(&key),
    }
}

impl<S: Scheme> fmt::Debug for Db<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = self.version();
        f.debug_struct("Db")
            .field("path", &self.directory.path())
            .field("scheme", &S::NAME)
            .field("sequence", &version.sequence)
            .field("key_count", &version.trie.len())
            .finish_non_exhaustive()
    }
}
