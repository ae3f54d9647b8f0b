//! Verifying a compact proof, and what it then says.
#![deny(clippy::indexing_slicing)]

use super::tags::{Cursor, Sections, Shown};
use super::{CompactProof, CompactProofError, Query};
use crate::bits::bit_at;
use crate::gray_paper::GrayPaper;
use crate::key::{Key, StateKey};
use crate::outline::subtrie_root;
use crate::scheme::{Hash, NodeKind, Scheme};
use core::ops::Range;

/// What a verified proof and its entries say of a state.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a, V> {
    sections: Sections<'a>,
    entries: &'a [(StateKey, V)],
}

/// What is known of one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim<'a> {
    /// The key is present and has this value.
    Value(&'a [u8]),
    /// The key is present; it was not asked for, and its leaf alone is in the proof.
    Present,
    /// The key is absent.
    Absent,
    /// The proof does not tell.
    NotCovered,
}

impl CompactProof {
    /// Checks the proof and the entries beside it, in ascending order of their keys, against the
    /// root. One hash for each branch, leaf and entry; allocates nothing.
    ///
    /// # Errors
    /// A [`CompactProofError`] that says why this proof does not show these entries.
    pub fn verify<'a, V: AsRef<[u8]>>(
        &'a self,
        root: &Hash,
        entries: &'a [(StateKey, V)],
    ) -> Result<Claims<'a, V>, CompactProofError> {
        let mut pairs = entries.iter().zip(entries.iter().skip(1));
        if let Some(at) = pairs.position(|((key, _), (next, _))| key >= next) {
            return Err(CompactProofError::Unsorted { index: at + 1 });
        }
        let sections = self.layout.sections(&self.bytes);
        let mut verifier = Verifier { sections, cursor: Cursor::start(), entries };
        let (_, computed) = verifier.subtrie(0, 0..entries.len())?;
        if computed == *root {
            Ok(Claims { sections, entries })
        } else {
            Err(CompactProofError::RootMismatch { expected: *root, computed })
        }
    }
}

struct Verifier<'a, V> {
    sections: Sections<'a>,
    cursor: Cursor,
    entries: &'a [(StateKey, V)],
}

/// What a parent must know of a child beside its hash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    EmptyKnown,
    Raw,
    Other,
}

impl<V: AsRef<[u8]>> Verifier<'_, V> {
    /// The next subtrie, which is at `depth` and has the entries of `span` below it.
    fn subtrie(
        &mut self,
        depth: usize,
        span: Range<usize>,
    ) -> Result<(Child, Hash), CompactProofError> {
        let entries = self.entries.get(span.clone()).unwrap_or_default();
        match self.sections.next(&mut self.cursor)? {
            Shown::Branch => {
                let zeros = entries.partition_point(|(key, _)| !bit_at(key.as_bytes(), depth));
                let middle = span.start + zeros;
                let (left, left_hash) = self.subtrie(depth + 1, span.start..middle)?;
                let (right, right_hash) = self.subtrie(depth + 1, middle..span.end)?;
                match (left, right) {
                    (Child::EmptyKnown, Child::Raw) | (Child::Raw, Child::EmptyKnown) => {
                        Err(CompactProofError::NeedlessBranch { depth })
                    }
                    _ => Ok((Child::Other, GrayPaper::hash_branch(&left_hash, &right_hash))),
                }
            }
            Shown::Known => {
                let child = if entries.is_empty() { Child::EmptyKnown } else { Child::Other };
                Ok((child, subtrie_root::<GrayPaper, V>(entries, depth)))
            }
            Shown::Hash(_) | Shown::Raw { .. } if !entries.is_empty() => {
                Err(CompactProofError::StrayEntry { index: span.start })
            }
            Shown::Hash(hash) => Ok((Child::Other, hash)),
            Shown::Raw { preimage, .. } => {
                Ok((Child::Raw, GrayPaper::hash_node(NodeKind::Leaf, &preimage)))
            }
        }
    }
}

impl<'a, V: AsRef<[u8]>> Claims<'a, V> {
    /// What the proof says of `key`. Reads the proof from its start: O(nodes).
    #[must_use]
    pub fn get(&self, key: &StateKey) -> Claim<'a> {
        let mut cursor = Cursor::start();
        while let Some(position) = cursor.position() {
            let Ok(shown) = self.sections.next(&mut cursor) else { return Claim::NotCovered };
            if shown == Shown::Branch || !position.covers(key) {
                continue;
            }
            return match shown {
                Shown::Known => self.entry(key).map_or(Claim::Absent, Claim::Value),
                Shown::Raw { key: own, .. } if own == *key => Claim::Present,
                Shown::Raw { .. } => Claim::Absent,
                Shown::Hash(_) | Shown::Branch => Claim::NotCovered,
            };
        }
        Claim::NotCovered
    }

    fn entry(&self, key: &StateKey) -> Option<&'a [u8]> {
        let index = self.entries.binary_search_by(|(own, _)| own.cmp(key)).ok()?;
        self.entries.get(index).map(|(_, value)| value.as_ref())
    }

    /// Whether the proof answers all of `query`: each listed key, and all there is in each range.
    ///
    /// # Errors
    /// [`CompactProofError::NotCovered`] or [`CompactProofError::NotDelivered`].
    pub fn check_query(&self, query: &Query) -> Result<(), CompactProofError> {
        let mut cursor = Cursor::start();
        while let Some(position) = cursor.position() {
            let depth = position.depth();
            match self.sections.next(&mut cursor)? {
                Shown::Hash(_) if query.touches(&position) => {
                    return Err(CompactProofError::NotCovered { depth });
                }
                Shown::Raw { key, .. } if query.asks_for(&key) => {
                    return Err(CompactProofError::NotDelivered { depth });
                }
                _ => {}
            }
        }
        Ok(())
    }
}
