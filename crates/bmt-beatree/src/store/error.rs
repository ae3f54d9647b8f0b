//! What can go wrong with a store: [`StoreError`].

use crate::error::{Damage, TreeError};
use bmt_io::IoError;
use bmt_io::slots::SlotsError;
use bmt_seglog::LogError;
use std::sync::Arc;

/// An operation on a [`crate::Store`] failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Pages could not be read or written.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The commit log failed; nothing was committed unless the error says that it is unknown.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The file that says where everything begins failed.
    #[error(transparent)]
    Slots(#[from] SlotsError),
    /// Storage failed in an operation that made no promise.
    #[error(transparent)]
    Io(#[from] IoError),
    /// The directory has files and none of them says that it is a store.
    #[error("not a store: {file:?} is there, {expected:?} is not")]
    NotAStore {
        /// One of the files.
        file: String,
        /// The file that a store has.
        expected: &'static str,
    },
    /// The store was written by a newer version of this crate.
    #[error(
        "{file:?}: store format version {version} with flags {flags:#x}, this release reads version 1"
    )]
    Unsupported {
        /// The file.
        file: &'static str,
        /// Its format version.
        version: u32,
        /// Its feature flags.
        flags: u32,
    },
    /// The slot file has a valid checksum and makes no sense.
    #[error("{file:?}: {damage}")]
    Corruption {
        /// The file.
        file: &'static str,
        /// What is wrong with it.
        damage: Damage,
    },
    /// A record of the log has a valid checksum and is no commit.
    #[error("record {sequence} of the log: {reason}")]
    NotACommit {
        /// The record.
        sequence: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The commit may be durable or not; opening the store tells. The store takes no more commits.
    #[error("the outcome of commit {sequence} is unknown: {source}")]
    OutcomeUnknown {
        /// The commit.
        sequence: u64,
        /// The first failure.
        source: Arc<LogError>,
    },
    /// The write buffer is full, and the last checkpoint, which would have emptied it, failed.
    #[error("the write buffer is full and could not be written to pages: {source}")]
    BufferFull {
        /// Why the checkpoint failed.
        source: Arc<StoreError>,
    },
    /// A thread that merges runs or writes checkpoints has ended by a panic: a defect of this crate.
    #[error("a background thread has ended by a panic")]
    ThreadEnded,
    /// An earlier durable operation failed. Reads go on; open the store again to write.
    #[error("the store is poisoned by an earlier failure: {source}")]
    Poisoned {
        /// The first failure.
        source: Arc<StoreError>,
    },
}

/// The system would not start a thread.
pub(super) fn thread_error(source: std::io::Error) -> StoreError {
    let site = bmt_io::Site::whole(bmt_io::Operation::Queue, "thread");
    IoError::new(site, source).into()
}
