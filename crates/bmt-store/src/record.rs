//! The payload of a log record: one commit or rollback.
//!
//! # Format
//!
//! Version 2, `docs/format/commit-record.md`; the log frames and checksums it.
#![deny(clippy::indexing_slicing)]

use crate::db::VALUE_BYTES_MAX;
use crate::layout::TRIE_ID;
use bmt_core::{Hash, Key, Scheme};
use bmt_rollback::{put_value, take_value};

pub(crate) const VERSION: u8 = 2;
const HEADER_BYTES: usize = 120;
/// Most bytes of a change beside its value: a key, and a length in each of two sections.
const CHANGE_BYTES_MAX: u64 = 32 + 2 * 5;
/// Most bytes that one change adds to the frontier section: the entries of one subtrie that is cut anew,
/// a few hundred at worst, each a prefix and a hash.
const FRONTIER_BYTES_OF_ONE_CHANGE_MAX: u64 = 64 << 10;
/// Bytes of a record with one change of the longest value to another such.
pub(crate) const ONE_CHANGE_BYTES_MAX: u64 =
    HEADER_BYTES as u64 + CHANGE_BYTES_MAX + 2 * VALUE_BYTES_MAX + FRONTIER_BYTES_OF_ONE_CHANGE_MAX;

/// What a record does to the chain of undoable steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A commit, made on the state of step `parent`.
    Commit { parent: u64 },
    /// A rollback, which restores the state of step `restored`.
    Rollback { restored: u64 },
}

/// The parts of a record that depend on its changes.
#[derive(Debug, Default)]
pub(crate) struct Sections {
    /// Keys of the state after the step.
    pub(crate) key_count: u64,
    pub(crate) change_count: usize,
    /// Key and new value of each change, in key order.
    pub(crate) changes: Vec<u8>,
    /// What each of these keys had before, in the same order.
    pub(crate) undo: Vec<u8>,
    /// What changed in the frontier.
    pub(crate) frontier: Vec<u8>,
}

impl Sections {
    /// Bytes of a record with these sections.
    pub(crate) fn record_bytes(&self) -> u64 {
        let bytes = HEADER_BYTES + self.changes.len() + self.undo.len() + self.frontier.len();
        bytes as u64
    }
}

/// Appends a change.
pub(crate) fn put_change<K: Key>(out: &mut Vec<u8>, key: &K, value: Option<&[u8]>) {
    out.extend_from_slice(key.as_bytes());
    put_value(out, value);
}

/// Bytes of a record with these changes and nothing else: what a commit takes at the least.
pub(crate) fn bytes_min<'a, K: Key>(values: impl Iterator<Item = Option<&'a [u8]>>) -> u64 {
    let each = |value: Option<&[u8]>| (K::LEN + 2 + value.map_or(0, <[u8]>::len)) as u64;
    HEADER_BYTES as u64 + values.map(each).sum::<u64>()
}

/// The header of a record with these sections.
pub(crate) fn header(
    kind: Kind,
    previous_root: &Hash,
    root: &Hash,
    sections: &Sections,
) -> Vec<u8> {
    let (tag, step) = match kind {
        Kind::Commit { parent } => (1, parent),
        Kind::Rollback { restored } => (2, restored),
    };
    let count = u32::try_from(sections.change_count).unwrap_or(u32::MAX);
    assert_ne!(count, u32::MAX, "a record of at most 4 GiB has fewer than 2^32 changes");
    let mut bytes = Vec::with_capacity(HEADER_BYTES);
    bytes.extend_from_slice(&[tag, VERSION, 0, 0]);
    bytes.extend_from_slice(&TRIE_ID.to_le_bytes());
    bytes.extend_from_slice(previous_root);
    bytes.extend_from_slice(root);
    bytes.extend_from_slice(&step.to_le_bytes());
    bytes.extend_from_slice(&count.to_le_bytes());
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    bytes.extend_from_slice(&sections.key_count.to_le_bytes());
    for section in [&sections.changes, &sections.undo, &sections.frontier] {
        bytes.extend_from_slice(&(section.len() as u64).to_le_bytes());
    }
    assert_eq!(bytes.len(), HEADER_BYTES, "the header has a fixed size");
    bytes
}

