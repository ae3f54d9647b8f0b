//! What can go wrong, one type a family of operations.

mod session;

use crate::check::CheckError;
use bmt_beatree::TreeError;
use bmt_bitbox::TableError;
use bmt_core::Hash;
use bmt_io::IoError;
use bmt_merkle::MerkleError;
use bmt_overlay::ParentNotCommitted;
use bmt_seglog::LogError;
use std::fmt;
use std::path::PathBuf;

pub use session::{BeginError, BulkLoadError, PrepareError, ReadAtError, SessionError};

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
    /// The changes of the log are more than the buffer holds, and they can't be written to pages.
    #[error("applying the log needs a checkpoint, which failed: {0}")]
    Checkpoint(CheckpointError),
    /// The threads that hash can't be started.
    #[error("the database can't start its threads: {reason}")]
    Threads {
        /// What the system says.
        reason: String,
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
    /// The version was held so long that its pages were needed for new ones. Take a new one.
    #[error("the snapshot has expired: old versions held more bytes than they may")]
    SnapshotExpired,
    /// The database was closed: others may have its files.
    #[error("the database was closed")]
    Closed,
    /// The trie's threads or its input failed, which is no damage: see the message.
    #[error("the trie can't be read: {reason}")]
    Trie {
        /// What the trie says.
        reason: String,
    },
}

impl From<TreeError> for ReadError {
    fn from(error: TreeError) -> Self {
        match error {
            TreeError::Io(error) => Self::Io(error),
            TreeError::Corruption { file, page, damage } => {
                let offset_bytes = u64::from(page) * bmt_io::PAGE_SIZE as u64;
                Corruption::new(&file, offset_bytes, damage.to_string()).into()
            }
            TreeError::SnapshotExpired { .. } => Self::SnapshotExpired,
            other => Corruption::new(crate::layout::TREE_FILE, 0, other.to_string()).into(),
        }
    }
}

impl From<MerkleError> for ReadError {
    fn from(error: MerkleError) -> Self {
        match error {
            // Of our sources, which box this very type.
            MerkleError::Pages(source) | MerkleError::Leaves(source) => {
                match source.downcast::<Self>() {
                    Ok(error) => *error,
                    Err(other) => Self::Trie { reason: other.to_string() },
                }
            }
            MerkleError::Threads(source) => Self::Trie { reason: source.to_string() },
            damage => Corruption::new("bitbox", 0, damage.to_string()).into(),
        }
    }
}

impl From<TableError> for ReadError {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Io(error) => Self::Io(error),
            TableError::Corruption { file, offset_bytes, reason } => {
                Corruption::new(&file, offset_bytes, reason).into()
            }
            other => Corruption::new("bitbox", 0, other.to_string()).into(),
        }
    }
}

impl From<LogError> for ReadError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Io(source) => Self::Io(source),
            LogError::Corruption { file, offset_bytes, reason, .. } => {
                Corruption::new(&file, offset_bytes, reason).into()
            }
            other => Corruption::new(crate::layout::LOG, 0, other.to_string()).into(),
        }
    }
}

/// Why a change was refused. It is not pending.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The database was opened for reading only.
    #[error("the database was opened for reading only")]
    ReadOnly,
    /// The value is longer than a value may be.
    #[error("a value of {length_bytes} bytes is over the limit of {max_bytes}")]
    ValueTooLarge {
        /// The value's length.
        length_bytes: u64,
        /// The limit.
        max_bytes: u64,
    },
}

impl WriteError {
    /// Fails if a value may not be so long.
    pub(crate) fn check_len(len: usize) -> Result<(), Self> {
        let (length_bytes, max_bytes) = (len as u64, crate::VALUE_BYTES_MAX);
        match length_bytes > max_bytes {
            true => Err(Self::ValueTooLarge { length_bytes, max_bytes }),
            false => Ok(()),
        }
    }
}

/// A state, as far as an error can name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateName {
    /// The sequence of its commit, if it was one.
    pub sequence: Option<u64>,
    /// Its root.
    pub root: Hash,
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sequence {
            Some(sequence) => write!(f, "commit {sequence}")?,
            None => f.write_str("an uncommitted state")?,
        }
        f.write_str(" with root ")?;
        self.root.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a commit was not made, or may not have been.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CommitError {
    /// The database was opened for reading only.
    #[error("the database was opened for reading only")]
    ReadOnly,
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
    /// The buffer of changes is full, and they can't be written to pages for want of space. The changes
    /// are still pending, and the database stays usable.
    #[error("the buffer is full and there is no space for a checkpoint: {reason}")]
    BufferFull {
        /// What stopped the checkpoint.
        reason: String,
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
    /// An operation failed, before this commit was written, so that this handle cannot write any more. The
    /// changes are still pending.
    #[error("the handle cannot write after an earlier failure: {reason}; reopen the database")]
    Poisoned {
        /// The operation that failed.
        reason: String,
    },
    /// The state could not be read, to compute the new root, or for the checkpoint that a full buffer waits for.
    /// The changes are still pending.
    #[error("the state can't be read: {0}")]
    Read(#[from] ReadError),
    /// The step does not stand on the newest state: another commit was made since it was prepared.
    #[error("made on {found}, and the newest state is {expected}")]
    Stale {
        /// The newest state.
        expected: Box<StateName>,
        /// The state that the step was made on.
        found: Box<StateName>,
    },
    /// The overlay's parent must be committed first.
    #[error(transparent)]
    ParentNotCommitted(#[from] ParentNotCommitted),
    /// The overlay was committed before, or the database was closed.
    #[error("it was committed before, or the database is closed")]
    Closed,
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
    /// The record of a commit to be undone can't be read.
    #[error("what a commit replaced can't be read: {0}")]
    Read(#[from] ReadError),
    /// The record that makes the rollback could not be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// What closing could not do. Every commit is durable all the same.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CloseError {
    /// The changes of the log could not be written to pages, or the manifest not be stored. The next
    /// opening applies the log again.
    #[error("closing could not write a checkpoint: {0}")]
    Checkpoint(#[from] CheckpointError),
}

/// Why a checkpoint was not made. Every commit is in the log all the same, and the database goes on,
/// unless it is poisoned.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The database was opened for reading only.
    #[error("the database was opened for reading only")]
    ReadOnly,
    /// The device is full. It can be tried again.
    #[error("no space on the device for a checkpoint: {reason}")]
    NoSpace {
        /// The failed operation.
        reason: String,
    },
    /// A page that is to be changed could not be read, or is damaged. Nothing durable is in doubt; it can be
    /// tried again.
    #[error("a checkpoint can't read what it changes: {0}")]
    Read(#[from] ReadError),
    /// Writing or syncing failed. Writes are over for this handle; reads go on.
    #[error("the handle cannot write after a failure: {reason}; reopen the database")]
    Poisoned {
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
    /// Of a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Of beginning a session.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// Of a session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Of preparing a session.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// Of building a database.
    #[error(transparent)]
    BulkLoad(#[from] BulkLoadError),
    /// Of reading a state of the past.
    #[error(transparent)]
    ReadAt(#[from] ReadAtError),
    /// Of closing.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// Of checking.
    #[error(transparent)]
    Check(#[from] CheckError),
}
