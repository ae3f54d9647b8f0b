//! Tests of tables and stores as a whole, on the simulated disk; one behaviour a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod crash_at_every_operation;
mod faults_are_caught;
mod judge;
mod model;
mod random;
mod storage_errors;
