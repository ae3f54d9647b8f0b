//! What survives crashes and failing disks, on the simulated disk; one behaviour a file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod a_crash_at_any_operation_keeps_acknowledged_commits;
mod a_failing_disk_loses_nothing_acknowledged;
mod one_fdatasync_a_commit;
mod support;
