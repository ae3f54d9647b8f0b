//! Files that are not what was written: every byte, and formats of before.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod every_byte_is_told_or_harmless;
mod version_1_is_refused;
