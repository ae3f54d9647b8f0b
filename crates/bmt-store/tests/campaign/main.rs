//! The whole database on a simulated disk that crashes, fails and fills up, at every operation.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod audit;
mod crafted_records;
mod crash_anywhere;
mod evicted_pages;
mod fail_anywhere;
mod faults_are_caught;
mod kinds;
mod life;
mod lost_log_ends;
mod profile;
mod random;
mod settled_recovery;
mod trial;
mod workload;
