//! Outlines: the part of a trie that a proof shows, as bytes with one canonical form.
//!
//! A multi-proof, a range proof and a witness are each an outline: the nodes of a trie from the
//! root down, before their children, left before right, as far as the statement needs them. What is
//! not needed is a hash. [`OutlineError`] says what is wrong with bytes that are none.
//!
//! # Format
//!
//! The forms differ in their first byte and in what a given subtrie is: see
//! `docs/format/multi-proof.md`, `docs/format/range-proof.md` and `docs/format/witness.md`.
//!
//! | part | content |
//! |---|---|
//! | 1 byte | bits 7 to 4: version, 1; bits 3 to 0: the form |
//! | bits | a symbol a node: 0 branch, 10 hash, 110 empty, 1110 given, 1111 leaf |
//! | bits | for each leaf, and in a witness each given one: its key's bits below its place |
//! | bits | zeros to the end of the byte |
//! | 32 bytes each | the hashes, uncommitted bits of left children zero |
//! | 64 bytes less the key length each | the leaves' preimages without their keys |
//! | the rest | in a witness, the values: length in base 128, then the bytes |

mod bit_writer;
mod layout;
mod piece;
mod position;
mod rebuild;
mod sections;

use crate::scheme::{Hash, NodeKind, Scheme};
pub(crate) use bit_writer::BitWriter;
pub(crate) use layout::Layout;
pub(crate) use piece::{Piece, write};
pub(crate) use position::Position;
pub(crate) use rebuild::{halves, leaves_root, subtrie_root};
pub(crate) use sections::{Cursor, Sections, length_size};

/// The version of every form of outline that this crate writes and reads.
pub const OUTLINE_VERSION: u8 = 1;

/// What an outline is for; the low half of its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Given: the leaf of a key whose value is claimed.
    Multi = 1,
    /// Given: one or more entries, all of which are in the range; covers the whole range.
    Range = 2,
    /// As [`Form::Range`], up to the first hidden subtrie in the range.
    RangeCut = 3,
    /// Given: a leaf with its value.
    Witness = 4,
}

impl Form {
    const ALL: [Self; 4] = [Self::Multi, Self::Range, Self::RangeCut, Self::Witness];

    fn first_byte(self) -> u8 {
        (OUTLINE_VERSION << 4) | self as u8
    }

    fn is_range(self) -> bool {
        matches!(self, Self::Range | Self::RangeCut)
    }
}

/// A node of an outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown<'a, S: Scheme> {
    /// Two or more entries; the children follow.
    Branch,
    /// A subtrie known by its hash.
    Hash(Hash),
    /// No entry.
    Empty,
    /// What the verifier is given beside the outline.
    Given,
    /// A leaf with its value: what is given in a witness.
    Value { key: S::Key, value: &'a [u8] },
    /// A leaf by its preimage.
    Leaf { key: S::Key, preimage: [u8; 64] },
}

/// The kind that a hash in an outline shows, whichever side it is of: where a parent does not commit
/// to all of a left child's hash, none.
pub(crate) fn kind_shown<S: Scheme>(hash: &Hash) -> Option<NodeKind> {
    if S::LEFT_FIRST_BYTE_MASK == 0xff { S::kind_of(hash) } else { None }
}

/// Why bytes are not an outline in its one form. Depths count branches from the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OutlineError {
    /// The first byte names a version that this build does not know.
    #[error("proof version {found} is not supported, this build reads version {supported}")]
    UnsupportedVersion {
        /// The version in the first byte.
        found: u8,
        /// The version this build reads.
        supported: u8,
    },
    /// The first byte names another form of proof, or none.
    #[error("the first byte {found:#04x} is not that of this kind of proof")]
    OtherForm {
        /// The first byte.
        found: u8,
    },
    /// The bytes end before the proof does.
    #[error("the proof ends early: {needed} bytes needed, {found} found")]
    Truncated {
        /// Bytes needed, as far as the part read tells.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Bytes follow the proof.
    #[error("{count} bytes follow the proof")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// A branch stands below the last bit of a key.
    #[error("a branch at depth {max}, keys have {max} bits")]
    TooDeep {
        /// Bits of a key.
        max: usize,
    },
    /// Padding bits are not zero.
    #[error("padding bits are not zero")]
    Padding,
    /// A hash that is spelled out is zero: an empty subtrie has a symbol of its own.
    #[error("hash {index} is zero, an empty subtrie has a shorter encoding")]
    ZeroHash {
        /// Place among the hashes.
        index: usize,
    },
    /// A left child's hash has a bit set that its parent does not commit to.
    #[error("hash {index} is a left child's and has its first bit set")]
    LeftHashBit {
        /// Place among the hashes.
        index: usize,
    },
    /// A branch is over fewer than two keys: no trie has such a branch.
    #[error("the branch at depth {depth} is over fewer than two keys")]
    LoneBranch {
        /// Depth of the branch, the root being 0.
        depth: usize,
    },
    /// A branch is shown where a shorter proof has one symbol.
    #[error("the branch at depth {depth} shows nothing")]
    NeedlessBranch {
        /// Depth of the branch, the root being 0.
        depth: usize,
    },
    /// The 64 bytes of a leaf are not an encoding of a leaf.
    #[error("leaf {index} is not a leaf encoding")]
    NotALeaf {
        /// Place among the leaves shown by their preimage.
        index: usize,
    },
    /// A value's length is not in its shortest form, or above 2^32 - 1.
    #[error("the value length at byte {offset} is not in its shortest form")]
    ValueLength {
        /// Offset in the bytes.
        offset: usize,
    },
}

#[cfg(test)]
mod tests;
