//! A consistent copy of an open database, while commits go on: [`Db::checkpoint_to`].
//!
//! No checkpoint is made meanwhile, so pages, table and manifest stay as they are, and no record leaves the
//! log; commits only append to its last segment. That one is copied between two commits. The manifest comes
//! last: a directory without one is no database.

use crate::db::Db;
use crate::engine::Engine;
use crate::error::{CheckpointError, CommitError};
use crate::inspect::table_file_name;
use crate::layout::TREE_FILE;
use crate::manifest::{FILE, NEW_FILE};
use crate::staging::{Staging, StagingError};
use bmt_bitbox::TableNames;
use bmt_core::{Hash, Scheme};
use bmt_io::{Directory, File, IoError, IoOptions, open_directory};
use std::path::Path;

/// Bytes that are copied at a time.
const STEP_BYTES: u64 = 256 << 10;

/// A copy that is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Copied {
    /// The newest commit in it.
    pub sequence: u64,
    /// That commit's root.
    pub root: Hash,
    /// Bytes of its files.
    pub bytes: u64,
}

/// Why a database was not copied.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The place where the copy is to be.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// A file can't be read or written.
    #[error(transparent)]
    Io(#[from] IoError),
    /// An operation failed earlier, so that what is stored is known only after reopening.
    #[error("what is stored is not known after an earlier failure: {reason}; reopen the database")]
    Unknown {
        /// The operation that failed.
        reason: String,
    },
}

impl<S: Scheme> Db<S> {
    /// Copies the database to `path`, where there must be nothing, or an empty directory. The copy is a database
    /// of its own: the newest commit when the log is copied, the rollback window, and all; durable when this
    /// returns.
    ///
    /// It is made in `PATH.unfinished` beside it and gets its name at the end, in one step, as with
    /// [`crate::Import::build`]: what has the name is whole, after a crash too.
    ///
    /// Reads and commits go on. Everything is written to pages first; then checkpoints wait while files are
    /// copied, so a commit may have to wait too once the buffer is full. While the log's last segment is copied,
    /// 16 MiB by default, commits wait. Pages are shared with the copy where the file system can do that.
    ///
    /// ```
    /// use bmt_core::StateKey;
    /// use bmt_store::Db;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let (here, backup) = (directory.path().join("here"), directory.path().join("backup"));
    /// let db = Db::open(here)?;
    /// db.insert(StateKey::component(1), b"alpha")?;
    /// let root = db.commit()?.root;
    /// let copied = db.checkpoint_to(&backup)?;
    /// assert_eq!((copied.sequence, copied.root), (1, root));
    /// assert_eq!(Db::open(&backup)?.root(), root);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`CopyError`]. There is no copy then.
    pub fn checkpoint_to(&self, path: impl AsRef<Path>) -> Result<Copied, CopyError> {
        let staging = Staging::begin(path.as_ref())?;
        let options = IoOptions { create: true, ..self.engine.options.io.clone() };
        let target = open_directory(&staging.path(), &options)?;
        let copied = self.checkpoint_in(&*target)?;
        drop(target);
        staging.finish()?;
        Ok(copied)
    }

    /// Copies the database into an empty directory of any storage backend; see [`Db::checkpoint_to`]. Until the
    /// copy is whole, the directory has no manifest, and is refused as a database.
    ///
    /// # Errors
    /// See [`CopyError`].
    pub fn checkpoint_in(&self, target: &dyn Directory) -> Result<Copied, CopyError> {
        if !target.entries()?.is_empty() {
            return Err(StagingError::Exists { path: target.path().to_owned() }.into());
        }
        let _lock = target.try_lock()?;
        // It is only to make the copying short, so it may fail in other ways.
        if let Err(CheckpointError::Poisoned { reason }) = self.engine.checkpoint() {
            return Err(CopyError::Unknown { reason });
        }
        copy(&self.engine, target)
    }
}

