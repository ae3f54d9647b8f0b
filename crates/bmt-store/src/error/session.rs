//! What can go wrong with sessions, with building a database, and with states of the past.

use super::{CheckpointError, ReadError, WriteError};
use bmt_overlay::{ChainError, OverBudget};

/// Why a session could not be prepared. Nothing has happened.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The state that it stands on could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Steps that are prepared and not committed would take more memory than they may.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Reads or writes are not in strictly ascending order of their keys.
    #[error("{kind} {index} has a key that is not greater than the one before")]
    Unsorted {
        /// "read" or "write".
        kind: &'static str,
        /// The first one out of order.
        index: usize,
    },
    /// The value that a write is said to replace is not the one that is there.
    #[error("write {index} is said to replace another value than there is")]
    WrongPrior {
        /// The write.
        index: usize,
    },
    /// A value is longer than a value may be.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why a session could not begin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BeginError {
    /// The overlays given are not a chain down to a committed state.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// An overlay is of another handle.
    #[error("overlay {index} is of another database")]
    OtherDatabase {
        /// The overlay.
        index: usize,
    },
}

/// Why a session's operation was refused.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Reading failed.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A witness says what was read key by key; a range can't be put in it.
    #[error("a session with a witness reads no ranges")]
    RangeWithWitness,
}

/// Why a database could not be built from sorted entries. It is empty as before.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BulkLoadError {
    /// The database has commits, or entries.
    #[error("the database has {sequence} commits and {key_count} keys; loading needs an empty one")]
    NotEmpty {
        /// Its newest commit.
        sequence: u64,
        /// Its keys.
        key_count: u64,
    },
    /// The entries are not in strictly ascending order of their keys.
    #[error("entry {index} has a key that is not greater than the one before")]
    Unsorted {
        /// The first one out of order.
        index: usize,
    },
    /// Whoever gave the entries gave them up, as an import does whose file is damaged. The database is empty
    /// still.
    #[error("the entries were given up")]
    Refused,
    /// A value is longer than a value may be.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The trie could not be built.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Pages could not be written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Why a state of the past can't be read.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ReadAtError {
    /// No state in the rollback window has the root; also one that was rolled back.
    #[error("no state of the last {held} commits has this root")]
    UnknownRoot {
        /// Commits that can be undone.
        held: usize,
    },
    /// Too much has changed since.
    #[error("{bytes} bytes have changed since, over the limit of {bytes_max}")]
    HistoryTooLarge {
        /// Bytes of keys and values, at least.
        bytes: u64,
        /// The limit, [`crate::Options::history_bytes_max`].
        bytes_max: u64,
    },
    /// The state could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}
