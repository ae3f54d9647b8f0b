//! Tests of tables and stores as a whole, on the simulated disk; one behaviour a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod basics;
mod copying_beside_batches;
mod costs_of_a_lookup;
mod crash_at_every_operation;
mod damage_is_found;
mod damage_stops_nothing_else;
mod faults_are_caught;
mod format_is_golden;
mod judge;
mod model;
mod out_of_space;
mod own_manifest;
mod poison;
mod random;
mod real_files;
mod resizing;
mod setup;
mod snapshots;
mod storage_errors;
mod tag_clashes;
