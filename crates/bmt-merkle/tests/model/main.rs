//! The paged trie against the reference trie and against itself, over random histories.
//!
//! `BMT_STEPS` is the number of batches of each family of keys.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod counts;
mod epochs;
mod eviction;
mod frontier;
mod owner;
mod proofs;
mod roots;
mod schemes;
mod small_world;
mod threads;
mod world;
