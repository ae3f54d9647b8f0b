//! States and databases that go from one place to another, and databases that are only read.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod a_copy_is_whole_or_none;
mod a_live_database_is_copied;
mod an_export_comes_back;
mod an_unfinished_import_is_begun_anew;
mod broken_exports_are_refused;
mod reading_changes_nothing;
mod support;
