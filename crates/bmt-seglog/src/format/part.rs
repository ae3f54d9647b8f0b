//! The header of a part: the piece of a record that lies in one segment.
//!
//! # Format
//! 88 bytes, little-endian, at the start of a 4 KiB block; the payload follows at once and is
//! padded with zeros to the next block. The last field is the header's own checksum, which is also
//! the *chain value*: the next part repeats it as its predecessor.

use super::{BLOCK_BYTES, FORMAT_VERSION, Fields, NotAHeader, put, round_up_to_block};
use bmt_io::checksum;

/// Bytes of a part header; the payload starts here.
pub(crate) const PART_HEADER_BYTES: u64 = 88;
/// The same as a length for buffers.
pub(crate) const PART_HEADER_LEN: usize = 88;
const CHECKSUM_AT: usize = 80;
const MAGIC: [u8; 8] = *b"BMTLGREC";

const FLAG_FIRST: u32 = 1;
const FLAG_LAST: u32 = 1 << 1;
const FLAG_CUT: u32 = 1 << 2;
const FLAGS_KNOWN: u32 = FLAG_FIRST | FLAG_LAST | FLAG_CUT;

const _: () = assert!(CHECKSUM_AT + 8 == PART_HEADER_LEN && PART_HEADER_BYTES < BLOCK_BYTES);

/// What a record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RecordKind {
    /// A caller's payload.
    Data,
    /// The intent to cut the log's end; see [`super::cut`].
    Cut,
}

/// A decoded part header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartHeader {
    /// What the record is for.
    pub(crate) kind: RecordKind,
    /// The record's sequence number, from 1.
    pub(crate) sequence: u64,
    /// The newest sequence known to be durable when this part was written; less than `sequence`.
    pub(crate) synced_through: u64,
    /// The chain value of the part before this one, or the log's salt for the very first one.
    pub(crate) predecessor: u64,
    /// The ordinal of the segment in which the part lies.
    pub(crate) ordinal: u64,
    /// The block of the segment at which the part lies.
    pub(crate) block: u32,
    /// Payload bytes of the whole record.
    pub(crate) record_bytes: u64,
    /// Position of this part in its record, from 0.
    pub(crate) part_index: u32,
    /// Payload bytes of this part.
    pub(crate) part_bytes: u32,
    /// Whether the record ends with this part.
    pub(crate) is_last: bool,
    /// Checksum of this part's payload, seeded with the salt.
    pub(crate) payload_checksum: u64,
}

impl PartHeader {
    /// Whether the record starts with this part.
    pub(crate) fn is_first(&self) -> bool {
        self.part_index == 0
    }

    /// Bytes the part takes in its segment: header, payload, padding.
    pub(crate) fn stored_bytes(&self) -> u64 {
        round_up_to_block(PART_HEADER_BYTES + u64::from(self.part_bytes))
    }

    /// The header's bytes and its chain value.
    pub(crate) fn encode(&self, salt: u64) -> ([u8; PART_HEADER_LEN], u64) {
        assert!(self.synced_through < self.sequence, "INV-LG-06: a part precedes its own sync");
        let mut flags = 0;
        if self.is_first() {
            flags |= FLAG_FIRST;
        }
        if self.is_last {
            flags |= FLAG_LAST;
        }
        if self.kind == RecordKind::Cut {
            flags |= FLAG_CUT;
        }
        let mut bytes = [0; PART_HEADER_LEN];
        put(&mut bytes, 0, MAGIC);
        put(&mut bytes, 8, FORMAT_VERSION.to_le_bytes());
        put(&mut bytes, 12, flags.to_le_bytes());
        put(&mut bytes, 16, self.sequence.to_le_bytes());
        put(&mut bytes, 24, self.synced_through.to_le_bytes());
        put(&mut bytes, 32, self.predecessor.to_le_bytes());
        put(&mut bytes, 40, self.ordinal.to_le_bytes());
        put(&mut bytes, 48, self.record_bytes.to_le_bytes());
        put(&mut bytes, 56, self.part_index.to_le_bytes());
        put(&mut bytes, 60, self.part_bytes.to_le_bytes());
        put(&mut bytes, 64, self.block.to_le_bytes());
        put(&mut bytes, 72, self.payload_checksum.to_le_bytes());
        let chain = checksum(salt, &bytes[..CHECKSUM_AT]);
        put(&mut bytes, CHECKSUM_AT, chain.to_le_bytes());
        (bytes, chain)
    }

    /// The header at the start of `bytes`, and its chain value. Says nothing about the payload.
    ///
    /// `check` is false only under a deliberate fault.
    pub(crate) fn decode(bytes: &[u8], salt: u64, check: bool) -> Result<(Self, u64), NotAHeader> {
        let Some(bytes) = bytes.get(..PART_HEADER_LEN) else { return Err(NotAHeader::NoMagic) };
        if bytes[..8] != MAGIC {
            return Err(NotAHeader::NoMagic);
        }
        let fields = Fields(bytes);
        let chain = fields.u64_at(CHECKSUM_AT);
        if check && chain != checksum(salt, &bytes[..CHECKSUM_AT]) {
            return Err(NotAHeader::Checksum);
        }
        if fields.u32_at(8) != FORMAT_VERSION {
            return Err(NotAHeader::Version(fields.u32_at(8)));
        }
        let flags = fields.u32_at(12);
        if flags & !FLAGS_KNOWN != 0 {
            return Err(NotAHeader::Flags(flags));
        }
        let header = Self {
            kind: if flags & FLAG_CUT == 0 { RecordKind::Data } else { RecordKind::Cut },
            sequence: fields.u64_at(16),
            synced_through: fields.u64_at(24),
            predecessor: fields.u64_at(32),
            ordinal: fields.u64_at(40),
            record_bytes: fields.u64_at(48),
            part_index: fields.u32_at(56),
            part_bytes: fields.u32_at(60),
            block: fields.u32_at(64),
            is_last: flags & FLAG_LAST != 0,
            payload_checksum: fields.u64_at(72),
        };
        header.validate(flags & FLAG_FIRST != 0)?;
        Ok((header, chain))
    }

    fn validate(&self, first_flag: bool) -> Result<(), NotAHeader> {
        if self.synced_through >= self.sequence {
            return Err(NotAHeader::Field("synced_through"));
        }
        if first_flag != self.is_first() {
            return Err(NotAHeader::Field("part_index"));
        }
        let part_bytes = u64::from(self.part_bytes);
        let whole = self.is_first() && self.is_last;
        if part_bytes > self.record_bytes || (whole && part_bytes != self.record_bytes) {
            return Err(NotAHeader::Field("part_bytes"));
        }
        if self.part_bytes == 0 && !whole {
            return Err(NotAHeader::Field("part_bytes"));
        }
        if self.kind == RecordKind::Cut && !whole {
            return Err(NotAHeader::Field("flags"));
        }
        Ok(())
    }
}
