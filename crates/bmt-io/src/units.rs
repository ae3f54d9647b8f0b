//! Lengths in memory as lengths in files.

/// A length in memory as a file length; no machine has more than 2^64 bytes.
pub(crate) fn len_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}
