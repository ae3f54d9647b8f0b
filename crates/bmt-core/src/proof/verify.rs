//! Verifying a path proof: no allocation, no panic, one hash a level.

use super::{PathProof, ProofError, Terminal};
use crate::bits::bit_at;
use crate::key::Key;
use crate::outline::kind_shown;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, NodeKind, Scheme};

impl<S: Scheme> PathProof<S> {
    /// Whether `key` has exactly `value` under `root`.
    ///
    /// # Errors
    /// A [`ProofError`] that says why this proof does not show it.
    pub fn verify_present(
        &self,
        root: &Hash,
        key: &S::Key,
        value: &[u8],
    ) -> Result<(), ProofError> {
        match self.terminal {
            Terminal::Included => {
                let leaf = S::hash_leaf(key, LeafValue::Bytes(value));
                self.climb(root, key, leaf, Some(NodeKind::Leaf))
            }
            _ => Err(ProofError::OtherClaim { shows_presence: false }),
        }
    }

    /// Whether `key` is absent under `root`.
    ///
    /// # Errors
    /// A [`ProofError`] that says why this proof does not show it.
    pub fn verify_absent(&self, root: &Hash, key: &S::Key) -> Result<(), ProofError> {
        match self.terminal {
            Terminal::Included => Err(ProofError::OtherClaim { shows_presence: true }),
            Terminal::Empty => self.climb(root, key, EMPTY_ROOT, None),
            Terminal::OtherLeaf(tail) => {
                let preimage = self.complete(tail, key);
                let other = S::parse_leaf(&preimage).ok_or(ProofError::NotALeaf)?;
                if other == *key {
                    return Err(ProofError::KeyIsPresent);
                }
                let leaf = S::hash_node(NodeKind::Leaf, &preimage);
                self.climb(root, key, leaf, Some(NodeKind::Leaf))
            }
        }
    }

    /// The other leaf's preimage, with the bits above it, which are `key`'s.
    fn complete(&self, mut preimage: [u8; 64], key: &S::Key) -> [u8; 64] {
        let depth = self.siblings.len();
        let place = preimage.iter_mut().skip(S::LEAF_KEY_OFFSET).zip(key.as_bytes());
        for (index, (byte, from_key)) in place.enumerate().take(depth.div_ceil(8)) {
            let shared = (depth - 8 * index).min(8);
            let mask = if shared == 8 { 0xff } else { !(0xff_u8 >> shared) };
            *byte = (*byte & !mask) | (from_key & mask);
        }
        preimage
    }

    /// Hashes up from the terminal and compares with `root`.
    fn climb(
        &self,
        root: &Hash,
        key: &S::Key,
        terminal: Hash,
        kind: Option<NodeKind>,
    ) -> Result<(), ProofError> {
        if self.siblings.len() > 8 * S::Key::LEN {
            return Err(ProofError::TooDeep { depth: self.siblings.len(), max: 8 * S::Key::LEN });
        }
        let mut computed = terminal;
        let mut over_two_keys = false;
        for (depth, sibling) in self.siblings.climb() {
            // A lone key's leaf stands as high as it can, so a lowest branch has two keys below.
            if !over_two_keys {
                let sibling_is_lone =
                    kind_shown::<S>(&sibling) == Some(NodeKind::Leaf) && kind.is_none();
                if sibling == EMPTY_ROOT || sibling_is_lone {
                    return Err(ProofError::LoneBranch { depth });
                }
                over_two_keys = true;
            }
            computed = if bit_at(key.as_bytes(), depth) {
                if sibling[0] & !S::LEFT_FIRST_BYTE_MASK != 0 {
                    return Err(ProofError::LeftSiblingBit { depth: depth + 1 });
                }
                S::hash_branch(&sibling, &computed)
            } else {
                S::hash_branch(&computed, &sibling)
            };
        }
        if computed == *root {
            Ok(())
        } else {
            Err(ProofError::RootMismatch { expected: *root, computed })
        }
    }
}
