//! What can go wrong with a tree: [`TreeError`], and the [`Damage`] that a page can have.

use bmt_io::IoError;
use std::sync::Arc;

/// An operation on a tree failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// Storage failed. A read can be tried again; a slice that failed so has changed nothing.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Bytes on disk are not what was written.
    #[error("page file {file:?}, page {page}: {damage}")]
    Corruption {
        /// The page file.
        file: Arc<str>,
        /// The page.
        page: u32,
        /// What is wrong with it.
        damage: Damage,
    },
    /// The file, a page or the meta record was written by a newer version of this crate.
    #[error(
        "{file:?}, page {page}: format version {version} with flags {flags:#x}, this release reads version 1 without flags"
    )]
    Unsupported {
        /// The page file.
        file: Arc<str>,
        /// The page; 0 for the meta record.
        page: u32,
        /// Its format version.
        version: u16,
        /// Its feature flags.
        flags: u16,
    },
    /// The version was held so long that its pages were needed. Take a new one.
    #[error(
        "snapshot of generation {generation} has expired: readers held more than {limit_bytes} bytes"
    )]
    SnapshotExpired {
        /// The generation of the pages that were being read.
        generation: u64,
        /// The limit that was passed, [`crate::TreeOptions::held_bytes_max`].
        limit_bytes: u64,
    },
    /// Changes or entries were not in strictly ascending order of their keys.
    #[error("the key at index {index} is not above the one before it")]
    Unsorted {
        /// Index of the offending entry.
        index: usize,
    },
    /// A value is longer than [`crate::VALUE_BYTES_MAX`].
    #[error("a value of {len_bytes} bytes is over the limit of {limit_bytes}")]
    ValueTooLarge {
        /// The value's length.
        len_bytes: usize,
        /// The limit.
        limit_bytes: usize,
    },
    /// The pages to start from are not the newest ones.
    #[error("generation {found} is not the newest one, {newest}")]
    Stale {
        /// The generation that was given.
        found: u64,
        /// The newest one.
        newest: u64,
    },
    /// A bulk build needs an empty tree.
    #[error("the tree has {entry_count} entries; a bulk build needs an empty one")]
    NotEmpty {
        /// Entries in the tree.
        entry_count: u64,
    },
    /// The page file has as many pages as page numbers allow.
    #[error("page file {file:?} is full at {page_count} pages")]
    FileFull {
        /// The page file.
        file: Arc<str>,
        /// Its pages.
        page_count: u32,
    },
    /// An earlier slice was not finished, or it is not known whether its meta record was stored.
    #[error("an earlier slice is open, or its outcome is unknown: open the tree again")]
    SliceOpen,
}

/// What is wrong with the bytes of a page, an extent, or a meta record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// The magic is another one.
    #[error("magic {found:02x?}, expected {expected:02x?}")]
    Magic {
        /// The magic of this kind of page.
        expected: [u8; 4],
        /// The one found.
        found: [u8; 4],
    },
    /// A page of another format version or with unknown flags; found before its checksum is compared.
    #[error("format version {version} with flags {flags:#x}")]
    Unsupported {
        /// The version.
        version: u16,
        /// The flags.
        flags: u16,
    },
    /// The bytes have another checksum than the parent says: damaged, lost, stale or misplaced.
    #[error("checksum {found:#018x}, expected {expected:#018x}")]
    Checksum {
        /// The parent's checksum.
        expected: u64,
        /// The checksum of the bytes.
        found: u64,
    },
    /// The file ends before the page does.
    #[error("the file ends before it")]
    Missing,
    /// A field is out of its range, or fields contradict each other.
    #[error("{0}")]
    Layout(&'static str),
}

impl Damage {
    /// The error that names the page.
    pub(crate) fn at(self, file: &str, page: u32) -> TreeError {
        let file = file.into();
        match self {
            Self::Unsupported { version, flags } => {
                TreeError::Unsupported { file, page, version, flags }
            }
            damage => TreeError::Corruption { file, page, damage },
        }
    }
}
