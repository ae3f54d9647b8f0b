//! Tests of the tree as a whole, on the simulated disk; one behaviour a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod core_model;
mod key_sets;
mod model;
mod random;
mod world;
