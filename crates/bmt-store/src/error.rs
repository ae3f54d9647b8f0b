//! What can go wrong, one type a family of operations.

use bmt_io::IoError;
use std::path::PathBuf;

/// Bytes on disk that cannot be what was written: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: damage at byte {offset_bytes}: {reason}")]
#[non_exhaustive]
pub struct Corruption {
    /// The file's name in the database directory.
    pub file: String,
    /// Where in the file.
    pub offset_bytes: u64,
    /// What does not hold.
    pub reason: String,
}

impl Corruption {
    pub(crate) fn new(file: &str, offset_bytes: u64, reason: impl Into<String>) -> Self {
        Self { file: file.to_owned(), offset_bytes, reason: reason.into() }
    }
}

/// Why a database could not be opened. Nothing was changed, but for what recovery may always do:
/// cutting a torn tail off the log, and copying the valid slot of the manifest over the other. A new
/// database that could not be made leaves files, which the next opening completes.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is no database, and the options forbid to make one.
    #[error("{}: no database here, and creating one is off", path.display())]
    NotFound {
        /// The directory.
        path: PathBuf,
    },
    /// The directory has files and no manifest: it is something else.
    #[error("{}: not a database: it holds {found:?} and no manifest", path.display())]
    NotADatabase {
        /// The directory.
        path: PathBuf,
        /// Some file that is there.
        found: String,
    },
    /// An option is out of its range. Nothing was read or written.
    #[error("option {name} is {found}, it must be {rule}")]
    InvalidOption {
        /// The option.
        name: &'static str,
        /// Its value.
        found: u64,
        /// What it must be.
        rule: &'static str,
    },
    /// The database was made with another scheme: other keys, other hashes.
    #[error("the database has scheme {stored}, it was opened as {asked}")]
    SchemeMismatch {
        /// The identifier of the stored scheme.
        stored: u32,
        /// The identifier of the scheme asked for.
        asked: u32,
    },
    /// Another process, or another handle, has the database open.
    #[error("{}: another handle has the database open", path.display())]
    Locked {
        /// The directory.
        path: PathBuf,
    },
    /// A file was written by a version that this build does not know.
    #[error("{file}: format version {found} is not supported, this build reads {supported}")]
    UnsupportedVersion {
        /// The file's name.
        file: String,
        /// The version found.
        found: u32,
        /// The version this build reads.
        supported: u32,
    },
    /// A file uses features that this build does not know, of its format's version.
    #[error("{file}: features {found:#x} are not supported by this build")]
    UnsupportedFeatures {
        /// The file's name.
        file: String,
        /// The feature flags found.
        found: u64,
    },
    /// Damage that a crash cannot explain.
    #[error(transparent)]
    Corruption(#[from] Corruption),
    /// The device is full.
    #[error("no space on the device to open the database: {source}")]
    NoSpace {
        /// The failed operation.
        source: IoError,
    },
    /// The system has no random numbers to give a new database its salt.
    #[error("no randomness for the salt of a new database: {reason}")]
    NoRandomness {
        /// What the system says.
        reason: String,
    },
    /// The system refused an operation.
    #[error(transparent)]
    Io(IoError),
}

/// Why a read failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Damage found while reading.
    #[error(transparent)]
    Corruption(#[from] Corruption),
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Why a change was refused. It is not pending.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The value is longer than a value may be.
    #[error("a value of {length_bytes} bytes is over the limit of {max_bytes}")]
    ValueTooLarge {
        /// The value's length.
        length_bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
}

/// Why a commit was not made, or may not have been.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The changes are more than [`crate::Options::commit_bytes_max`]. They are still pending;
    /// [`crate::Db::rollback`] of 0 drops them.
    #[error("a commit of {bytes} bytes is over the limit of {max_bytes}")]
    TooLarge {
        /// Bytes the record would have.
        bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
    /// The device is full. Nothing was written; the changes are still pending, and the database
    /// stays usable.
    #[error("no space on the device for the commit: {source}")]
    NoSpace {
        /// The failed operation.
        source: IoError,
    },
    /// Writing or syncing the record failed: whether it is durable, only reopening tells. Reads go
    /// on, from the state before with the changes still pending; writes are over for this handle.
    #[error("whether commit {sequence} is durable is unknown: {reason}; reopen the database")]
    OutcomeUnknown {
        /// The commit's sequence.
        sequence: u64,
        /// The operation that failed.
        reason: String,
    },
    /// An earlier operation failed so that this handle cannot write any more. The changes are still
    /// pending.
    #[error("the handle cannot write after an earlier failure: {reason}; reopen the database")]
    Poisoned {
        /// The operation that failed.
        reason: String,
    },
    /// The log refused the record before anything was written. The changes are still pending.
    #[error("the log refused the commit: {reason}")]
    Refused {
        /// What the log says.
        reason: String,
    },
}

/// Why a rollback was not made.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RollbackError {
    /// Fewer commits can be undone. Nothing was changed, pending changes included.
    #[error("{asked} commits were to be undone and {held} can be")]
    HistoryTooShort {
        /// Commits to undo.
        asked: usize,
        /// Commits that can be undone.
        held: usize,
    },
    /// The record that makes the rollback could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// What closing could not do. Every commit is durable all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseError {
    /// The manifest could not be written.
    #[error("closing could not note in the manifest how far the log reaches: {reason}")]
    Manifest {
        /// The operation that failed.
        reason: String,
    },
}

/// Any error of the database.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Of opening.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Of reading.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Of a change.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Of a commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Of a rollback.
    #[error(transparent)]
    Rollback(#[from] RollbackError),
    /// Of closing.
    #[error(transparent)]
    Close(#[from] CloseError),
}
