//! [`bmt_core::NomtCompat`] against the nomt crate: the same sets have the same roots, and proofs of
//! the same keys, present and absent, have the same siblings and terminals.
//!
//! The peer is a real database in a temporary directory, whose merkle pages are written and read
//! back, and the functions of nomt-core. Every case is tried with BLAKE3 and with SHA-256.
//!
//! `cargo test --release --manifest-path benches/compare/Cargo.toml --test nomt_differential` takes
//! some ten seconds, without `--release` minutes.

mod multi_proofs;
mod path_proofs;
mod peer;
mod roots;
mod sets;
mod witnesses;
