//! Multi-proofs: what any set of keys has under a root, present and absent, in one proof.
//!
//! A [`MultiProof`] is the part of the trie on the paths of its keys; a sibling that several paths
//! share is there once, and one that another path leads to is not there at all. It speaks of no key
//! or value by itself: both are given when it is verified.
//!
//! # Format
//!
//! Version 1, `docs/format/multi-proof.md`: an [outline](crate::outline) of the form 1. A proof of n
//! present keys takes a bit for each branch, two and 32 bytes for each hidden sibling, three for
//! each empty one and four for each key; an absent key that meets another leaf takes its key's bits
//! below that place and 33 bytes more.
//!
//! # Example
//!
//! ```
//! use bmt_core::{GrayPaper, MultiProof, StateKey, Trie};
//!
//! let [alice, bob, carol] =
//!     [&b"alice"[..], b"bob", b"carol"].map(|name| StateKey::service_storage(7, name));
//! let mut trie: Trie<GrayPaper> = [(alice, &b"10"[..]), (bob, b"20")].into_iter().collect();
//! let root = trie.root();
//!
//! let bytes = trie.prove_many([alice, bob, carol]).encode();
//! let proof = MultiProof::<GrayPaper>::decode(&bytes)?;
//! let mut claims = [(alice, Some(b"10")), (bob, Some(b"20")), (carol, None)];
//! claims.sort();
//! proof.verify(&root, &claims)?;
//! # Ok::<(), bmt_core::MultiProofError>(())
//! ```

mod build;
mod verify;

use crate::outline::{Form, Layout, OutlineError};
use crate::scheme::{Hash, Scheme};
use alloc::vec::Vec;
use core::marker::PhantomData;

/// A proof of what some keys have under some root.
///
/// Verifying costs one hash for each branch and each key, and allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiProof<S: Scheme> {
    /// The one encoding, laid out.
    bytes: Vec<u8>,
    layout: Layout,
    scheme: PhantomData<S>,
}

impl<S: Scheme> MultiProof<S> {
    /// The proof that these bytes encode. Allocates their length.
    ///
    /// # Errors
    /// An [`OutlineError`] when the bytes are not exactly one proof in its one encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, OutlineError> {
        let layout = Layout::of::<S>(&[Form::Multi], bytes)?;
        Ok(Self { bytes: bytes.to_vec(), layout, scheme: PhantomData })
    }

    /// The proof's one encoding, without copying it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The proof's one encoding, in version [`crate::outline::OUTLINE_VERSION`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// Why a multi-proof was refused. Indices count claims; none is raised for an honest proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MultiProofError {
    /// The bytes are not a proof in its one form.
    #[error(transparent)]
    Outline(#[from] OutlineError),
    /// The claims are not in strictly ascending order of their keys.
    #[error("claim {index} has a key that is not greater than the one before")]
    Unsorted {
        /// The first claim that is out of order.
        index: usize,
    },
    /// The proof shows nothing of a claim's key.
    #[error("the proof does not cover claim {index}")]
    NotCovered {
        /// The first such claim.
        index: usize,
    },
    /// A key is claimed to have a value, and the proof shows that it is absent.
    #[error("claim {index} is of a present key, the proof shows it absent")]
    KeyIsAbsent {
        /// The claim.
        index: usize,
    },
    /// A key is claimed to be absent, and the proof shows its leaf.
    #[error("claim {index} is of an absent key, the proof shows its leaf")]
    KeyIsPresent {
        /// The claim.
        index: usize,
    },
    /// A leaf in the proof is that of exactly one present key, and not one is claimed there.
    #[error("the leaf at depth {depth} needs one claim of a present key, found {found}")]
    PresentKeys {
        /// Branches above the leaf.
        depth: usize,
        /// Claims of present keys there.
        found: usize,
    },
    /// A part of the proof that no claim needs.
    #[error("the proof shows a node at depth {depth} that no claim needs")]
    NotAsked {
        /// Branches above the node.
        depth: usize,
    },
    /// The computed root is another one: a key, a value, the root or the proof is wrong.
    #[error("the proof leads to another root than the expected one")]
    RootMismatch {
        /// The root asked for.
        expected: Hash,
        /// The root that claims and proof give.
        computed: Hash,
    },
}

#[cfg(test)]
mod tests;
