//! What `Db::check` finds of a database, and what it does not.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod a_changed_byte_is_found_or_harmless;
mod random;
mod whatever_was_done_leaves_it_sound;
