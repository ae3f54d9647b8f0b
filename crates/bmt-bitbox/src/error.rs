//! What can go wrong with a table: [`TableError`].

use crate::format::Damage;
use bmt_io::IoError;
use bmt_io::slots::SlotsError;
use std::sync::Arc;

/// An operation on a table or store failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// Bytes that were durable are not what they were. Nothing was changed on disk.
    #[error("table file {file:?} at offset {offset_bytes}: {reason}")]
    Corruption {
        /// The file.
        file: Arc<str>,
        /// Where in it.
        offset_bytes: u64,
        /// What is wrong there.
        reason: &'static str,
    },
    /// The bytes are whole, and of a format version that this release does not know.
    #[error(
        "table file {file:?} at offset {offset_bytes}: format version {found}, this release knows 1"
    )]
    UnsupportedVersion {
        /// The file.
        file: Arc<str>,
        /// Where in it.
        offset_bytes: u64,
        /// The version found there.
        found: u32,
    },
    /// The bytes are whole, and have feature flags that this release does not know.
    #[error("table file {file:?} at offset {offset_bytes}: unknown feature flags {found:#x}")]
    UnsupportedFlags {
        /// The file.
        file: Arc<str>,
        /// Where in it.
        offset_bytes: u64,
        /// All flags found there.
        found: u32,
    },
    /// The bytes are not names of tables.
    #[error("not the names of tables: {reason}")]
    InvalidNames {
        /// What is wrong with them.
        reason: &'static str,
    },
    /// There is a store in the directory already.
    #[error("the directory has a store already: file {file:?}")]
    AlreadyExists {
        /// Its manifest.
        file: &'static str,
    },
    /// An option is out of its range.
    #[error("option {name} is {found}: {rule}")]
    InvalidOption {
        /// The option.
        name: &'static str,
        /// Its value.
        found: u64,
        /// What it must satisfy.
        rule: &'static str,
    },
    /// The payload does not fit a page.
    #[error("a payload of {payload_bytes} bytes is over the limit of 4032")]
    PayloadTooLong {
        /// The payload's length.
        payload_bytes: usize,
    },
    /// The table would need more buckets than a table can have (2^31).
    #[error("{needed_count} pages need a table of more than 2^31 buckets")]
    TooManyPages {
        /// Buckets that would be in use.
        needed_count: u64,
    },
    /// There is no space. The batch was abandoned, nothing else has changed, and the table stays
    /// usable; the same call works once there is space.
    #[error("no space for the batch: {source}")]
    NoSpace {
        /// What the system said.
        source: IoError,
    },
    /// An earlier switch was prepared and is neither committed nor abandoned.
    #[error("the switch of batch {batch} is prepared, and neither committed nor abandoned")]
    SwitchPending {
        /// The earlier switch's batch.
        batch: u64,
    },
    /// A prepared switch was dropped: nobody can tell whether a manifest names it.
    #[error("the prepared switch of batch {batch} was dropped, its outcome is unknown")]
    SwitchDropped {
        /// The switch's batch.
        batch: u64,
    },
    /// The manifest could not be written: whether the batch will be there after opening the store
    /// again is not known. The store is poisoned.
    #[error("the outcome of batch {batch} is unknown: {source}")]
    OutcomeUnknown {
        /// The batch.
        batch: u64,
        /// The failure.
        source: SlotsError,
    },
    /// An earlier durable operation failed; there are no more of them. Reads go on. Open it again.
    #[error("poisoned by an earlier failure: {cause}")]
    Poisoned {
        /// The first failure.
        cause: Arc<TableError>,
    },
    /// The store's manifest cannot be read or written.
    #[error(transparent)]
    Manifest(#[from] SlotsError),
    /// Storage failed.
    #[error(transparent)]
    Io(#[from] IoError),
}

impl TableError {
    /// What is wrong with the bytes of a file at some offset.
    pub(crate) fn damaged(file: &str, offset_bytes: u64, damage: Damage) -> Self {
        let file = Arc::from(file);
        match damage {
            Damage::Invalid(reason) => Self::Corruption { file, offset_bytes, reason },
            Damage::Version(found) => Self::UnsupportedVersion { file, offset_bytes, found },
            Damage::Flags(found) => Self::UnsupportedFlags { file, offset_bytes, found },
        }
    }

    /// The table's file contradicts the manifest or itself.
    pub(crate) fn corrupt(file: &str, offset_bytes: u64, reason: &'static str) -> Self {
        Self::damaged(file, offset_bytes, Damage::Invalid(reason))
    }
}
