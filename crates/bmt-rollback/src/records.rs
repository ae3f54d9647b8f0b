//! Undo records in a log of their own: [`SeglogRecords`].
//!
//! # Format
//! Version 1, `docs/format/undo.md`, "Record".

use crate::plan::{RecordSource, UndoStep};
use crate::value::{put_value, take_value};
use bmt_seglog::{Log, LogError};
use std::sync::Arc;

/// A key of fixed length, ordered as its bytes.
pub trait RecordKey: Ord + Sized {
    /// Its bytes.
    fn bytes(&self) -> &[u8];

    /// Takes a key off the front of a record; `None` if it is too short.
    fn take(input: &mut &[u8]) -> Option<Self>;
}

impl<const N: usize> RecordKey for [u8; N] {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn take(input: &mut &[u8]) -> Option<Self> {
        let (key, rest) = input.split_first_chunk()?;
        *input = rest;
        Some(*key)
    }
}

/// Why a record of a log can't be used.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// The log says so.
    #[error(transparent)]
    Log(#[from] LogError),
    /// It is not in the log.
    #[error("record {sequence} is not in the log")]
    Missing {
        /// The record.
        sequence: u64,
    },
    /// Its bytes are no undo record.
    #[error("record {sequence} is no undo record")]
    Malformed {
        /// The record.
        sequence: u64,
    },
}

impl<K: RecordKey> UndoStep<K> {
    /// The bytes for a log.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&self.parent.to_le_bytes());
        out.extend_from_slice(&self.previous_root);
        let count = u32::try_from(self.replaced.len()).unwrap_or(u32::MAX);
        out.extend_from_slice(&count.to_le_bytes());
        for (key, value) in &self.replaced {
            out.extend_from_slice(key.bytes());
            put_value(&mut out, value.as_deref());
        }
        out
    }

    /// What [`UndoStep::encode`] made bytes of; `None` if these are other bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut input = bytes;
        let parent = u64::from_le_bytes(RecordKey::take(&mut input)?);
        let previous_root = RecordKey::take(&mut input)?;
        let count = u32::from_le_bytes(RecordKey::take(&mut input)?);
        let mut step = Self::new(parent, previous_root);
        for _ in 0..count {
            let key = K::take(&mut input)?;
            if step.replaced.last().is_some_and(|(last, _)| *last >= key) {
                return None;
            }
            step.replaced.push((key, take_value(&mut input)?.map(Arc::from)));
        }
        input.is_empty().then_some(step)
    }
}

/// The undo records of a log that holds nothing else.
#[derive(Debug)]
pub struct SeglogRecords<'a> {
    log: &'a Log,
}

impl<'a> SeglogRecords<'a> {
    /// The records of `log`.
    #[must_use]
    pub fn new(log: &'a Log) -> Self {
        Self { log }
    }
}

impl<K: RecordKey> RecordSource<K> for SeglogRecords<'_> {
    type Error = RecordError;

    fn undo_step(&self, sequence: u64) -> Result<UndoStep<K>, RecordError> {
        let record = self.log.iter_from(sequence)?.next();
        let record = record.ok_or(RecordError::Missing { sequence })??;
        UndoStep::decode(&record.payload).ok_or(RecordError::Malformed { sequence })
    }
}

#[cfg(test)]
mod tests;
