//! Lengths in memory as lengths in files, and back.

pub(crate) use bmt_io::PAGE_SIZE;

/// A length in memory as a file length; no machine has more than 2^64 bytes.
pub(crate) fn len_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// A length in memory as a 32-bit count, capped.
pub(crate) fn len_u32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// A 32-bit count as a length in memory; `usize` has at least 32 bits wherever pages are 4 KiB.
pub(crate) fn to_usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Where a page begins in the file.
pub(crate) fn offset_of(page: u32) -> u64 {
    u64::from(page) * len_u64(PAGE_SIZE)
}
