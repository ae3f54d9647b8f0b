//! The root after some writes, from a witness alone.
#![deny(clippy::indexing_slicing)]

use super::state::lone_hash;
use super::{VerifiedState, WitnessError};
use crate::bits::bit_at;
use crate::key::Key;
use crate::outline::{Cursor, Sections, Shown, kind_shown, leaves_root};
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, NodeKind, Scheme};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

impl<S: Scheme> VerifiedState<'_, S> {
    /// The root after `writes` (`None` deletes), in any order; of several writes to a key the last
    /// one counts. One hash a node of the witness and of what is inserted.
    ///
    /// # Errors
    /// [`WitnessError::NotCovered`] and [`WitnessError::SiblingHidden`] when the witness was made
    /// for other writes and does not suffice for these. It is never a wrong root.
    pub fn apply<V: AsRef<[u8]>>(
        &self,
        writes: impl IntoIterator<Item = (S::Key, Option<V>)>,
    ) -> Result<Hash, WitnessError> {
        let writes: BTreeMap<S::Key, Option<V>> = writes.into_iter().collect();
        let hash = |key: &S::Key, value: &V| S::hash_leaf(key, LeafValue::Bytes(value.as_ref()));
        let writes: Vec<_> = writes
            .into_iter()
            .map(|(key, value)| (key, value.map(|value| hash(&key, &value))))
            .collect();
        let mut writer = Writer { sections: self.sections, cursor: self.start, writes: &writes };
        let side = writer.subtrie(0, 0..writes.len())?;
        Ok(side.after.hash())
    }
}

/// A subtrie before and after the writes.
#[derive(Clone, Copy)]
struct Side {
    was_empty: bool,
    after: After,
}

/// A subtrie after the writes.
#[derive(Clone, Copy)]
enum After {
    Empty,
    Leaf(Hash),
    Branch(Hash),
    /// Nothing of it was shown, so it was not written to.
    Hidden(Hash),
}

impl After {
    fn hash(&self) -> Hash {
        match self {
            Self::Empty => EMPTY_ROOT,
            Self::Leaf(hash) | Self::Branch(hash) | Self::Hidden(hash) => *hash,
        }
    }
}

struct Writer<'a, S: Scheme> {
    sections: Sections<'a, S>,
    cursor: Cursor,
    /// Ascending; the hash of the leaf that is set, or `None`.
    writes: &'a [(S::Key, Option<Hash>)],
}

impl<S: Scheme> Writer<'_, S> {
    /// The next subtrie, which is at `depth` and has the writes of `span` below it.
    fn subtrie(&mut self, depth: usize, span: Range<usize>) -> Result<Side, WitnessError> {
        let shown = self.sections.next(&mut self.cursor)?;
        let writes = self.writes.get(span.clone()).unwrap_or_default();
        let after = match shown {
            Shown::Branch => {
                let zeros = writes.partition_point(|(key, _)| !bit_at(key.as_bytes(), depth));
                let middle = span.start + zeros;
                let left = self.subtrie(depth + 1, span.start..middle)?;
                let right = self.subtrie(depth + 1, middle..span.end)?;
                join::<S>(&left, &right, depth)?
            }
            Shown::Hash(_) if !writes.is_empty() => {
                return Err(WitnessError::NotCovered { index: span.start });
            }
            Shown::Hash(hash) => After::Hidden(hash),
            Shown::Value { key, .. } | Shown::Leaf { key, .. } => {
                write_leaf::<S>((key, lone_hash(&shown)), writes, depth)
            }
            Shown::Empty | Shown::Given => from_leaves::<S>(set_leaves(writes).collect(), depth),
        };
        Ok(Side { was_empty: shown == Shown::Empty, after })
    }
}

fn set_leaves<K: Key>(writes: &[(K, Option<Hash>)]) -> impl Iterator<Item = (K, Hash)> {
    writes.iter().filter_map(|(key, leaf)| leaf.map(|hash| (*key, hash)))
}

/// A subtrie of one leaf, after the writes.
fn write_leaf<S: Scheme>(
    leaf: (S::Key, Hash),
    writes: &[(S::Key, Option<Hash>)],
    depth: usize,
) -> After {
    let place = writes.binary_search_by(|(key, _)| key.cmp(&leaf.0));
    let mut leaves: Vec<(S::Key, Hash)> = set_leaves(writes).collect();
    if place.is_err() {
        let at = leaves.partition_point(|(key, _)| *key < leaf.0);
        leaves.insert(at, leaf);
    }
    from_leaves::<S>(leaves, depth)
}

fn from_leaves<S: Scheme>(leaves: Vec<(S::Key, Hash)>, depth: usize) -> After {
    match leaves.as_slice() {
        [] => After::Empty,
        [(_, hash)] => After::Leaf(*hash),
        leaves => After::Branch(leaves_root::<S>(leaves, depth)),
    }
}

/// What two sides make: a leaf that is alone moves up, two or more entries stay under a branch.
fn join<S: Scheme>(left: &Side, right: &Side, depth: usize) -> Result<After, WitnessError> {
    let branch = After::Branch(S::hash_branch(&left.after.hash(), &right.after.hash()));
    let (emptied, alone) = match (&left.after, &right.after) {
        (After::Empty, alone) => (!left.was_empty, alone),
        (alone, After::Empty) => (!right.was_empty, alone),
        _ => return Ok(branch),
    };
    match alone {
        After::Empty => Ok(After::Empty),
        After::Leaf(hash) => Ok(After::Leaf(*hash)),
        After::Branch(_) => Ok(branch),
        // The branch was over two keys, and this side had them all.
        After::Hidden(_) if !emptied => Ok(branch),
        After::Hidden(hash) => match kind_shown::<S>(hash) {
            Some(NodeKind::Leaf) => Ok(After::Leaf(*hash)),
            Some(NodeKind::Branch) => Ok(branch),
            None => Err(WitnessError::SiblingHidden { depth }),
        },
    }
}
