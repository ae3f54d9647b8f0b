//! One list of cases, run on every backend.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a skipped case says so")]

mod cases;

use bmt_io::{Backend, BackendKind, Directory, IoError, IoOptions, SimDisk, open_directory};
use std::sync::Arc;

/// Runs a case in an empty real directory. Where the kernel refuses io_uring the case is reported as
/// skipped; a machine that must have it sets `BMT_REQUIRE_IO_URING`.
fn on_real(backend: Backend, case: fn(&Arc<dyn Directory>)) {
    let directory = tempfile::tempdir().unwrap();
    let options = IoOptions { backend, ..IoOptions::default() };
    match open_directory(directory.path(), &options) {
        Ok(directory) => {
            let expected = match backend {
                Backend::IoUring => BackendKind::IoUring,
                _ => BackendKind::Threads,
            };
            assert_eq!(directory.backend().kind, expected);
            case(&directory);
        }
        Err(IoError::BackendUnavailable { .. })
            if std::env::var_os("BMT_REQUIRE_IO_URING").is_none() =>
        {
            println!("skipped: no io_uring here");
        }
        Err(error) => panic!("{error}"),
    }
}

macro_rules! conformance {
    ($($case:ident),* $(,)?) => {
        mod threads {
            $(#[test] fn $case() { super::on_real(super::Backend::Threads, super::cases::$case); })*
        }
        mod io_uring {
            $(#[test] fn $case() { super::on_real(super::Backend::IoUring, super::cases::$case); })*
        }
        mod sim {
            $(#[test] fn $case() {
                super::cases::$case(&super::SimDisk::new(7).directory());
            })*
        }
    };
}

conformance!(
    a_file_is_created_once,
    a_missing_file_is_not_found,
    bytes_are_read_where_they_were_written,
    a_gap_reads_as_zeros,
    a_read_past_the_end_says_what_was_there,
    lengths_grow_with_zeros_and_are_cut,
    zero_fill_overwrites_and_grows,
    ranges_past_the_largest_offset_are_refused,
    names_are_checked_and_listed_in_order,
    a_rename_replaces_and_open_handles_live_on,
    the_lock_has_one_holder_and_is_released,
    operations_and_bytes_are_counted,
    a_queue_completes_every_request_once,
    a_file_ends_at_any_byte,
    a_queue_reports_the_request_that_fails,
    dropping_a_queue_ends_what_was_submitted,
    an_idle_queue_does_not_wait,
    queues_are_independent,
);
