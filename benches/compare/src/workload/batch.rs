//! One commit's worth of operations.

use super::{Dataset, Key};

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpKind {
    /// Read a key that is present.
    Read,
    /// Give a key a value; it may be new.
    Put,
    /// Remove a key that is present.
    Delete,
}

/// One operation.
#[derive(Debug, Clone, Copy)]
pub struct Op {
    /// What is done.
    pub kind: OpKind,
    /// The key's number.
    pub number: u64,
    /// The write's number, unique in a run; 0 is the load.
    pub version: u64,
    /// The key.
    pub key: Key,
    value_start: usize,
    value_length: usize,
}

/// The operations of one commit, in order, with their values in one buffer.
#[derive(Debug, Default)]
pub struct Batch {
    ops: Vec<Op>,
    values: Vec<u8>,
}

impl Batch {
    /// The operations, in the order in which every engine gets them.
    #[must_use]
    pub fn ops(&self) -> &[Op] {
        &self.ops
    }

    /// How many operations there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// The value of a [`OpKind::Put`]; empty for the others.
    #[must_use]
    pub fn value(&self, op: &Op) -> &[u8] {
        &self.values[op.value_start..op.value_start + op.value_length]
    }

    /// How many operations are reads.
    #[must_use]
    pub fn read_count(&self) -> u64 {
        self.ops.iter().filter(|op| op.kind == OpKind::Read).count() as u64
    }

    /// The last write of each written key, sorted by key: what an engine with sorted input takes.
    #[must_use]
    pub fn last_writes(&self) -> Vec<&Op> {
        let mut writes: Vec<&Op> = self.ops.iter().filter(|op| op.kind != OpKind::Read).collect();
        writes.sort_by(|a, b| a.key.cmp(&b.key).then(b.version.cmp(&a.version)));
        writes.dedup_by(|later, kept| later.key == kept.key);
        writes
    }

    /// Appends a write of an entry that is at hand already, as part of a load.
    pub fn push_entry(&mut self, key: Key, value: &[u8]) {
        let value_start = self.values.len();
        self.values.extend_from_slice(value);
        let (kind, value_length) = (OpKind::Put, value.len());
        self.ops.push(Op { kind, number: 0, version: 0, key, value_start, value_length });
    }

    /// Removes all operations.
    pub fn clear(&mut self) {
        self.ops.clear();
        self.values.clear();
    }

    pub(super) fn push(&mut self, dataset: &Dataset, kind: OpKind, number: u64, version: u64) {
        let value_start = self.values.len();
        let value_length = match kind {
            OpKind::Put => dataset.values.append(number, version, &mut self.values),
            OpKind::Read | OpKind::Delete => 0,
        };
        let key = dataset.keys.key(number);
        self.ops.push(Op { kind, number, version, key, value_start, value_length });
    }
}
