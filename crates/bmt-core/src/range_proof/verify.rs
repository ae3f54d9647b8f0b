//! Verifying a range proof: no allocation, no panic, one hash for each node of the range and of its
//! bounds' paths.
#![deny(clippy::indexing_slicing)]

use super::cover::{Cover, Lie};
use super::{Prefix, RangeProof, RangeProofError};
use crate::bits::bit_at;
use crate::key::Key;
use crate::outline::{Cursor, Form, Position, Sections, Shown, subtrie_root};
use crate::scheme::{EMPTY_ROOT, Hash, NodeKind, Scheme};
use core::ops::Range;

impl<S: Scheme> RangeProof<S> {
    /// Whether `entries` are all those from `from` through `through` under `root`, in the ascending
    /// order of their keys (`None`), or all those before some key, to ask for next (`Some`).
    ///
    /// The next key is after `from`, and need not be present. What is asked for with it and the same
    /// `through` follows the entries without a gap.
    ///
    /// # Errors
    /// A [`RangeProofError`] that says why this proof does not show it.
    pub fn verify<V: AsRef<[u8]>>(
        &self,
        root: &Hash,
        from: &S::Key,
        through: &S::Key,
        entries: &[(S::Key, V)],
    ) -> Result<Option<S::Key>, RangeProofError> {
        if from > through {
            return Err(RangeProofError::EmptyRange);
        }
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        if let Some(at) = pairs.position(|((key, _), (next, _))| key >= next) {
            return Err(RangeProofError::Unsorted { index: at + 1 });
        }
        let sections = self.layout.sections::<S>(&self.bytes);
        let mut cover = Cover::new(from, through);
        let next_key = match self.layout.form() {
            Form::RangeCut => {
                let (bytes, next_key) = first_hidden::<S>(&sections, self.layout.start(), &cover)?;
                cover = cover.cut(bytes);
                Some(next_key)
            }
            _ => None,
        };
        if let Some(index) = entries.iter().position(|(key, _)| !cover.contains(key)) {
            return Err(RangeProofError::OutOfRange { index });
        }
        let mut verifier = Verifier { sections, cursor: self.layout.start(), cover, entries };
        let computed = verifier.subtrie(Position::TOP, 0..entries.len())?;
        if computed == *root {
            Ok(next_key)
        } else {
            Err(RangeProofError::RootMismatch { expected: *root, computed })
        }
    }

    /// Whether `entries` are all those under `prefix`, in the ascending order of their keys.
    ///
    /// # Errors
    /// A [`RangeProofError`] that says why this proof does not show it.
    pub fn verify_prefix<V: AsRef<[u8]>>(
        &self,
        root: &Hash,
        prefix: &Prefix<S::Key>,
        entries: &[(S::Key, V)],
    ) -> Result<(), RangeProofError> {
        let (from, through) = prefix.bounds();
        match self.verify(root, &from, &through, entries)? {
            None => Ok(()),
            Some(_) => Err(RangeProofError::NotCovered { depth: prefix.length_bits() }),
        }
    }
}

/// The least key of the first hidden subtrie that begins in the range and after its first key.
fn first_hidden<S: Scheme>(
    sections: &Sections<'_, S>,
    mut cursor: Cursor,
    cover: &Cover,
) -> Result<([u8; 32], S::Key), RangeProofError> {
    while let Some(position) = cursor.position() {
        let is_hidden = matches!(sections.next(&mut cursor)?, Shown::Hash(_));
        let low = position.low();
        if low > cover.through {
            break;
        }
        if is_hidden && low > cover.from {
            let key = low.get(..S::Key::LEN).and_then(|bytes| S::Key::from_slice(bytes).ok());
            return key.map(|key| (low, key)).ok_or(RangeProofError::NotCut);
        }
    }
    Err(RangeProofError::NotCut)
}

struct Verifier<'a, S: Scheme, V> {
    sections: Sections<'a, S>,
    cursor: Cursor,
    cover: Cover,
    entries: &'a [(S::Key, V)],
}

impl<S: Scheme, V: AsRef<[u8]>> Verifier<'_, S, V> {
    /// The hash of the next subtrie, which is at `position` and has the entries of `span` below it.
    fn subtrie(&mut self, position: Position, span: Range<usize>) -> Result<Hash, RangeProofError> {
        let depth = position.depth();
        let shown = self.sections.next(&mut self.cursor)?;
        let differ = RangeProofError::EntriesDiffer { depth, index: span.start };
        match (self.cover.lie(&position), shown) {
            (_, Shown::Empty) if span.is_empty() => Ok(EMPTY_ROOT),
            (Lie::Outside, Shown::Hash(hash)) => Ok(hash),
            (Lie::Inside | Lie::Across, Shown::Hash(_)) => {
                Err(RangeProofError::NotCovered { depth })
            }
            (Lie::Inside | Lie::Across, Shown::Given) if !span.is_empty() => {
                Ok(subtrie_root::<S, V>(self.entries.get(span).unwrap_or_default(), depth))
            }
            (Lie::Inside | Lie::Across, Shown::Given | Shown::Empty) => Err(differ),
            (Lie::Across, Shown::Leaf { key, preimage }) if !self.cover.contains(&key) => {
                if span.is_empty() {
                    Ok(S::hash_node(NodeKind::Leaf, &preimage))
                } else {
                    Err(differ)
                }
            }
            (Lie::Across, Shown::Branch) => {
                let entries = self.entries.get(span.clone()).unwrap_or_default();
                let zeros = entries.partition_point(|(key, _)| !bit_at(key.as_bytes(), depth));
                let middle = span.start + zeros;
                let left = self.subtrie(position.left(), span.start..middle)?;
                let right = self.subtrie(position.right(), middle..span.end)?;
                Ok(S::hash_branch(&left, &right))
            }
            _ => Err(RangeProofError::NotAsked { depth }),
        }
    }
}
