//! Why a folder of test vectors cannot be run.

use crate::chain::{ChainError, ChainFault};
use std::path::{Path, PathBuf};

/// A folder or file of test vectors that cannot be run as it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// A file or folder could not be read.
    #[error("{}: cannot be read: {source}", .path.display())]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A named folder has no case in it.
    #[error("{}: no case found, neither there nor in the folders below", .folder.display())]
    NoCase {
        /// The folder.
        folder: PathBuf,
    },
    /// A file is not JSON, or not of the form its format asks for.
    #[error("{}: {message}", .path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the place.
        message: String,
    },
    /// Some key, value or root in a file is wrong.
    #[error("{}: {place}: {fault}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The case or field in it.
        place: String,
        /// What is wrong.
        fault: ChainFault,
    },
    /// A chain file has a fault.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A file is larger than any that is read whole.
    #[error("{}: larger than {limit_bytes} bytes", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes it may have.
        limit_bytes: u64,
    },
}

impl CorpusError {
    pub(super) fn read(path: &Path, source: std::io::Error) -> Self {
        Self::Read { path: path.to_owned(), source }
    }
}
