//! Path proofs: that a key has a value, or that it is absent.
//!
//! A [`PathProof`] is the sibling hashes from the root down to where the key's path ends, and what
//! it ends at. It speaks of no key or value by itself: both are given when it is verified.
//!
//! # Format
//!
//! Version 1, `docs/format/path-proof.md`. One proof has exactly one encoding.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | bits 7 to 4: version, 1; bit 3: bit 8 of the depth; bit 2: zero; bits 1 and 0: terminal: 0 included, 1 empty, 2 other leaf |
//! | 1 | bits 7 to 0 of the depth d: how many siblings there are |
//! | ⌈d/8⌉, or the key length | a bit a sibling, root first, most significant bit first, 1 for one that is not zero; then zero bits to the end of the byte, or with another leaf: the leaf key's bits from d on |
//! | 32 each | the siblings that are not zero, root first |
//! | 64 less the key length, or none | with another leaf: its preimage without the key |
//!
//! So a proof of a present key takes 2 + ⌈d/8⌉ + 32 n bytes, n being the non-empty siblings.

mod decode;
mod encode;
mod siblings;
mod verify;

use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{Hash, Scheme};
use alloc::vec::Vec;
use core::marker::PhantomData;
use siblings::Siblings;

/// The version of the encoding that this crate writes and reads.
pub const PATH_PROOF_VERSION: u8 = 1;

/// What the path of a key ends at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Terminal {
    /// The key's own leaf, rebuilt from the key and value when verifying.
    Included,
    /// An empty subtrie.
    Empty,
    /// The leaf of another key, as its preimage. In a proof, the key's bits above the leaf are
    /// zero: they are those of the key asked for.
    OtherLeaf([u8; 64]),
}

/// A proof that a key has some value, or is absent, under some root.
///
/// Verifying costs one hash a level, and one for the value when it is long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathProof<S: Scheme> {
    /// Root first; the bits of left siblings that a branch does not commit to are zero.
    siblings: Siblings,
    terminal: Terminal,
    scheme: PhantomData<S>,
}

impl<S: Scheme> PathProof<S> {
    /// A proof from the hashes beside `key`'s path, brought into its one form.
    pub(crate) fn from_path(path: Vec<Hash>, terminal: Terminal, key: &S::Key) -> Self {
        let mut siblings = Siblings::with_capacity(path.len());
        for (depth, mut sibling) in path.into_iter().enumerate() {
            if bit_at(key.as_bytes(), depth) {
                sibling[0] &= S::LEFT_FIRST_BYTE_MASK;
            }
            siblings.push(sibling);
        }
        let terminal = match terminal {
            Terminal::OtherLeaf(mut preimage) => {
                let place = S::LEAF_KEY_OFFSET..S::LEAF_KEY_OFFSET + S::Key::LEN;
                clear_first_bits(&mut preimage[place], siblings.len());
                Terminal::OtherLeaf(preimage)
            }
            other => other,
        };
        Self { siblings, terminal, scheme: PhantomData }
    }

    /// Whether this proof is of a present key. What it proves, only verifying tells.
    #[must_use]
    pub fn claims_presence(&self) -> bool {
        matches!(self.terminal, Terminal::Included)
    }

    /// The hashes beside the path, root first, [`crate::EMPTY_ROOT`] for an empty side.
    pub fn siblings(&self) -> impl Iterator<Item = Hash> + '_ {
        self.siblings.iter()
    }

    /// How many branches are on the path.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.siblings.len()
    }
}

/// Sets the first `count` bits to zero.
fn clear_first_bits(bytes: &mut [u8], count: usize) {
    let whole = (count / 8).min(bytes.len());
    bytes[..whole].fill(0);
    if let Some(byte) = bytes.get_mut(whole) {
        *byte &= 0xff >> (count % 8);
    }
}

/// Why a proof was refused. Each names what to look at; none is raised for an honest proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The first byte names a version that this build does not know.
    #[error("path proof version {found} is not supported, this build reads version {supported}")]
    UnsupportedVersion {
        /// The version in the first byte.
        found: u8,
        /// The version this build reads.
        supported: u8,
    },
    /// The bytes end before the proof does.
    #[error("path proof ends early: {needed} bytes needed, {found} found")]
    Truncated {
        /// Bytes needed, as far as the part read tells.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// Bytes follow the proof.
    #[error("{count} bytes follow the path proof")]
    TrailingBytes {
        /// How many.
        count: usize,
    },
    /// The first byte has reserved bits set, or names no kind of terminal.
    #[error("path proof has an unknown first byte {found:#04x}")]
    UnknownTerminal {
        /// The first byte.
        found: u8,
    },
    /// The path is longer than a key.
    #[error("path proof is {depth} levels deep, keys have {max} bits")]
    TooDeep {
        /// Levels in the proof.
        depth: usize,
        /// Bits of a key.
        max: usize,
    },
    /// A sibling that is marked as not zero is zero.
    #[error("the sibling at depth {depth} is zero, which has a shorter encoding")]
    ZeroSibling {
        /// Levels below the root, the first being 1.
        depth: usize,
    },
    /// Padding bits after the sibling marks are not zero.
    #[error("padding bits of the path proof are not zero")]
    Padding,
    /// A left sibling has a bit set that its parent does not commit to.
    #[error("the left sibling at depth {depth} has its first bit set")]
    LeftSiblingBit {
        /// Levels below the root, the first being 1.
        depth: usize,
    },
    /// The lowest branch is over fewer than two keys: no trie has such a branch.
    #[error("the branch at depth {depth} is over fewer than two keys")]
    LoneBranch {
        /// Depth of the branch, the root being 0.
        depth: usize,
    },
    /// The other leaf's 64 bytes are not an encoding of a leaf.
    #[error("the terminal leaf is not a leaf encoding")]
    NotALeaf,
    /// The other leaf is that of the key that is claimed to be absent.
    #[error("the terminal leaf is that of the key claimed to be absent")]
    KeyIsPresent,
    /// The proof is of a present key and absence is claimed, or the other way round.
    #[error("the proof shows {} key, the claim is the contrary", if *.shows_presence { "a present" } else { "an absent" })]
    OtherClaim {
        /// What the proof is made for.
        shows_presence: bool,
    },
    /// The computed root is another one: the key, the value, the root or the proof is wrong.
    #[error("the proof leads to another root than the expected one")]
    RootMismatch {
        /// The root asked for.
        expected: Hash,
        /// The root that key, value and proof give.
        computed: Hash,
    },
}

#[cfg(test)]
mod tests;
