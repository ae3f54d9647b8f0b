//! The encoding of frontier changes, for commit records.

use super::{FrontierChange, FrontierEntry};
use crate::bits::{Prefix, keep_bits, key_of, shared_bits, stored_bits};
use crate::error::MerkleError;
use crate::shape::ENTRY_WEIGHT_MAX;
use crate::varint::{Reader, put_varint};
use bmt_core::{Key, NodeKind};

/// The version of the encoding, its first byte.
const VERSION: u8 = 1;

const LEAF: u32 = 0;
const BRANCH: u32 = 1;
const REMOVED: u32 = 3;

/// Appends the bits of `key` from `from` up to `to`, and zeros to the end of the byte.
pub(crate) fn put_bits<K: Key>(out: &mut Vec<u8>, key: &K, from: usize, to: usize) {
    let bytes = key.as_bytes();
    let shift = from % 8;
    for at in 0..(to - from).div_ceil(8) {
        let high = bytes.get(from / 8 + at).copied().unwrap_or_default();
        let low = bytes.get(from / 8 + at + 1).copied().unwrap_or_default();
        let pair = u16::from_be_bytes([high, low]) << shift;
        let [mut byte, _] = pair.to_be_bytes();
        let left = to - from - 8 * at;
        if left < 8 {
            byte &= !(0xff_u8 >> left);
        }
        out.push(byte);
    }
}

/// `base` with the bits of `packed` from bit `from` on, `count` of them; the rest is zero. `None` when the
/// bits behind them are not zero or the key is too short.
pub(crate) fn take_bits<K: Key>(base: &K, packed: &[u8], from: usize, count: usize) -> Option<K> {
    if from + count > 8 * K::LEN {
        return None;
    }
    let mut bytes = [0; 33];
    bytes[..K::LEN].copy_from_slice(keep_bits(base, from).as_bytes());
    let shift = from % 8;
    for (at, byte) in packed.iter().enumerate() {
        let [high, low] = (u16::from_be_bytes([*byte, 0]) >> shift).to_be_bytes();
        *bytes.get_mut(from / 8 + at)? |= high;
        *bytes.get_mut(from / 8 + at + 1)? |= low;
    }
    let (bytes, _) = bytes.split_first_chunk::<32>()?;
    let key: K = key_of(bytes);
    let padding = packed.last().copied().unwrap_or_default() & 0xff_u8.checked_shr(pad(count))?;
    let is_padded = count.is_multiple_of(8) || padding == 0;
    is_padded.then_some(key)
}

/// Bits of the last byte that are in use, as a shift.
fn pad(count: usize) -> u32 {
    u32::try_from(count % 8).unwrap_or_default()
}

/// The encoding of changes in ascending order of their prefixes.
///
/// # Panics
/// When the prefixes don't ascend strictly.
#[must_use]
pub fn encode_changes<K: Key>(changes: &[FrontierChange<K>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(1 + 38 * changes.len());
    out.push(VERSION);
    let mut last: Option<Prefix<K>> = None;
    for change in changes {
        let prefix = *change.prefix();
        let shared = last.map_or(0, |last| {
            assert!(last < prefix, "frontier changes ascend strictly");
            shared_bits(last.first_key(), prefix.first_key()).min(last.bits()).min(prefix.bits())
        });
        put_varint(&mut out, u32::from(stored_bits(shared)));
        put_varint(&mut out, u32::from(stored_bits(prefix.bits() - shared)));
        put_bits(&mut out, prefix.first_key(), shared, prefix.bits());
        match change {
            FrontierChange::Remove(_) => put_varint(&mut out, REMOVED),
            FrontierChange::Set(entry) => {
                let kind = if entry.kind == NodeKind::Leaf { LEAF } else { BRANCH };
                put_varint(&mut out, entry.weight << 2 | kind);
                out.extend_from_slice(&entry.hash);
            }
        }
        last = Some(prefix);
    }
    out
}

/// The changes that these bytes encode.
///
/// # Errors
/// [`MerkleError::FrontierEncoding`] when the bytes are not exactly one encoding.
pub fn decode_changes<K: Key>(bytes: &[u8]) -> Result<Vec<FrontierChange<K>>, MerkleError> {
    let mut reader = Reader::new(bytes);
    let error = |rest: &Reader<'_>, reason| {
        let offset_bytes = bytes.len() - rest.remaining();
        MerkleError::FrontierEncoding { offset_bytes, reason }
    };
    if reader.array() != Some([VERSION]) {
        return Err(error(&reader, "unknown version"));
    }
    let mut changes = Vec::new();
    let mut last = None;
    while !reader.is_at_end() {
        let at = reader;
        let change = decode_change(&mut reader, last).map_err(|reason| error(&at, reason))?;
        last = Some(*change.prefix());
        changes.push(change);
    }
    Ok(changes)
}

fn decode_change<K: Key>(
    reader: &mut Reader<'_>,
    last: Option<Prefix<K>>,
) -> Result<FrontierChange<K>, &'static str> {
    let base = last.unwrap_or_else(Prefix::empty);
    let prefix = decode_prefix(reader, &base)?;
    if last.is_some_and(|last| last >= prefix) {
        return Err("the prefixes don't ascend");
    }
    let tag = reader.varint().ok_or("a weight is missing")?;
    let (weight, kind) = (tag >> 2, tag & 3);
    let kind = match (kind, weight) {
        (REMOVED, 0) => return Ok(FrontierChange::Remove(prefix)),
        (LEAF, 0..=ENTRY_WEIGHT_MAX) => NodeKind::Leaf,
        (BRANCH, 0..=ENTRY_WEIGHT_MAX) => NodeKind::Branch,
        _ => return Err("an unknown kind, or a weight out of range"),
    };
    let hash = reader.array().ok_or("a hash is missing")?;
    Ok(FrontierChange::Set(FrontierEntry { prefix, kind, weight, hash }))
}

/// The prefix that shares some bits with `base`, as [`encode_changes`] writes it.
fn decode_prefix<K: Key>(
    reader: &mut Reader<'_>,
    base: &Prefix<K>,
) -> Result<Prefix<K>, &'static str> {
    let short = |reader: &mut Reader<'_>| {
        let value = reader.varint().and_then(|value| usize::try_from(value).ok());
        value.filter(|value| *value <= 8 * K::LEN).ok_or("a prefix is out of range")
    };
    let shared = short(reader)?;
    let count = short(reader)?;
    if shared > base.bits() {
        return Err("a prefix shares more bits than there are");
    }
    let packed = reader.bytes(count.div_ceil(8)).ok_or("a prefix ends early")?;
    let key = take_bits(base.first_key(), packed, shared, count).ok_or("bits of a prefix")?;
    let prefix = Prefix::of_parts(key, stored_bits(shared + count));
    let most = shared_bits(base.first_key(), &key).min(base.bits()).min(prefix.bits());
    if shared == most { Ok(prefix) } else { Err("a prefix has a shorter encoding") }
}
