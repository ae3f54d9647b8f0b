//! Verifying a multi-proof: no allocation, no panic, one hash a branch and a key.
#![deny(clippy::indexing_slicing)]

use super::{MultiProof, MultiProofError};
use crate::bits::bit_at;
use crate::key::Key;
use crate::outline::{Cursor, Sections, Shown};
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, NodeKind, Scheme};
use core::ops::Range;

impl<S: Scheme> MultiProof<S> {
    /// Whether each key has exactly the value beside it, or is absent (`None`), under `root`.
    ///
    /// The claims must be in strictly ascending order of their keys, and be of the very keys that
    /// the proof was made for, as far as they need different parts of the trie.
    ///
    /// # Errors
    /// A [`MultiProofError`] that says why this proof does not show it.
    pub fn verify<V: AsRef<[u8]>>(
        &self,
        root: &Hash,
        claims: &[(S::Key, Option<V>)],
    ) -> Result<(), MultiProofError> {
        let mut pairs = claims.iter().zip(claims.iter().skip(1));
        if let Some(at) = pairs.position(|((key, _), (next, _))| key >= next) {
            return Err(MultiProofError::Unsorted { index: at + 1 });
        }
        let mut verifier = Verifier {
            sections: self.layout.sections::<S>(&self.bytes),
            cursor: self.layout.start(),
            claims,
        };
        let computed = verifier.subtrie(0, 0..claims.len())?;
        if computed == *root {
            Ok(())
        } else {
            Err(MultiProofError::RootMismatch { expected: *root, computed })
        }
    }
}

struct Verifier<'a, S: Scheme, V> {
    sections: Sections<'a, S>,
    cursor: Cursor,
    claims: &'a [(S::Key, Option<V>)],
}

impl<S: Scheme, V: AsRef<[u8]>> Verifier<'_, S, V> {
    /// The hash of the next subtrie, which is at `depth` and has the claims `asked` below it.
    fn subtrie(&mut self, depth: usize, asked: Range<usize>) -> Result<Hash, MultiProofError> {
        match self.sections.next(&mut self.cursor)? {
            Shown::Hash(hash) if asked.is_empty() => Ok(hash),
            Shown::Hash(_) => Err(MultiProofError::NotCovered { index: asked.start }),
            Shown::Empty => self.all_absent(asked, None).map(|()| EMPTY_ROOT),
            Shown::Branch | Shown::Leaf { .. } if asked.is_empty() => {
                Err(MultiProofError::NotAsked { depth })
            }
            Shown::Branch => {
                let claims = self.claims.get(asked.clone()).unwrap_or_default();
                let zeros = claims.partition_point(|(key, _)| !bit_at(key.as_bytes(), depth));
                let middle = asked.start + zeros;
                let left = self.subtrie(depth + 1, asked.start..middle)?;
                let right = self.subtrie(depth + 1, middle..asked.end)?;
                Ok(S::hash_branch(&left, &right))
            }
            Shown::Given => self.given_leaf(depth, asked),
            Shown::Leaf { key, preimage } => {
                self.all_absent(asked, Some(&key))?;
                Ok(S::hash_node(NodeKind::Leaf, &preimage))
            }
            Shown::Value { .. } => Err(MultiProofError::NotAsked { depth }),
        }
    }

    /// The hash of the leaf of the only present key among the claims `asked`; the others are
    /// absent, since their paths end at this leaf.
    fn given_leaf(&self, depth: usize, asked: Range<usize>) -> Result<Hash, MultiProofError> {
        let claims = self.claims.get(asked).unwrap_or_default();
        let mut present = claims.iter().filter_map(|(key, value)| Some((key, value.as_ref()?)));
        match (present.next(), present.count()) {
            (Some((key, value)), 0) => Ok(S::hash_leaf(key, LeafValue::Bytes(value.as_ref()))),
            (first, more) => {
                let found = usize::from(first.is_some()) + more;
                Err(MultiProofError::PresentKeys { depth, found })
            }
        }
    }

    /// That the claims `asked` are all of absence, and none of the key of `leaf`.
    fn all_absent(
        &self,
        asked: Range<usize>,
        leaf: Option<&S::Key>,
    ) -> Result<(), MultiProofError> {
        let claims = self.claims.get(asked.clone()).unwrap_or_default();
        for (index, (key, value)) in asked.zip(claims) {
            if value.is_some() {
                return Err(MultiProofError::KeyIsAbsent { index });
            }
            if Some(key) == leaf {
                return Err(MultiProofError::KeyIsPresent { index });
            }
        }
        Ok(())
    }
}
