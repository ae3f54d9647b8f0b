//! The bytes of one slot.

use crate::checksum;

/// Bytes of a slot.
pub const SLOT_BYTES: usize = 4096;

/// Bytes before the payload.
const HEADER_BYTES: usize = 48;

/// The longest record that a slot takes.
pub const SLOT_PAYLOAD_BYTES_MAX: usize = 3584;

const MAGIC: [u8; 8] = *b"bmt.slot";
const VERSION: u32 = 1;
/// Fixed, since a slot is where every other seed is kept.
const CHECKSUM_SEED: u64 = 0x736c_6f74_0000_0001;
const CHECKSUM_AT: usize = 8;
/// The checksum covers all that follows it; the magic before it is compared byte for byte.
const COVERED_FROM: usize = 16;

const _: () = assert!(HEADER_BYTES + SLOT_PAYLOAD_BYTES_MAX <= SLOT_BYTES);

/// A record and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot<'a> {
    /// 0 or 1.
    pub(super) index: usize,
    pub(super) kind: u32,
    pub(super) sequence: u64,
    pub(super) payload: &'a [u8],
}

/// Why a slot's bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SlotDamage {
    /// All bytes are zero, or the file ends before the slot's end.
    #[error("nothing was written")]
    Empty,
    /// The magic is another one.
    #[error("wrong magic")]
    Magic,
    /// The checksum is another one: torn, or damaged.
    #[error("checksum {found:#018x}, expected {expected:#018x}")]
    Checksum {
        /// The checksum of the bytes.
        expected: u64,
        /// The checksum that stands there.
        found: u64,
    },
    /// The slot is whole, and of a version or with feature flags that this release does not know.
    #[error("format version {version} with flags {flags:#x}")]
    Unsupported {
        /// The format version.
        version: u32,
        /// The feature flags.
        flags: u32,
    },
    /// The slot is whole, and belongs in the other place.
    #[error("slot {found} stands in place {expected}")]
    Misplaced {
        /// The place it was found in.
        expected: u32,
        /// The place it names.
        found: u32,
    },
    /// The slot is whole, and its fields make no sense.
    #[error("length {len_bytes} or the bytes after the record are invalid")]
    Length {
        /// The length that stands there.
        len_bytes: u32,
    },
}

/// The bytes of a slot.
///
/// # Panics
/// When the payload is longer than [`SLOT_PAYLOAD_BYTES_MAX`]; callers have checked.
pub(super) fn encode(slot: &Slot<'_>) -> [u8; SLOT_BYTES] {
    assert!(slot.payload.len() <= SLOT_PAYLOAD_BYTES_MAX, "INV-SL-04: a record fits its slot");
    let len_bytes = u32::try_from(slot.payload.len()).unwrap_or(u32::MAX);
    let index = u32::try_from(slot.index).unwrap_or(u32::MAX);
    let mut bytes = [0; SLOT_BYTES];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[16..20].copy_from_slice(&VERSION.to_le_bytes());
    // Bytes 20 to 24 are the feature flags: none.
    bytes[24..28].copy_from_slice(&slot.kind.to_le_bytes());
    bytes[28..32].copy_from_slice(&index.to_le_bytes());
    bytes[32..40].copy_from_slice(&slot.sequence.to_le_bytes());
    bytes[40..44].copy_from_slice(&len_bytes.to_le_bytes());
    bytes[HEADER_BYTES..HEADER_BYTES + slot.payload.len()].copy_from_slice(slot.payload);
    let sum = checksum(CHECKSUM_SEED, &bytes[COVERED_FROM..]);
    bytes[CHECKSUM_AT..COVERED_FROM].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// The record in the slot at place `index`.
pub(super) fn decode(bytes: &[u8; SLOT_BYTES], index: usize) -> Result<Slot<'_>, SlotDamage> {
    if bytes.iter().all(|byte| *byte == 0) {
        return Err(SlotDamage::Empty);
    }
    if bytes[..8] != MAGIC {
        return Err(SlotDamage::Magic);
    }
    let expected = checksum(CHECKSUM_SEED, &bytes[COVERED_FROM..]);
    let found = u64_at(bytes, CHECKSUM_AT);
    if found != expected {
        return Err(SlotDamage::Checksum { expected, found });
    }
    let (version, flags) = (u32_at(bytes, 16), u32_at(bytes, 20));
    if version != VERSION || flags != 0 {
        return Err(SlotDamage::Unsupported { version, flags });
    }
    let (place, found) = (u32::try_from(index).unwrap_or(u32::MAX), u32_at(bytes, 28));
    if found != place {
        return Err(SlotDamage::Misplaced { expected: place, found });
    }
    let len_bytes = u32_at(bytes, 40);
    let invalid = SlotDamage::Length { len_bytes };
    let len = usize::try_from(len_bytes).map_err(|_| invalid)?;
    if len > SLOT_PAYLOAD_BYTES_MAX || u32_at(bytes, 44) != 0 {
        return Err(invalid);
    }
    let (payload, rest) = bytes[HEADER_BYTES..].split_at(len);
    if rest.iter().any(|byte| *byte != 0) {
        return Err(invalid);
    }
    Ok(Slot { index, kind: u32_at(bytes, 24), sequence: u64_at(bytes, 32), payload })
}

fn u32_at(bytes: &[u8; SLOT_BYTES], at: usize) -> u32 {
    u32::from_le_bytes(core::array::from_fn(|byte| bytes[at + byte]))
}

fn u64_at(bytes: &[u8; SLOT_BYTES], at: usize) -> u64 {
    u64::from_le_bytes(core::array::from_fn(|byte| bytes[at + byte]))
}

#[cfg(test)]
mod tests;