fn copy<S: Scheme>(engine: &Engine<S>, target: &dyn Directory) -> Result<Copied, CopyError> {
    let source = &*engine.directory;
    // No checkpoint from here on.
    let state = engine.checkpointing.lock();
    check_poison(engine)?;
    let mut bytes = copy_file(source, target, TREE_FILE, Zeros::Holes)?;
    if let Some(stored) = &state.manifest.manifest.state {
        for name in table_files(&stored.table) {
            bytes += copy_file(source, target, &name, Zeros::Holes)?;
        }
    }
    let (sequence, root, sealed) = {
        // No commit from here on.
        let _writer = engine.writer.lock();
        check_poison(engine)?;
        let mut segments = engine.log.segment_names();
        if let Some(last) = segments.pop() {
            bytes += copy_file(source, target, &last, Zeros::Written)?;
        }
        let current = engine.current();
        (current.sequence(), current.view.root(), segments)
    };
    for name in sealed {
        bytes += copy_file(source, target, &name, Zeros::Written)?;
    }
    target.sync()?;
    bytes += copy_file_as(source, target, FILE, NEW_FILE, Zeros::Written)?;
    target.rename(NEW_FILE, FILE)?;
    target.sync()?;
    Ok(Copied { sequence, root, bytes })
}

fn check_poison<S: Scheme>(engine: &Engine<S>) -> Result<(), CopyError> {
    engine.check_poison().map_err(|error| match error {
        CommitError::Poisoned { reason } => CopyError::Unknown { reason },
        other => CopyError::Unknown { reason: other.to_string() },
    })
}

/// The files of the table, and of the one that it takes over from.
fn table_files(names: &TableNames) -> Vec<String> {
    let source = names.source.as_ref();
    std::iter::once(&names.target).chain(source).map(|name| table_file_name(name.table)).collect()
}

/// How long stretches of zeros are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zeros {
    /// Not at all: the file has holes there.
    Holes,
    /// As they are, so that later writes there need no space.
    Written,
}

fn copy_file(
    source: &dyn Directory,
    target: &dyn Directory,
    name: &str,
    zeros: Zeros,
) -> Result<u64, IoError> {
    copy_file_as(source, target, name, name, zeros)
}

/// Copies a file durably; how long it is.
fn copy_file_as(
    source: &dyn Directory,
    target: &dyn Directory,
    name: &str,
    new_name: &str,
    zeros: Zeros,
) -> Result<u64, IoError> {
    let (from, to) = (source.open(name)?, target.create(new_name)?);
    let len_bytes = from.len_bytes()?;
    if zeros == Zeros::Written || !share(&*from, &*to) {
        copy_bytes(&*from, &*to, len_bytes, zeros)?;
    }
    to.sync_data()?;
    Ok(len_bytes)
}

fn copy_bytes(from: &dyn File, to: &dyn File, len_bytes: u64, zeros: Zeros) -> Result<(), IoError> {
    to.set_len(len_bytes)?;
    let mut buffer = vec![0; usize::try_from(STEP_BYTES).unwrap_or_default()];
    let mut at = 0;
    while at < len_bytes {
        let count = usize::try_from(STEP_BYTES.min(len_bytes - at)).unwrap_or_default();
        let piece = buffer.get_mut(..count).unwrap_or_default();
        from.read_exact_at(piece, at)?;
        if zeros == Zeros::Written || piece.iter().any(|byte| *byte != 0) {
            to.write_all_at(piece, at)?;
        }
        at += count as u64;
    }
    Ok(())
}

/// Lets two files share their bytes until one is changed; false where that can't be had.
#[cfg(target_os = "linux")]
fn share(from: &dyn File, to: &dyn File) -> bool {
    match (from.os_file(), to.os_file()) {
        (Some(from), Some(to)) => rustix::fs::ioctl_ficlone(to, from).is_ok(),
        _ => false,
    }
}

/// Lets two files share their bytes until one is changed; false where that can't be had.
#[cfg(not(target_os = "linux"))]
fn share(_: &dyn File, _: &dyn File) -> bool {
    false
}