/// One commit or rollback, as it stands in the log.
#[derive(Debug)]
pub(crate) struct Record<'a, S: Scheme> {
    pub(crate) kind: Kind,
    pub(crate) previous_root: Hash,
    pub(crate) root: Hash,
    /// Keys of the state after the step.
    pub(crate) key_count: u64,
    /// In key order, each key once.
    pub(crate) changes: Vec<(S::Key, Option<&'a [u8]>)>,
    /// What each changed key had before; empty for a rollback.
    pub(crate) undo: Vec<Option<&'a [u8]>>,
    /// Encoded by the trie.
    pub(crate) frontier: &'a [u8],
}

/// What is wrong with a payload whose checksum holds, so that it was written wrong, or by a newer
/// version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadRecord {
    Version(u8),
    Malformed(&'static str),
}

/// Reads a payload.
pub(crate) fn decode<S: Scheme>(bytes: &[u8]) -> Result<Record<'_, S>, BadRecord> {
    let mut input = Input(bytes);
    let [tag, version, zeros @ ..] = input.array::<4>()?;
    if version != VERSION {
        return Err(BadRecord::Version(version));
    }
    if zeros != [0, 0] || input.array::<4>()? != TRIE_ID.to_le_bytes() {
        return Err(BadRecord::Malformed("reserved bytes and the trie id are zero"));
    }
    let (previous_root, root) = (input.array::<32>()?, input.array::<32>()?);
    let step = u64::from_le_bytes(input.array()?);
    let kind = match tag {
        1 => Kind::Commit { parent: step },
        2 => Kind::Rollback { restored: step },
        _ => return Err(BadRecord::Malformed("the kind is 1 or 2")),
    };
    let count = u32::from_le_bytes(input.array()?) as usize;
    if input.array::<4>()? != [0; 4] {
        return Err(BadRecord::Malformed("reserved bytes are zero"));
    }
    let key_count = u64::from_le_bytes(input.array()?);
    let mut section = || Ok::<_, BadRecord>(u64::from_le_bytes(input.array()?));
    let lengths = [section()?, section()?, section()?];
    let [changes, undo, frontier] =
        lengths.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    let (changes, undo) = (input.take(changes)?, input.take(undo)?);
    let frontier = input.take(frontier)?;
    if !input.0.is_empty() {
        return Err(BadRecord::Malformed("nothing follows the last section"));
    }
    let undo_count = match kind {
        Kind::Commit { .. } => count,
        Kind::Rollback { .. } => 0,
    };
    let changes = decode_changes::<S>(changes, count)?;
    let undo = decode_undo(undo, undo_count)?;
    Ok(Record { kind, previous_root, root, key_count, changes, undo, frontier })
}

type Changes<'a, S> = Vec<(<S as Scheme>::Key, Option<&'a [u8]>)>;

fn decode_changes<S: Scheme>(bytes: &[u8], count: usize) -> Result<Changes<'_, S>, BadRecord> {
    let mut input = Input(bytes);
    if count > bytes.len() / (S::Key::LEN + 1) {
        return Err(BadRecord::Malformed("the changes fit in their section"));
    }
    let mut changes: Changes<'_, S> = Vec::with_capacity(count);
    for _ in 0..count {
        let key = S::Key::from_slice(input.take(S::Key::LEN)?);
        let key = key.map_err(|_| BadRecord::Malformed("a key has the scheme's length"))?;
        if changes.last().is_some_and(|(before, _)| *before >= key) {
            return Err(BadRecord::Malformed("keys ascend"));
        }
        changes.push((key, input.content()?));
    }
    match input.0.is_empty() {
        true => Ok(changes),
        false => Err(BadRecord::Malformed("nothing follows the last change")),
    }
}

fn decode_undo(bytes: &[u8], count: usize) -> Result<Vec<Option<&[u8]>>, BadRecord> {
    let mut input = Input(bytes);
    if count > bytes.len() {
        return Err(BadRecord::Malformed("the undo values fit in their section"));
    }
    let mut undo = Vec::with_capacity(count);
    for _ in 0..count {
        undo.push(input.content()?);
    }
    match input.0.is_empty() {
        true => Ok(undo),
        false => Err(BadRecord::Malformed("nothing follows the last undo value")),
    }
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], BadRecord> {
        let short = BadRecord::Malformed("the record is as long as its fields say");
        let (taken, rest) = self.0.split_at_checked(count).ok_or(short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BadRecord> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn content(&mut self) -> Result<Option<&'a [u8]>, BadRecord> {
        let value = take_value(&mut self.0);
        value.ok_or(BadRecord::Malformed("a value is as long as its length, at most 512 MiB"))
    }
}

#[cfg(test)]
mod tests;
