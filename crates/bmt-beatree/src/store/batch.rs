//! Changes to be committed together: [`Batch`], and its bytes in the log.
//!
//! # Format
//! `docs/format/beatree.md`, "The standalone store".

use crate::buffer::run::{Change, Run, ValueHasher};
use crate::error::TreeError;
use crate::key::{Key, words};
use crate::little_endian::{array, u32_at};
use crate::units::{len_u32, to_usize};

const DELETE: u32 = 0;
const PUT: u32 = 1;
/// Bytes before the first change.
const HEADER_BYTES: usize = 8;
/// Bytes of a change without its value.
const CHANGE_BYTES: usize = 40;

/// Changes that a commit makes together. The last change of a key counts.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    changes: Vec<(Key, Option<Vec<u8>>)>,
}

impl Batch {
    /// No changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives a key a value; an empty one is a value.
    pub fn put(&mut self, key: Key, value: impl Into<Vec<u8>>) -> &mut Self {
        self.changes.push((key, Some(value.into())));
        self
    }

    /// Takes a key's value away, if it has one.
    pub fn delete(&mut self, key: Key) -> &mut Self {
        self.changes.push((key, None));
        self
    }

    /// Changes, those of one key counted each.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes in order, one for each key.
    pub(super) fn sorted(mut self) -> Vec<(Key, Option<Vec<u8>>)> {
        // Stable: of one key's changes the last one comes last.
        self.changes.sort_by_key(|(key, _)| words(key));
        let mut sorted: Vec<(Key, Option<Vec<u8>>)> = Vec::with_capacity(self.changes.len());
        for change in self.changes {
            match sorted.last_mut() {
                Some(last) if last.0 == change.0 => *last = change,
                _ => sorted.push(change),
            }
        }
        sorted
    }
}

impl<V: Into<Vec<u8>>> FromIterator<(Key, Option<V>)> for Batch {
    fn from_iter<I: IntoIterator<Item = (Key, Option<V>)>>(changes: I) -> Self {
        let change = |(key, value): (Key, Option<V>)| (key, value.map(Into::into));
        Self { changes: changes.into_iter().map(change).collect() }
    }
}

/// Sorted changes as a record of the log.
pub(super) fn encode(changes: &[(Key, Option<Vec<u8>>)]) -> Vec<u8> {
    let values: usize = changes.iter().filter_map(|(_, value)| Some(value.as_ref()?.len())).sum();
    let mut bytes = Vec::with_capacity(HEADER_BYTES + changes.len() * CHANGE_BYTES + values);
    bytes.extend_from_slice(&len_u32(changes.len()).to_le_bytes());
    bytes.extend_from_slice(&[0; 4]);
    for (key, value) in changes {
        let kind = if value.is_some() { PUT } else { DELETE };
        let value = value.as_deref().unwrap_or_default();
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(&len_u32(value.len()).to_le_bytes());
        bytes.extend_from_slice(value);
    }
    bytes
}

/// Sorted changes as a run.
pub(super) fn run_of(
    changes: &[(Key, Option<Vec<u8>>)],
    hasher: ValueHasher,
) -> Result<Run, TreeError> {
    let change = |value: &'_ Option<Vec<u8>>| value.is_some();
    let changes = changes.iter().map(|(key, value)| match value {
        Some(bytes) if change(value) => (*key, Change::Put(bytes)),
        _ => (*key, Change::Delete),
    });
    Run::new(changes, hasher)
}

/// A record of the log as a run; what is wrong with it otherwise.
pub(super) fn decode(bytes: &[u8], hasher: ValueHasher) -> Result<Run, &'static str> {
    let count = u32_at(bytes, 0).filter(|_| u32_at(bytes, 4) == Some(0)).ok_or("no count")?;
    let mut changes = Vec::with_capacity(to_usize(count).min(bytes.len() / CHANGE_BYTES));
    let mut at = HEADER_BYTES;
    for _ in 0..count {
        let key: Key = array(bytes, at).ok_or("a key is cut off")?;
        let kind = u32_at(bytes, at + 32).ok_or("a kind is cut off")?;
        let len = u32_at(bytes, at + 36).map(to_usize).ok_or("a length is cut off")?;
        at += CHANGE_BYTES;
        let end = at.checked_add(len).ok_or("a length is too great")?;
        let value = bytes.get(at..end).ok_or("a value is cut off")?;
        changes.push(match kind {
            PUT => (key, Change::Put(value)),
            DELETE if len == 0 => (key, Change::Delete),
            _ => return Err("a change of an unknown kind"),
        });
        at = end;
    }
    if at != bytes.len() {
        return Err("bytes after the last change");
    }
    Run::new(changes, hasher).map_err(|_| "keys do not ascend, or a value is too long")
}

#[cfg(test)]
mod tests;
