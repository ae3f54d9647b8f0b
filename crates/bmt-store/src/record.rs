//! The payload of a log record: one commit or rollback.
//!
//! # Format
//!
//! Version 1, `docs/format/commit-record.md`; the log frames and checksums it.
#![deny(clippy::indexing_slicing)]

use crate::db::VALUE_BYTES_MAX;
use crate::pending::{Change, Changes};
use bmt_core::{Hash, Key, Scheme};
use std::sync::Arc;

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 84;
/// Bytes of a change beside its value: a 32-byte key field and a length.
pub(crate) const CHANGE_BYTES: usize = 36;
/// Bytes of a record with one change of the longest value.
pub(crate) const ONE_CHANGE_BYTES_MAX: u64 =
    HEADER_BYTES as u64 + CHANGE_BYTES as u64 + VALUE_BYTES_MAX;
/// In place of a value's length: the key is deleted.
const DELETED: u32 = u32::MAX;

/// What a record does to the chain of undoable steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A commit, made on the state of step `parent`.
    Commit { parent: u64 },
    /// A rollback, which restores the state of step `restored`.
    Rollback { restored: u64 },
}

/// One commit or rollback, as it stands in the log.
#[derive(Debug)]
pub(crate) struct Record<S: Scheme> {
    pub(crate) kind: Kind,
    pub(crate) previous_root: Hash,
    pub(crate) root: Hash,
    pub(crate) changes: Vec<Change<S>>,
}

/// Bytes that [`encode`] makes of these changes.
pub(crate) fn encoded_bytes<S: Scheme>(changes: &Changes<S>) -> u64 {
    let values = changes.values().flatten().map(|value| value.len() as u64).sum::<u64>();
    HEADER_BYTES as u64 + (CHANGE_BYTES * changes.len()) as u64 + values
}

/// The payload's bytes. Values are shorter than 4 GiB, which writing them has checked.
pub(crate) fn encode<S: Scheme>(
    kind: Kind,
    previous_root: &Hash,
    root: &Hash,
    changes: &Changes<S>,
) -> Vec<u8> {
    let (tag, step) = match kind {
        Kind::Commit { parent } => (1, parent),
        Kind::Rollback { restored } => (2, restored),
    };
    let size = usize::try_from(encoded_bytes::<S>(changes)).unwrap_or_default();
    let mut bytes = Vec::with_capacity(size);
    bytes.extend_from_slice(&[tag, VERSION, 0, 0]);
    bytes.extend_from_slice(&0_u32.to_le_bytes());
    bytes.extend_from_slice(previous_root);
    bytes.extend_from_slice(root);
    bytes.extend_from_slice(&step.to_le_bytes());
    bytes.extend_from_slice(&length_field(changes.len()));
    for (key, value) in changes {
        let mut field = [0; 32];
        field.iter_mut().zip(key.as_bytes()).for_each(|(to, from)| *to = *from);
        bytes.extend_from_slice(&field);
        match value {
            Some(value) => {
                bytes.extend_from_slice(&length_field(value.len()));
                bytes.extend_from_slice(value);
            }
            None => bytes.extend_from_slice(&DELETED.to_le_bytes()),
        }
    }
    bytes
}

fn length_field(length: usize) -> [u8; 4] {
    let length = u32::try_from(length).unwrap_or(DELETED);
    assert_ne!(length, DELETED, "counts and lengths in a record are checked before");
    length.to_le_bytes()
}

/// What is wrong with a payload whose checksum holds, so that it was written wrong, or by a newer
/// version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadRecord {
    Version(u8),
    Malformed(&'static str),
}

/// Reads a payload. The changes are in key order, each key once.
pub(crate) fn decode<S: Scheme>(bytes: &[u8]) -> Result<Record<S>, BadRecord> {
    let mut input = Input(bytes);
    let [tag, version, zeros @ ..] = input.array::<4>()?;
    if version != VERSION {
        return Err(BadRecord::Version(version));
    }
    if zeros != [0, 0] || input.array::<4>()? != [0; 4] {
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
    if count > input.0.len() / CHANGE_BYTES {
        return Err(BadRecord::Malformed("the changes fit in the record"));
    }
    let mut changes: Vec<(S::Key, _)> = Vec::with_capacity(count);
    for _ in 0..count {
        let change = input.change::<S>()?;
        if changes.last().is_some_and(|(before, _)| *before >= change.0) {
            return Err(BadRecord::Malformed("keys ascend"));
        }
        changes.push(change);
    }
    if !input.0.is_empty() {
        return Err(BadRecord::Malformed("nothing follows the last change"));
    }
    Ok(Record { kind, previous_root, root, changes })
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

    fn change<S: Scheme>(&mut self) -> Result<Change<S>, BadRecord> {
        let field = self.array::<32>()?;
        let (key, padding) = field.split_at(S::Key::LEN);
        let key = S::Key::from_slice(key);
        let (Ok(key), true) = (key, padding.iter().all(|byte| *byte == 0)) else {
            return Err(BadRecord::Malformed("a key is padded with zeros"));
        };
        let value = match u32::from_le_bytes(self.array()?) {
            DELETED => None,
            length => Some(Arc::from(self.take(length as usize)?)),
        };
        Ok((key, value))
    }
}

#[cfg(test)]
mod tests;
