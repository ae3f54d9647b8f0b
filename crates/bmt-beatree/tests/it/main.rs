//! Tests of the tree as a whole, on the simulated disk; one behaviour a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod abandoned_checkpoint;
mod bulk_build;
mod core_model;
mod damage_is_reported;
mod faults_are_caught;
mod frontier_cuts;
mod full_disk;
mod judge;
mod key_sets;
mod long_values;
mod model;
mod random;
mod snapshots_expire;
mod space;
mod store_crash;
mod store_faults;
mod threads;
mod world;
