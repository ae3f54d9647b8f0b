//! The header of a segment file: the first block of a file that is part of the log.
//!
//! # Format
//! 80 bytes, little-endian, then zeros to the end of the block. It is written once, together with
//! the first part of the segment, and never again until the segment leaves the log. A prepared
//! spare segment has zeros in its place.

use super::{BLOCK_BYTES, FORMAT_VERSION, Fields, NotAHeader, put};
use crate::faults::Faults;
use bmt_io::checksum;

/// Bytes of a segment header.
pub(crate) const SEGMENT_HEADER_LEN: usize = 80;
const CHECKSUM_AT: usize = 72;
const MAGIC: [u8; 8] = *b"BMTLGSEG";

const _: () = assert!(CHECKSUM_AT + 8 == SEGMENT_HEADER_LEN);

/// The least size of a segment: its header and three blocks.
pub const SEGMENT_BYTES_MIN: u64 = 4 * BLOCK_BYTES;
/// The greatest size of a segment.
pub const SEGMENT_BYTES_MAX: u64 = 1 << 30;

/// A decoded segment header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SegmentHeader {
    /// Position of the segment in the log; consecutive segments have consecutive ordinals.
    pub(crate) ordinal: u64,
    /// Size of the file, a multiple of the block.
    pub(crate) segment_bytes: u64,
    /// Sequence of the segment's first part.
    pub(crate) first_sequence: u64,
    /// Index of the segment's first part in its record; not 0 if the record began before.
    pub(crate) first_part: u32,
    /// Chain value of the part before the segment's first part.
    pub(crate) predecessor: u64,
    /// The newest sequence known to be durable when the header was written.
    pub(crate) synced_through: u64,
}

impl SegmentHeader {
    /// The header's bytes, padded with zeros to a block. `seed` is the salt, but for a fault.
    pub(crate) fn encode(&self, salt: u64, seed: u64) -> [u8; super::BLOCK_LEN] {
        let mut bytes = [0; super::BLOCK_LEN];
        put(&mut bytes, 0, MAGIC);
        put(&mut bytes, 8, FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 16, salt.to_le_bytes());
        put(&mut bytes, 24, self.ordinal.to_le_bytes());
        put(&mut bytes, 32, self.segment_bytes.to_le_bytes());
        put(&mut bytes, 40, self.first_sequence.to_le_bytes());
        put(&mut bytes, 48, self.predecessor.to_le_bytes());
        put(&mut bytes, 56, self.synced_through.to_le_bytes());
        put(&mut bytes, 64, self.first_part.to_le_bytes());
        let sum = checksum(seed, &bytes[..CHECKSUM_AT]);
        put(&mut bytes, CHECKSUM_AT, sum.to_le_bytes());
        bytes
    }

    /// The header at the start of `bytes`.
    pub(crate) fn decode(bytes: &[u8], salt: u64, faults: Faults) -> Result<Self, NotAHeader> {
        let Some(bytes) = bytes.get(..SEGMENT_HEADER_LEN) else { return Err(NotAHeader::NoMagic) };
        if bytes[..8] != MAGIC {
            return Err(NotAHeader::NoMagic);
        }
        let fields = Fields(bytes);
        let found_salt = fields.u64_at(16);
        let sum = checksum(faults.seed(found_salt), &bytes[..CHECKSUM_AT]);
        if fields.u64_at(CHECKSUM_AT) != sum && !faults.ignores_checksum() {
            return Err(NotAHeader::Checksum);
        }
        if found_salt != salt {
            return Err(NotAHeader::OtherSalt);
        }
        if fields.u32_at(8) != FORMAT_VERSION {
            return Err(NotAHeader::Version(fields.u32_at(8)));
        }
        if fields.u32_at(12) != 0 {
            return Err(NotAHeader::Flags(fields.u32_at(12)));
        }
        let header = Self {
            ordinal: fields.u64_at(24),
            segment_bytes: fields.u64_at(32),
            first_sequence: fields.u64_at(40),
            first_part: fields.u32_at(64),
            predecessor: fields.u64_at(48),
            synced_through: fields.u64_at(56),
        };
        let size_ok = (SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX).contains(&header.segment_bytes)
            && header.segment_bytes.is_multiple_of(BLOCK_BYTES);
        if !size_ok {
            return Err(NotAHeader::Field("segment_bytes"));
        }
        if header.synced_through >= header.first_sequence {
            return Err(NotAHeader::Field("synced_through"));
        }
        Ok(header)
    }
}
