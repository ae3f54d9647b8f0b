//! What can go wrong with storage: [`IoError`], and the [`Site`] where it did.

use crate::operation::Operation;
use core::fmt;
use std::io;
use std::sync::Arc;

/// The operation that failed: what, on which file, where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// What was attempted.
    pub operation: Operation,
    /// The file's name within its directory, or the directory's path.
    pub file: Arc<str>,
    /// First byte of the range, zero for operations without a range.
    pub offset_bytes: u64,
    /// Length of the range, zero for operations without a range.
    pub len_bytes: u64,
}

impl Site {
    /// An operation on a file as a whole.
    #[must_use]
    pub fn whole(operation: Operation, file: &str) -> Self {
        Self { operation, file: file.into(), offset_bytes: 0, len_bytes: 0 }
    }

    /// An operation on a range of a file.
    #[must_use]
    pub fn range(operation: Operation, file: &str, offset_bytes: u64, len_bytes: u64) -> Self {
        Self { operation, file: file.into(), offset_bytes, len_bytes }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.operation, self.file)?;
        if self.operation.has_range() {
            write!(f, " at offset {} ({} bytes)", self.offset_bytes, self.len_bytes)?;
        }
        Ok(())
    }
}

/// A storage operation failed.
///
/// Cloning is cheap (the source is shared), so a failure can be kept as the reason why a handle is
/// poisoned.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IoError {
    /// The file or directory is not there.
    #[error("{site}: not found")]
    NotFound {
        /// What was attempted.
        site: Site,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// A file of this name is there already.
    #[error("{site}: already exists")]
    AlreadyExists {
        /// What was attempted.
        site: Site,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// Another handle, in this process or another one, holds the directory's lock.
    #[error("directory {directory:?} is locked by another handle")]
    Locked {
        /// The directory's path.
        directory: Arc<str>,
    },
    /// The device, the quota or the simulated capacity is full.
    #[error("{site}: no space left")]
    NoSpace {
        /// What was attempted.
        site: Site,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The directory was opened read-only, or its file system is.
    #[error("{site}: read-only")]
    ReadOnly {
        /// What was attempted.
        site: Site,
    },
    /// The process may not do this.
    #[error("{site}: permission denied")]
    PermissionDenied {
        /// What was attempted.
        site: Site,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The file ends within the range that was to be read.
    #[error("{site}: the file ends after {read_bytes} bytes of it")]
    UnexpectedEnd {
        /// What was attempted.
        site: Site,
        /// Bytes that were there.
        read_bytes: u64,
    },
    /// The name is empty, has a path separator or NUL in it, or is reserved.
    #[error("{name:?} is not a file name")]
    InvalidName {
        /// The name.
        name: Arc<str>,
    },
    /// The range ends past the largest offset a file can have (2^63 - 1).
    #[error("{site}: past the largest file offset")]
    OutOfRange {
        /// What was attempted.
        site: Site,
    },
    /// The backend that was asked for by name cannot be had here.
    #[error(
        "io_uring is not available (errno {errno:?}, kernel.io_uring_disabled = {setting:?}): {hint}"
    )]
    BackendUnavailable {
        /// The system's error number, where there is one.
        errno: Option<i32>,
        /// The kernel setting `io_uring_disabled` as far as it can be read.
        setting: Option<Arc<str>>,
        /// What to do about it.
        hint: &'static str,
    },
    /// The pool has no room for a buffer of this size.
    #[error(
        "no room for a buffer of {wanted_bytes} bytes: {in_use_bytes} of {limit_bytes} are in use"
    )]
    PoolExhausted {
        /// Size of the buffer that was asked for.
        wanted_bytes: u64,
        /// Bytes handed out at that time.
        in_use_bytes: u64,
        /// The pool's limit.
        limit_bytes: u64,
    },
    /// The simulated disk has crashed; see [`crate::SimDisk`].
    #[error("{site}: the simulated disk has crashed")]
    Crashed {
        /// What was attempted.
        site: Site,
    },
    /// Anything else that the system reports.
    #[error("{site}: {source}")]
    Other {
        /// What was attempted.
        site: Site,
        /// What the system said.
        source: Arc<io::Error>,
    },
}

impl IoError {
    /// Sorts a system error into the variant that callers act on.
    #[must_use]
    pub fn new(site: Site, source: io::Error) -> Self {
        let kind = source.kind();
        let source = Arc::new(source);
        match kind {
            io::ErrorKind::NotFound => Self::NotFound { site, source },
            io::ErrorKind::AlreadyExists => Self::AlreadyExists { site, source },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::NoSpace { site, source }
            }
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { site },
            io::ErrorKind::PermissionDenied => Self::PermissionDenied { site, source },
            _ => Self::Other { site, source },
        }
    }

    /// The operation that failed, for errors that come from one.
    #[must_use]
    pub fn site(&self) -> Option<&Site> {
        match self {
            Self::NotFound { site, .. }
            | Self::AlreadyExists { site, .. }
            | Self::NoSpace { site, .. }
            | Self::ReadOnly { site }
            | Self::PermissionDenied { site, .. }
            | Self::UnexpectedEnd { site, .. }
            | Self::OutOfRange { site }
            | Self::Crashed { site }
            | Self::Other { site, .. } => Some(site),
            _ => None,
        }
    }
}
