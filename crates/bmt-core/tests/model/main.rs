//! Proofs and witnesses against a plain map and the reference root, on random states.
//!
//! Each model test runs `BMT_CASES` random cases, 10,000 unless told otherwise, divided among the
//! tests; a case's number is its seed, so a failure names the case to run again.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[cfg(feature = "unstable")]
mod compact_proof;
mod multi_proof;
mod mutation;
mod other_schemes;
mod python;
mod random;
mod range_proof;
mod state_request;
mod witness;
