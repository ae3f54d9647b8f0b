//! Tests of the log as a whole, on the simulated disk; one behaviour a file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod abandoned_tail;
mod basics;
mod crash_at_every_operation;
mod cuts;
mod damage_is_reported;
mod damaged_headers;
mod failed_sync;
mod faults_are_caught;
mod format_is_golden;
mod group_commit;
mod judge;
mod later_record_survives;
mod model;
mod opening_with_knowledge;
mod order_of_pruning;
mod out_of_space;
mod preparing_ends;
mod process_crash_before_sync;
mod pruning_and_pins;
mod pruning_cut_short;
mod real_files;
mod record_image_in_a_value;
mod setup;
mod smallest_segments;
mod storage_errors;
mod torn_multi_part;
