//! The JAM network's state request, CE 129: a run of pairs and the nodes on its boundaries.
//!
//! A node asks for the pairs from one key through another and gets as many as fit, with the 64-byte
//! nodes on the paths from the root to the first key asked for and to the last pair returned.
//! [`StateResponse::serve`] answers a [`StateRequest`]; [`StateResponse::check`] checks an answer
//! against the root and tells how far it reaches. The Gray Paper's scheme alone has this form.
//!
//! The stretch after the last pair is not always provable from these nodes: a subtrie there may hold
//! keys before the end or not. [`StateRequest::end_path`] asks for the path to the end too, which
//! makes it so; the network protocol does not know it, so both sides must agree.
//!
//! # Format
//!
//! `docs/format/state-request.md`.
//!
//! | message | bytes |
//! |---|---|
//! | request | header hash 32, start 31, end 31, greatest size 4 |
//! | response 1 | boundary nodes, 64 each, every node after its parent, none twice |
//! | response 2 | pairs in key order: key 31, length as a Gray Paper natural, value |
//!
//! # Example
//!
//! ```
//! use bmt_core::state_request::{StateRequest, StateResponse};
//! use bmt_core::{GrayPaper, StateKey, Trie};
//!
//! let mut trie: Trie<GrayPaper> =
//!     (0..100).map(|n: u8| (StateKey::service_storage(7, &[n]), vec![n; 40])).collect();
//! let root = trie.root();
//! let mut request = StateRequest::new(StateKey::MIN, StateKey::MAX, 2000);
//! let mut seen = 0;
//! loop {
//!     let bytes = trie.serve_state(&request).encode();
//!     let response = StateResponse::decode(&bytes)?;
//!     let coverage = response.check(&root, &request)?;
//!     seen += response.pairs.len();
//!     match coverage.next_key() {
//!         Some(key) => request.start = key,
//!         None => break,
//!     }
//! }
//! assert_eq!(seen, 100);
//! # Ok::<(), bmt_core::state_request::StateResponseError>(())
//! ```

mod check;
mod message;
mod natural;
mod serve;

use crate::key::StateKey;
use crate::scheme::Hash;
use alloc::vec::Vec;
pub use check::Coverage;

/// What is asked for: the pairs from `start` through `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateRequest {
    /// The first key, which need not be present.
    pub start: StateKey,
    /// The last key, which need not be present.
    pub end: StateKey,
    /// How many bytes both messages of the response may have together, without their sizes; a
    /// response of one pair may have more.
    pub bytes_max: u32,
    /// Whether the path to `end` is to be sent too. Not part of the request message.
    pub end_path: bool,
}

impl StateRequest {
    /// The request of the network protocol.
    #[must_use]
    pub fn new(start: StateKey, end: StateKey, bytes_max: u32) -> Self {
        Self { start, end, bytes_max, end_path: false }
    }

    /// The same request, with the path to the end.
    #[must_use]
    pub fn with_end_path(self) -> Self {
        Self { end_path: true, ..self }
    }
}

/// An answer: boundary nodes and pairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StateResponse {
    /// The preimages of the nodes on the boundary paths, every node after its parent.
    pub nodes: Vec<[u8; 64]>,
    /// The pairs, in ascending order of their keys.
    pub pairs: Vec<(StateKey, Vec<u8>)>,
}

/// Why a state response was refused. None is raised for an honest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StateResponseError {
    /// A message ends early, or has bytes after its end.
    #[error("the message has {found} bytes, {needed} needed")]
    Length {
        /// Bytes needed, as far as the part read tells.
        needed: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The nodes' message is not a number of 64-byte nodes.
    #[error("boundary nodes of {found} bytes are not a multiple of 64")]
    NodesLength {
        /// Bytes there are.
        found: usize,
    },
    /// A value's length is not in the shortest form of a Gray Paper natural.
    #[error("the value length at byte {offset} is not in its shortest form")]
    ValueLength {
        /// Offset in the pairs' message.
        offset: usize,
    },
    /// The range asked for ends before it begins.
    #[error("the range ends before it begins")]
    EmptyRange,
    /// Pairs are not in strictly ascending order of their keys.
    #[error("pair {index} has a key that is not greater than the one before")]
    Unsorted {
        /// The first pair that is out of order.
        index: usize,
    },
    /// A pair is not in the range asked for.
    #[error("pair {index} is not in the range asked for")]
    OutOfRange {
        /// The first such pair.
        index: usize,
    },
    /// A node is there twice.
    #[error("boundary node {index} is there twice")]
    DuplicateNode {
        /// One of its places.
        index: usize,
    },
    /// A node on one of the paths is missing.
    #[error("the boundary node at depth {depth} is missing")]
    MissingNode {
        /// Branches above it.
        depth: usize,
    },
    /// A node comes before its parent.
    #[error("boundary node {index} comes before its parent")]
    BeforeParent {
        /// Its place.
        index: usize,
    },
    /// A node is on none of the paths.
    #[error("boundary node {index} is on none of the paths")]
    NotOnPath {
        /// Its place.
        index: usize,
    },
    /// A node that begins as a leaf is not a leaf encoding.
    #[error("boundary node {index} is not a leaf encoding")]
    NotALeaf {
        /// Its place.
        index: usize,
    },
    /// A leaf's key does not lead to the leaf's place.
    #[error("boundary node {index} is a leaf off its path")]
    LeafOffPath {
        /// Its place.
        index: usize,
    },
    /// A branch stands below the last bit of a key.
    #[error("boundary node {index} is a branch below the last bit of a key")]
    TooDeep {
        /// Its place.
        index: usize,
    },
    /// Pairs and nodes tell different things.
    #[error("pairs and nodes differ at depth {depth}, pair {index}")]
    PairsDiffer {
        /// Branches above the place.
        depth: usize,
        /// The first pair that is there, or would be.
        index: usize,
    },
}

/// The two parts of a response's size that are known before its nodes are made.
const NODE_SIZE: usize = 64;
const HASH_SIZE: usize = size_of::<Hash>();

#[cfg(test)]
mod tests;
