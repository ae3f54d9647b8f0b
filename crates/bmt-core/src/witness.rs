//! Witnesses: what a verifier without the state needs to read it and to compute the next root.
//!
//! A [`Witness`] is made for a set of reads and writes against a root. It holds the part of the trie
//! on their paths, the values that are read, and for each deletion that lets a sibling move up, that
//! sibling's preimage: with the Gray Paper's hashes, a hash alone does not tell a leaf, which moves
//! up, from a branch, which stays. [`Witness::verify`] checks it against the root and gives a
//! [`VerifiedState`] with [`VerifiedState::get`] and [`VerifiedState::apply`].
//!
//! # Format
//!
//! Version 1, `docs/format/witness.md`: an [outline](crate::outline) of the form 4, in which given
//! subtries are leaves with their values. Content and order are a function of the state, the keys
//! read and the keys set and deleted.
//!
//! # Example
//!
//! ```
//! use bmt_core::witness::Lookup;
//! use bmt_core::{GrayPaper, StateKey, Trie, Witness};
//!
//! let [alice, bob] = [b"alice", b"bobby"].map(|name| StateKey::service_storage(7, name));
//! let mut trie: Trie<GrayPaper> = [(alice, &b"10"[..]), (bob, b"20")].into_iter().collect();
//! let before = trie.root();
//! let writes = [(alice, Some(&b"30"[..])), (bob, None)];
//! let bytes = trie.witness([alice, bob], writes).encode();
//!
//! let witness = Witness::<GrayPaper>::decode(&bytes)?;
//! let state = witness.verify(&before)?;
//! assert_eq!(state.get(&alice), Lookup::Value(b"10"));
//! let after = state.apply(writes)?;
//!
//! trie.insert(alice, &b"30"[..]);
//! trie.remove(&bob);
//! assert_eq!(after, trie.root());
//! # Ok::<(), bmt_core::WitnessError>(())
//! ```

mod apply;
mod build;
mod state;

use crate::outline::{Form, Layout, OutlineError};
use crate::scheme::{Hash, Scheme};
use alloc::vec::Vec;
use core::marker::PhantomData;
pub use state::{Lookup, VerifiedState};

/// The part of a state that some reads and writes need; see the [module](self).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness<S: Scheme> {
    /// The one encoding, laid out.
    bytes: Vec<u8>,
    layout: Layout,
    scheme: PhantomData<S>,
}

impl<S: Scheme> Witness<S> {
    /// The witness that these bytes encode. Allocates their length.
    ///
    /// # Errors
    /// [`WitnessError::Outline`] when the bytes are not exactly one witness in its one encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, WitnessError> {
        let layout = Layout::of::<S>(&[Form::Witness], bytes)?;
        Ok(Self { bytes: bytes.to_vec(), layout, scheme: PhantomData })
    }

    /// The witness's one encoding, without copying it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The witness's one encoding, in version [`crate::outline::OUTLINE_VERSION`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.bytes.clone()
    }
}

/// Why a witness was refused, or does not suffice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WitnessError {
    /// The bytes are not a witness in its one form.
    #[error(transparent)]
    Outline(#[from] OutlineError),
    /// The witness is of another root.
    #[error("the witness is of another root than the expected one")]
    RootMismatch {
        /// The root asked for.
        expected: Hash,
        /// The root of the witness.
        computed: Hash,
    },
    /// The witness does not show the place of a key that is written.
    #[error("the witness does not cover write {index}")]
    NotCovered {
        /// Place of the write among all writes, in the order of their keys.
        index: usize,
    },
    /// A deletion empties one side of a branch, and the witness does not tell whether the other side
    /// is a leaf, which would move up.
    #[error("the witness does not open the sibling that a deletion leaves alone at depth {depth}")]
    SiblingHidden {
        /// Branches above the branch in question.
        depth: usize,
    },
}

#[cfg(test)]
mod tests;
