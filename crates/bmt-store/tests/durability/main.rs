//! What survives crashes and failing disks, on the simulated disk; one behaviour a file.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod a_checkpoint_that_cannot_read_is_tried_again;
mod a_crash_at_any_operation_keeps_acknowledged_commits;
mod a_failing_disk_loses_nothing_acknowledged;
mod a_making_may_crash_twice;
mod a_poisoned_handle_says_so;
mod a_small_database_is_small;
mod one_fdatasync_a_commit;
mod replaying_reads_no_leaf;
mod small_commits_count_as_the_blocks_they_take;
mod support;
