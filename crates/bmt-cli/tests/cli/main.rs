//! The `bmt` program as its users run it: what it prints, what it changes, how it exits.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod a_database_is_copied;
mod a_database_that_cannot_be_opened_is_told_by_the_exit_status;
mod a_proof_verifies_for_its_claim_alone;
mod a_reader_that_goes_away_ends_the_command;
mod a_state_is_exported_and_imported;
mod apply_commits_each_line;
mod apply_goes_on_after_an_interruption;
mod apply_runs_every_chain_file_of_the_corpus;
mod apply_runs_three_hundred_lines;
mod apply_stops_at_the_first_wrong_line;
mod bad_input_changes_nothing;
mod bench_measures_and_tidies_up;
mod chain_file;
mod check_finds_what_is_wrong;
mod completions_know_every_command;
mod earlier_states_are_read_by_their_root;
mod every_command_prints_json_on_request;
mod forks_are_rolled_back_or_held;
mod info_tells_what_opening_found;
mod keys_are_set_read_and_deleted;
mod program;
mod random;
mod reading_changes_no_byte;
mod rollback_undoes_commits;
mod scan_prints_a_range;
mod stats_are_printed_once_or_again_and_again;
