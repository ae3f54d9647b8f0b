//! Fuzz targets: plain functions from any bytes, which panic when a promise is broken.
//!
//! Behind the feature `fuzzing`, for a fuzzer to call; this crate's own tests run each over its
//! corpus and over mutations of it, on stable. A target takes bytes for what a peer sent: it must be
//! read or refused, without a panic, and what is accepted must be true of the fixed state that the
//! corpus was made from.

mod proofs;
mod update;

use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::trie::Trie;
use alloc::vec;
use alloc::vec::Vec;

#[cfg(feature = "unstable")]
pub use proofs::compact_proof;
pub use proofs::{multi_proof, path_proof, range_proof, state_response, witness};
pub use update::stateless_update;

/// One fuzz target.
#[derive(Debug, Clone, Copy)]
pub struct FuzzTarget {
    /// Its name, that of the function.
    pub name: &'static str,
    /// Runs it on some bytes.
    pub run: fn(&[u8]),
    /// Bytes to begin from.
    pub corpus: fn() -> Vec<Vec<u8>>,
}

/// Every target.
pub const FUZZ_TARGETS: &[FuzzTarget] = &[
    FuzzTarget { name: "path_proof", run: path_proof, corpus: proofs::path_corpus },
    FuzzTarget { name: "multi_proof", run: multi_proof, corpus: proofs::multi_corpus },
    FuzzTarget { name: "range_proof", run: range_proof, corpus: proofs::range_corpus },
    FuzzTarget { name: "witness", run: witness, corpus: proofs::witness_corpus },
    FuzzTarget { name: "state_response", run: state_response, corpus: proofs::response_corpus },
    #[cfg(feature = "unstable")]
    FuzzTarget { name: "compact_proof", run: compact_proof, corpus: proofs::compact_corpus },
    FuzzTarget { name: "stateless_update", run: stateless_update, corpus: update::corpus },
];

/// The keys of the fixed state, ascending: two that share 247 bits among them.
fn keys() -> [StateKey; 6] {
    let key = |first: u8, last: u8| {
        let mut bytes = [0x5a; 31];
        (bytes[0], bytes[30]) = (first, last);
        StateKey::new(bytes)
    };
    [key(0, 0), key(0x10, 0), key(0x12, 0), key(0x80, 0xfe), key(0x80, 0xff), key(0xf0, 0)]
}

/// The fixed state.
fn state() -> Trie<GrayPaper> {
    let lengths = [0, 3, 32, 33, 5, 80];
    keys().into_iter().zip(lengths).map(|(key, length)| (key, vec![7; length])).collect()
}

#[cfg(test)]
mod tests;
