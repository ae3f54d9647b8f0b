//! The changes of many records on their way to the buffer, as one run.

use super::read_error;
use crate::error::OpenError;
use crate::step::run_of;
use bmt_beatree::Run;
use bmt_core::{Key, Scheme};

/// Changes after which they become a run.
const CHANGES_MAX: usize = 16 << 10;
/// Bytes of values after which they do.
const BYTES_MAX: usize = 4 << 20;

/// Changes in the order of their records.
pub(super) struct Gathered<K> {
    changes: Vec<Change<K>>,
    bytes: Vec<u8>,
}

/// A key, and where its value lies; none deletes it.
struct Change<K> {
    key: K,
    value: Option<(usize, usize)>,
}

impl<K: Key> Gathered<K> {
    pub(super) fn new() -> Self {
        Self { changes: Vec::new(), bytes: Vec::new() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.changes.len() >= CHANGES_MAX || self.bytes.len() >= BYTES_MAX
    }

    /// Adds the changes of a record, which ascend by key.
    pub(super) fn add(&mut self, changes: &[(K, Option<&[u8]>)]) {
        for (key, value) in changes {
            let value = value.map(|value| {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(value);
                (start, value.len())
            });
            self.changes.push(Change { key: *key, value });
        }
    }

    /// The newest change of each key; nothing is left.
    pub(super) fn take_run<S: Scheme<Key = K>>(&mut self) -> Result<Run, OpenError> {
        // Records are ascending already, which the stable sort uses.
        self.changes.sort_by_key(|change| change.key);
        let newest = self.changes.chunk_by(|a, b| a.key == b.key).filter_map(<[_]>::last);
        let changes: Vec<(K, Option<&[u8]>)> = newest
            .map(|change| {
                let range = change.value.map(|(start, len)| start..start + len);
                (change.key, range.and_then(|range| self.bytes.get(range)))
            })
            .collect();
        let run = run_of::<S>(&changes).map_err(read_error)?;
        self.changes.clear();
        self.bytes.clear();
        Ok(run)
    }
}
