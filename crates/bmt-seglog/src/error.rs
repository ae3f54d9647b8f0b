//! What can go wrong with a log: [`LogError`].

use bmt_io::IoError;

/// An operation on a log failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Bytes that were durable are not what they were. Nothing was changed on disk.
    #[error(
        "log file {file:?} at offset {offset_bytes}: {reason}; expected record {expected}, and \
         {evidence}"
    )]
    Corruption {
        /// The file in which the chain breaks.
        file: String,
        /// Where in it.
        offset_bytes: u64,
        /// Sequence of the record that should be there.
        expected: u64,
        /// What was found instead.
        reason: &'static str,
        /// Why this is damage and not a torn tail.
        evidence: Evidence,
    },
    /// The file was written by a newer version of this crate.
    #[error(
        "log file {file:?} at offset {offset_bytes}: format version {found}, this build reads \
         {supported}"
    )]
    UnsupportedVersion {
        /// The file.
        file: String,
        /// Where the header lies.
        offset_bytes: u64,
        /// The version in the header.
        found: u32,
        /// The only version that this build reads.
        supported: u32,
    },
    /// A header has feature flags that this build does not know.
    #[error("log file {file:?} at offset {offset_bytes}: unknown feature flags {found:#x}")]
    UnsupportedFlags {
        /// The file.
        file: String,
        /// Where the header lies.
        offset_bytes: u64,
        /// All flags in the header.
        found: u32,
    },
    /// There is no segment of a log with this salt. Segments of other logs were left alone.
    #[error("no log with this salt in the directory ({foreign_count} segments of other logs)")]
    NotFound {
        /// Segments in the directory that carry another salt.
        foreign_count: usize,
    },
    /// The directory has segment files already.
    #[error("the directory has a log already: file {file:?}")]
    AlreadyExists {
        /// One of the files.
        file: String,
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
    /// The record is longer than [`crate::LogOptions::record_bytes_max`]. Nothing was written.
    #[error("a record of {record_bytes} bytes is over the limit of {limit_bytes}")]
    RecordTooLarge {
        /// Payload bytes of the record.
        record_bytes: u64,
        /// The limit.
        limit_bytes: u64,
    },
    /// There is no space for another segment. Nothing of the record was written; the log stays
    /// usable, and the same call works once there is space.
    #[error("no space for another log segment of {segment_bytes} bytes: {source}")]
    NoSpace {
        /// Size of the segment that could not be prepared.
        segment_bytes: u64,
        /// What the system said.
        source: IoError,
    },
    /// A record was appended, or partly so, and a write or sync of it failed: whether it will be
    /// there after reopening is not known. The log is poisoned.
    #[error("the outcome of record {sequence} is unknown: {source}")]
    OutcomeUnknown {
        /// The record, or the newest of several.
        sequence: u64,
        /// The first failure.
        source: IoError,
    },
    /// An earlier durable operation failed; the log takes no more of them. Reads go on. Reopen it.
    #[error("the log is poisoned by an earlier failure: {cause}")]
    Poisoned {
        /// The first failure.
        cause: IoError,
    },
    /// The record was pruned, or the log never had it.
    #[error("record {sequence} is not in the log, which has {first} up to, not including, {next}")]
    NotInLog {
        /// The sequence that was asked for.
        sequence: u64,
        /// The oldest record of the log.
        first: u64,
        /// One more than the newest.
        next: u64,
    },
    /// The log was cut while it was being read, at or before this record.
    #[error("record {sequence} was cut off while the log was being read")]
    CutAway {
        /// The record that would have been next.
        sequence: u64,
    },
    /// Storage failed in an operation that made no promise.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Who says that a missing record was durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// A later header of the same log was written when `through` was durable.
    LaterHeader {
        /// The newest sequence that the header says is durable.
        through: u64,
    },
    /// The caller expected the log to reach `through`.
    CallerThrough {
        /// The caller's [`crate::LogOptions::expected_through`].
        through: u64,
    },
    /// The caller expected the log to begin no later than at `from`.
    CallerFrom {
        /// The caller's [`crate::LogOptions::expected_from`].
        from: u64,
    },
    /// The caller knows another chain value of this record.
    CallerAnchor {
        /// The caller's chain value.
        expected: u64,
        /// The one in the log.
        found: u64,
    },
    /// The record lies before the end of the log that recovery accepted.
    Accepted,
    /// The log says so itself: a header or a cut record contradicts the rest of the log.
    Structure,
}

impl core::fmt::Display for Evidence {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::LaterHeader { through } => {
                write!(f, "a later header says that everything through {through} was durable")
            }
            Self::CallerThrough { through } => {
                write!(f, "the caller says that everything through {through} was durable")
            }
            Self::CallerFrom { from } => {
                write!(f, "the caller says that everything from {from} was kept")
            }
            Self::CallerAnchor { expected, found } => {
                write!(f, "the caller says its chain value is {expected:#x}, found {found:#x}")
            }
            Self::Accepted => f.write_str("it lies before the end of the log"),
            Self::Structure => f.write_str("the log contradicts itself"),
        }
    }
}
