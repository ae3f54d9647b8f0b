//! **Should I be using this crate?** Yes, if you need the state root of the JAM Gray Paper
//! (appendix D), or proofs against it, and no database: a light client, a `no_std` verifier, a
//! test oracle, another storage engine. For a durable database take the `bmt` crate instead.
//!
//! `bmt-core` holds everything of the trie that needs no disk:
//!
//! * [`StateKey`]: the 31-byte keys of the Gray Paper and their constructors;
//! * [`Scheme`]: what a trie hashes and how; [`GrayPaper`] is the default one,
//!   [`NomtCompat`] another;
//! * [`mod@reference`]: the root of a whole set, written for clarity; every other layer is judged by it;
//! * [`Trie`]: an incremental in-memory trie with O(1) snapshots;
//! * [`root_sorted`]: the root of a whole set, fast; [`wave`]: what it is made of;
//! * [`lanes`]: Blake2b-256 of many nodes or short values at once, in SIMD lanes;
//! * [`PathProof`]: proofs that a key has a value, or is absent, with a canonical encoding;
//! * [`MultiProof`]: the same for any set of keys in one proof;
//! * [`RangeProof`]: proofs that some entries are all in a range or under a prefix;
//! * [`Witness`]: what a verifier without the state needs to read it and to compute the next root;
//! * [`StateRequest`] and [`StateResponse`]: the JAM network's CE 129;
//! * [`TrieView`]: what a database implements to make all of these from its pages.
//!
//! The crate is `no_std` (it needs `alloc`), has two dependencies and no
//! `unsafe` outside of the lanes' vector instructions.
//!
//! # Example
//!
//! ```
//! use bmt_core::{GrayPaper, PathProof, StateKey, Trie};
//!
//! let mut trie = Trie::<GrayPaper>::new();
//! let key = StateKey::service_storage(7, b"name");
//! trie.insert(key, b"alice".to_vec());
//! let root = trie.root();
//!
//! let bytes = trie.prove(&key).encode();
//! let proof = PathProof::<GrayPaper>::decode(&bytes)?;
//! proof.verify_present(&root, &key, b"alice")?;
//! assert!(proof.verify_present(&root, &key, b"bob").is_err());
//! # Ok::<(), bmt_core::ProofError>(())
//! ```
#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod bits;
#[cfg(any(feature = "serde", feature = "scale", feature = "borsh"))]
mod codec;
#[cfg(feature = "unstable")]
pub mod compact_proof;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz_targets;
mod gray_paper;
mod key;
pub mod lanes;
pub mod multiproof;
pub mod nomt_compat;
pub mod outline;
pub mod proof;
pub mod range_proof;
pub mod reference;
mod root;
mod scheme;
pub mod state_request;
pub mod trie;
pub mod view;
pub mod wave;
pub mod witness;

#[cfg(feature = "unstable")]
pub use compact_proof::{CompactProof, CompactProofError};
pub use gray_paper::GrayPaper;
pub use key::{Key, KeyError, StateKey};
pub use multiproof::{MultiProof, MultiProofError};
pub use nomt_compat::NomtCompat;
pub use outline::OutlineError;
pub use proof::{PathProof, ProofError};
pub use range_proof::{RangePart, RangeProof, RangeProofError};
pub use root::root_sorted;
#[cfg(feature = "rayon")]
pub use root::root_sorted_parallel;
pub use scheme::{EMPTY_ROOT, Hash, LeafValue, NodeKind, Scheme};
pub use state_request::{StateRequest, StateResponse, StateResponseError};
pub use trie::Trie;
pub use view::TrieView;
pub use witness::{Witness, WitnessError};
