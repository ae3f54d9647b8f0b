//! A witness that was checked against its root.
#![deny(clippy::indexing_slicing)]

use super::{Witness, WitnessError};
use crate::key::Key;
use crate::outline::{Cursor, OutlineError, Sections, Shown};
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, NodeKind, Scheme};
use alloc::vec::Vec;

/// Nodes between two places where a lookup can begin.
const STRIDE_NODES: usize = 256;

/// The part of a state that a witness shows, known to be of its root.
#[derive(Debug, Clone)]
pub struct VerifiedState<'a, S: Scheme> {
    pub(super) sections: Sections<'a, S>,
    pub(super) start: Cursor,
    /// Every [`STRIDE_NODES`]th node, so in the order of their places.
    strides: Vec<Cursor>,
    root: Hash,
}

/// What a [`VerifiedState`] knows of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// The key is present and has this value.
    Value(&'a [u8]),
    /// The key is absent.
    Absent,
    /// The witness does not tell: the key was not among those read.
    NotCovered,
}

impl<S: Scheme> Witness<S> {
    /// Checks the witness against the root of the state it is of. One hash a node; allocates at
    /// most one and a half times the witness's length.
    ///
    /// # Errors
    /// [`WitnessError::RootMismatch`] when it is of another root.
    pub fn verify(&self, root: &Hash) -> Result<VerifiedState<'_, S>, WitnessError> {
        let sections = self.layout.sections::<S>(&self.bytes);
        let start = self.layout.start();
        let computed = subtrie(&sections, &mut start.clone())?;
        if computed != *root {
            return Err(WitnessError::RootMismatch { expected: *root, computed });
        }
        let stride_count = self.layout.node_count() / STRIDE_NODES;
        let mut strides = Vec::with_capacity(stride_count);
        let mut cursor = start;
        for _ in 0..stride_count {
            for _ in 0..STRIDE_NODES {
                sections.next(&mut cursor)?;
            }
            strides.push(cursor);
        }
        Ok(VerifiedState { sections, start, strides, root: computed })
    }
}

/// The hash of the next subtrie.
fn subtrie<S: Scheme>(
    sections: &Sections<'_, S>,
    cursor: &mut Cursor,
) -> Result<Hash, OutlineError> {
    Ok(match sections.next(cursor)? {
        Shown::Branch => {
            let left = subtrie(sections, cursor)?;
            S::hash_branch(&left, &subtrie(sections, cursor)?)
        }
        other => lone_hash(&other),
    })
}

/// The hash of a node without children.
pub(super) fn lone_hash<S: Scheme>(shown: &Shown<'_, S>) -> Hash {
    match shown {
        Shown::Hash(hash) => *hash,
        Shown::Value { key, value } => S::hash_leaf(key, LeafValue::Bytes(value)),
        Shown::Leaf { preimage, .. } => S::hash_node(NodeKind::Leaf, preimage),
        Shown::Branch | Shown::Empty | Shown::Given => EMPTY_ROOT,
    }
}

impl<'a, S: Scheme> VerifiedState<'a, S> {
    /// The root that the witness was checked against.
    #[must_use]
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// What the witness shows of `key`. Reads at most 512 nodes, after a binary search.
    #[must_use]
    pub fn get(&self, key: &S::Key) -> Lookup<'a> {
        match self.find(key) {
            Some(Shown::Empty) => Lookup::Absent,
            Some(Shown::Value { key: own, value }) if own == *key => Lookup::Value(value),
            Some(Shown::Value { .. }) => Lookup::Absent,
            Some(Shown::Leaf { key: own, .. }) if own != *key => Lookup::Absent,
            _ => Lookup::NotCovered,
        }
    }

    /// The node at which `key`'s path ends in the witness.
    fn find(&self, key: &S::Key) -> Option<Shown<'a, S>> {
        let is_at_most = |cursor: &Cursor| {
            cursor.position().is_some_and(|position| position.low() <= padded(key))
        };
        let index = self.strides.partition_point(is_at_most);
        let mut cursor = match index.checked_sub(1).and_then(|before| self.strides.get(before)) {
            Some(stride) => *stride,
            None => self.start,
        };
        while let Some(position) = cursor.position() {
            let shown = self.sections.next(&mut cursor).ok()?;
            if shown != Shown::Branch && position.covers(key) {
                return Some(shown);
            }
        }
        None
    }
}

fn padded<K: Key>(key: &K) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(key.as_bytes()).for_each(|(to, from)| *to = *from);
    bytes
}
