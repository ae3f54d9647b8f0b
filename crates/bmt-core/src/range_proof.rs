//! Range and prefix proofs: that these are *all* entries in a range of keys, or under a prefix.
//!
//! A [`RangeProof`] covers the range with as few subtries as it takes, each of which the verifier
//! rebuilds from the entries, and shows the hashes of what is beside them. It holds no entries: they
//! are given when it is verified. A range can be answered in parts, each within a byte budget:
//! verifying a part gives the key to ask for next, and nothing lies between the part and that key.
//!
//! # Format
//!
//! Version 1, `docs/format/range-proof.md`: an [outline](crate::outline) of the form 2 when it covers
//! the whole range and of the form 3 when it is cut, in which given subtries are those of the cover.
//! A leaf that is shown is on the path of a bound and outside of the range.
//!
//! # Example
//!
//! ```
//! use bmt_core::{GrayPaper, RangeProof, StateKey, Trie};
//!
//! let mut trie: Trie<GrayPaper> =
//!     (0..100).map(|n: u8| (StateKey::service_storage(7, &[n]), vec![n; 40])).collect();
//! let (root, mut from, mut seen) = (trie.root(), StateKey::MIN, 0);
//! loop {
//!     let part = trie.prove_range(&from, &StateKey::MAX, 1500);
//!     let proof = RangeProof::<GrayPaper>::decode(&part.proof.encode())?;
//!     let next_key = proof.verify(&root, &from, &StateKey::MAX, &part.entries)?;
//!     seen += part.entries.len();
//!     match next_key {
//!         Some(key) => from = key,
//!         None => break,
//!     }
//! }
//! assert_eq!(seen, 100);
//! # Ok::<(), bmt_core::RangeProofError>(())
//! ```

mod build;
mod cover;
mod prefix;
mod verify;

use crate::outline::{Form, Layout, OutlineError};
use crate::scheme::{Hash, Scheme};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::marker::PhantomData;
pub use prefix::{Prefix, PrefixError};

/// A proof that some entries are all those in a range of keys, or the first ones of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeProof<S: Scheme> {
    /// The one encoding, laid out.
    bytes: Vec<u8>,
    layout: Layout,
    scheme: PhantomData<S>,
}

/// Entries in key order, and the proof that they are all there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangePart<S: Scheme> {
    /// The entries, ascending.
    pub entries: Vec<(S::Key, Arc<[u8]>)>,
    /// What shows that there are no others.
    pub proof: RangeProof<S>,
}

impl<S: Scheme> RangeProof<S> {
    /// The proof that these bytes encode. Allocates their length.
    ///
    /// # Errors
    /// [`RangeProofError::Outline`] when the bytes are not exactly one proof in its one encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, RangeProofError> {
        let layout = Layout::of::<S>(&[Form::Range, Form::RangeCut], bytes)?;
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

    /// Whether this proof claims to cover the whole range it was asked for.
    #[must_use]
    pub fn claims_completeness(&self) -> bool {
        self.layout.form() == Form::Range
    }
}

/// Why a range proof was refused. Indices count entries; none is raised for an honest proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RangeProofError {
    /// The bytes are not a proof in its one form.
    #[error(transparent)]
    Outline(#[from] OutlineError),
    /// The range asked for ends before it begins.
    #[error("the range ends before it begins")]
    EmptyRange,
    /// The entries are not in strictly ascending order of their keys.
    #[error("entry {index} has a key that is not greater than the one before")]
    Unsorted {
        /// The first entry that is out of order.
        index: usize,
    },
    /// An entry is not in the part of the range that the proof covers.
    #[error("entry {index} is outside of what the proof covers")]
    OutOfRange {
        /// The first such entry.
        index: usize,
    },
    /// The proof says that it is cut, and hides nothing in the range.
    #[error("the proof says that it is cut, and is not")]
    NotCut,
    /// A part of the range is hidden.
    #[error("the subtrie at depth {depth} is in the range and hidden")]
    NotCovered {
        /// Branches above the subtrie.
        depth: usize,
    },
    /// Entries are given where the proof shows none, or the other way round.
    #[error("entries and proof differ at depth {depth}, entry {index}")]
    EntriesDiffer {
        /// Branches above the subtrie.
        depth: usize,
        /// The first entry that is there, or would be.
        index: usize,
    },
    /// A part of the proof that the range does not need, or not in this form.
    #[error("the proof shows a node at depth {depth} that the range does not need")]
    NotAsked {
        /// Branches above the node.
        depth: usize,
    },
    /// The computed root is another one: an entry, a bound, the root or the proof is wrong.
    #[error("the proof leads to another root than the expected one")]
    RootMismatch {
        /// The root asked for.
        expected: Hash,
        /// The root that entries and proof give.
        computed: Hash,
    },
}

#[cfg(test)]
mod tests;
