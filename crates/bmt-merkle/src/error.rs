//! Why an operation on a paged trie failed.

use crate::page::PageId;
use crate::source::SourceError;
use std::fmt;

/// Why an operation on a paged trie failed. The trie's versions are as they were.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MerkleError {
    /// The page source failed.
    #[error("merkle pages can't be read: {0}")]
    Pages(#[source] SourceError),
    /// The leaf source failed.
    #[error("leaf entries can't be read: {0}")]
    Leaves(#[source] SourceError),
    /// The page source has no page under an id that a parent or the owner names.
    #[error("merkle page {} is missing", Hex(page))]
    MissingPage {
        /// The page's id.
        page: PageId,
    },
    /// The image of a page is not the one that was written.
    #[error("merkle page {} is damaged: {reason}", Hex(page))]
    DamagedPage {
        /// The page's id.
        page: PageId,
        /// What is wrong.
        reason: PageDamage,
    },
    /// The leaf source gave entries out of order, twice, or outside of the prefix asked for.
    #[error(
        "leaf entries for the prefix of {prefix_bits} bits at {} are out of order",
        Hex(first_key)
    )]
    LeafOrder {
        /// The prefix's bits, then zeros.
        first_key: [u8; 32],
        /// Its length.
        prefix_bits: usize,
    },
    /// The leaf source presents other entries than those of the version.
    #[error(
        "the entries for the prefix of {prefix_bits} bits at {} are not those of the version",
        Hex(first_key)
    )]
    LeafMismatch {
        /// The prefix's bits, then zeros.
        first_key: [u8; 32],
        /// Its length.
        prefix_bits: usize,
    },
    /// The changes given don't ascend strictly by key.
    #[error("change {index} has a key that is not greater than the one before")]
    UnsortedChanges {
        /// The first change out of order.
        index: usize,
    },
    /// Frontier changes don't fit the version they are applied to.
    #[error(
        "frontier change at prefix {} of {prefix_bits} bits does not fit this version",
        Hex(first_key)
    )]
    FrontierMismatch {
        /// The prefix's bits, then zeros.
        first_key: [u8; 32],
        /// Its length.
        prefix_bits: usize,
    },
    /// Bytes are not an encoding of frontier changes.
    #[error("frontier changes can't be decoded: {reason} at byte {offset_bytes}")]
    FrontierEncoding {
        /// Where.
        offset_bytes: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The pool of threads could not be made.
    #[error("the thread pool can't be made: {0}")]
    Threads(#[source] SourceError),
}

/// What is wrong with a page image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PageDamage {
    /// The image does not begin as a merkle page.
    #[error("it has no merkle page's magic")]
    Magic,
    /// The image has a checksum that is not that of its bytes.
    #[error("checksum {stored:#018x} is stored, the bytes have {computed:#018x}")]
    Checksum {
        /// In the image.
        stored: u64,
        /// Of the bytes.
        computed: u64,
    },
    /// The image is whole and not the one that was meant.
    #[error("the parent expects checksum {expected:#018x}, the image has {found:#018x}")]
    OtherImage {
        /// In the parent, or with the owner.
        expected: u64,
        /// In the image.
        found: u64,
    },
    /// A version or feature that this build does not know.
    #[error("version {version} with features {features:#x} is not supported")]
    Unsupported {
        /// The format version.
        version: u32,
        /// The feature flags.
        features: u32,
    },
    /// The page belongs to another trie or scheme, or is at another place.
    #[error("it is of another {0}")]
    Other(&'static str),
    /// A field is out of range, or contradicts another one.
    #[error("{0}")]
    Layout(&'static str),
    /// The root that the page gives is not the one it should.
    #[error("its entries have another hash than its parent says")]
    Hash,
}

/// Bytes in hexadecimal.
struct Hex<'a>(&'a [u8; 32]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
