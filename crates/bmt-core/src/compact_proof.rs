//! The compact state proof of the JIP-6 draft: unstable, as the draft is.
//!
//! A [`CompactProof`] answers a [`Query`] of listed keys and of ranges. The entries asked for travel
//! beside it; it holds two bits a node, the hashes of what was not asked for, and the leaves that
//! absent keys meet. [`CompactProof::verify`] gives [`Claims`], which know of each key whether it is
//! present, absent or not covered. The Gray Paper's scheme alone has this form.
//!
//! Behind the feature `unstable`: it follows the draft (version 0 of the proof, text of revision
//! eb330640) and may change with it in any release.
//!
//! # Format
//!
//! `docs/format/compact-proof.md`.
//!
//! | part | content |
//! |---|---|
//! | 1 byte | version, 0 |
//! | bits | two a node, nodes before children: 00 branch, 01 hashed, 10 known, 11 raw leaf; then zeros to the end of the byte |
//! | 32 bytes each | the hashes, of left children with the first bit cleared |
//! | bits | for each raw leaf its key's bits below its place; then zeros to the end of the byte |
//! | the rest | for each raw leaf a byte 0 to 32 and as many bytes of value, or 33 and its hash |

mod prove;
mod query;
mod tags;
mod verify;

use crate::scheme::Hash;
use alloc::vec::Vec;
pub use prove::Entry;
pub use query::{Query, QueryError};
use tags::Layout;
pub use verify::{Claim, Claims};

/// The version of the draft's proofs that this crate writes and reads.
pub const COMPACT_PROOF_VERSION: u8 = 0;

/// A proof of what some listed keys and ranges have under some root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompactProof {
    /// The one encoding, laid out.
    bytes: Vec<u8>,
    layout: Layout,
}

impl CompactProof {
    /// The proof that these bytes encode. Allocates their length.
    ///
    /// # Errors
    /// A [`CompactProofError`] when the bytes are not exactly one proof in its one encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, CompactProofError> {
        let layout = Layout::of(bytes)?;
        Ok(Self { bytes: bytes.to_vec(), layout })
    }

    /// The proof's one encoding, without copying it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The proof's one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// Why a compact proof was refused. None is raised for an honest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompactProofError {
    /// The first byte names a version that this build does not know.
    #[error("compact proof version {found} is not supported, this build reads version {supported}")]
    UnsupportedVersion {
        /// The version in the first byte.
        found: u8,
        /// The version this build reads.
        supported: u8,
    },
    /// The bytes end before the proof does.
    #[error("the compact proof ends early: {needed} bytes needed, {found} found")]
    Truncated {
        /// Bytes needed, as far as the part read tells.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Bytes follow the proof.
    #[error("{count} bytes follow the compact proof")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// Padding bits after the tags or after the keys are not zero.
    #[error("padding bits are not zero")]
    Padding,
    /// A branch stands below the last bit of a key.
    #[error("a branch at depth {max}, keys have {max} bits")]
    TooDeep {
        /// Bits of a key.
        max: usize,
    },
    /// A hash is zero: an empty subtrie is known, not hashed.
    #[error("hash {index} is that of an empty subtrie")]
    ZeroHash {
        /// Place among the hashes.
        index: usize,
    },
    /// A left child's hash has its first bit set.
    #[error("hash {index} is a left child's and has its first bit set")]
    LeftHashBit {
        /// Place among the hashes.
        index: usize,
    },
    /// A raw leaf's form byte is above 33.
    #[error("raw leaf {index} has the form {found}, at most 33")]
    ValueForm {
        /// Place among the raw leaves.
        index: usize,
        /// The form byte.
        found: u8,
    },
    /// A branch is opened that a prover would not open: both sides hashed, both known, or an empty
    /// known side beside a raw leaf.
    #[error("the branch at depth {depth} is one that a prover never opens")]
    NeedlessBranch {
        /// Depth of the branch, the root being 0.
        depth: usize,
    },
    /// Entries are not in strictly ascending order of their keys.
    #[error("entry {index} has a key that is not greater than the one before")]
    Unsorted {
        /// The first entry that is out of order.
        index: usize,
    },
    /// An entry is below no known subtrie.
    #[error("entry {index} is below no known subtrie")]
    StrayEntry {
        /// The first such entry.
        index: usize,
    },
    /// The computed root is another one: an entry, the root or the proof is wrong.
    #[error("the compact proof leads to another root than the expected one")]
    RootMismatch {
        /// The root asked for.
        expected: Hash,
        /// The root that entries and proof give.
        computed: Hash,
    },
    /// A part of the query is below a hashed subtrie.
    #[error("a hashed subtrie at depth {depth} hides a part of the query")]
    NotCovered {
        /// Branches above the subtrie.
        depth: usize,
    },
    /// A key of the query is present and not among the entries.
    #[error("the raw leaf at depth {depth} is asked for and not among the entries")]
    NotDelivered {
        /// Branches above the leaf.
        depth: usize,
    },
}

#[cfg(test)]
mod tests;
