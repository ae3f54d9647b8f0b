//! Tests of the log as a whole, on the simulated disk; one behaviour a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod basics;
mod crash_at_every_operation;
mod judge;
mod model;
