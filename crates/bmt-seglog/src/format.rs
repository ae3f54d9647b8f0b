//! The bytes of the log: constants, and the two headers that make up a segment file.
//!
//! The byte map and the numbered invariants stand in `docs/format/log.md`.

pub(crate) mod cut;
pub(crate) mod occupied;
pub(crate) mod part;
pub(crate) mod segment;

/// The unit of every write: parts start on multiples of it, so acknowledged bytes stay untouched.
pub(crate) const BLOCK_BYTES: u64 = 4096;

/// The version of segment and part headers that this crate writes, and the only one it reads.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// Bytes of a whole block, for buffers.
pub(crate) const BLOCK_LEN: usize = 4096;

/// Why some bytes are not a header of this log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAHeader {
    /// No magic: zeros, a payload, anything else.
    NoMagic,
    /// The header belongs to another life of the log, or to another log.
    OtherSalt,
    /// The checksum differs: torn, damaged, or written under another salt.
    Checksum,
    /// The checksum holds and the version is not ours.
    Version(u32),
    /// The checksum holds and the flags have a bit that we don't know.
    Flags(u32),
    /// The checksum holds and a field is out of its range.
    Field(&'static str),
}

/// Reads little-endian integers at fixed places of a header whose length was checked.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

impl Fields<'_> {
    pub(crate) fn u32_at(self, offset: usize) -> u32 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.0[offset..offset + 4]);
        u32::from_le_bytes(bytes)
    }

    pub(crate) fn u64_at(self, offset: usize) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[offset..offset + 8]);
        u64::from_le_bytes(bytes)
    }
}

/// Writes an integer's little-endian bytes at `offset`.
pub(crate) fn put<const N: usize>(header: &mut [u8], offset: usize, bytes: [u8; N]) {
    header[offset..offset + N].copy_from_slice(&bytes);
}

/// Rounds up to whole blocks.
pub(crate) const fn round_up_to_block(length_bytes: u64) -> u64 {
    length_bytes.div_ceil(BLOCK_BYTES) * BLOCK_BYTES
}

/// A length that was checked to be small, as an index.
///
/// # Panics
/// When a `u64` does not fit in a `usize`, which no supported target can reach with the limits of
/// this crate.
#[track_caller]
pub(crate) fn to_usize(length: u64) -> usize {
    let Ok(length) = usize::try_from(length) else {
        unreachable!("lengths are limited to what a usize holds, found {length}")
    };
    length
}

#[cfg(test)]
mod tests;
