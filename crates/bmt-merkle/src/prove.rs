//! Proofs and witnesses of a version, of the types of bmt-core.

use crate::bits::bit_at;
use crate::error::MerkleError;
use crate::source::{LeafSource, PageSource};
use crate::view::{VersionView, ViewNode};
use bmt_core::proof::PATH_PROOF_VERSION;
use bmt_core::view::{Opened, TrieView};
use bmt_core::{EMPTY_ROOT, Hash, Key, MultiProof, PathProof, Scheme, Witness};

/// What a key's path ends at.
enum End {
    Included,
    Empty,
    OtherLeaf([u8; 64]),
}

impl<S: Scheme, P: PageSource, L: LeafSource<S::Key>> VersionView<'_, S, P, L> {
    /// A proof of what `key` has in this version: that of `bmt_core::Trie::prove`.
    ///
    /// # Errors
    /// Those of the sources, damaged pages, and [`MerkleError::LeafMismatch`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, MerkleError> {
        let mut siblings = Vec::new();
        let mut node = self.top()?;
        let end = loop {
            let Some(at) = node else { break End::Empty };
            match self.open(&at)? {
                Opened::Leaf(leaf) if leaf == *key => break End::Included,
                Opened::Leaf(_) => break End::OtherLeaf(self.leaf_preimage(&at)?),
                Opened::Branch { left, right } => {
                    let is_right = bit_at(key.as_bytes(), siblings.len());
                    let (next, beside) = if is_right { (right, left) } else { (left, right) };
                    siblings.push(self.sibling(beside, is_right)?);
                    node = next;
                }
            }
        };
        Ok(path_proof(&siblings, &end))
    }

    fn sibling(&self, node: Option<ViewNode<S>>, is_left: bool) -> Result<Hash, MerkleError> {
        let Some(node) = node else { return Ok(EMPTY_ROOT) };
        let mut hash = self.hash(&node)?;
        if is_left {
            hash[0] &= S::LEFT_FIRST_BYTE_MASK;
        }
        Ok(hash)
    }

    /// A proof of what some keys have in this version: that of `bmt_core::Trie::prove_many`.
    ///
    /// # Errors
    /// As [`VersionView::prove`].
    pub fn prove_many(
        &self,
        keys: impl IntoIterator<Item = S::Key>,
    ) -> Result<MultiProof<S>, MerkleError> {
        let keys: Vec<S::Key> = keys.into_iter().collect();
        self.prefetch(keys.iter().copied())?;
        MultiProof::build(self, keys)
    }

    /// What a verifier without the state needs to read `reads` and to apply `writes` (`None` deletes)
    /// to this version: that of `bmt_core::Trie::witness`.
    ///
    /// # Errors
    /// As [`VersionView::prove`].
    pub fn witness<W>(
        &self,
        reads: impl IntoIterator<Item = S::Key>,
        writes: impl IntoIterator<Item = (S::Key, Option<W>)>,
    ) -> Result<Witness<S>, MerkleError> {
        let reads: Vec<S::Key> = reads.into_iter().collect();
        let writes: Vec<(S::Key, Option<W>)> = writes.into_iter().collect();
        self.prefetch(reads.iter().copied().chain(writes.iter().map(|(key, _)| *key)))?;
        self.prefetch_values(&reads)?;
        Witness::build(self, reads, writes)
    }
}

/// The proof with these siblings, root first; made by way of its one encoding,
/// `docs/format/path-proof.md`.
fn path_proof<S: Scheme>(siblings: &[Hash], end: &End) -> PathProof<S> {
    let depth = siblings.len();
    let mut path = vec![0; depth.div_ceil(8)];
    let mut rest = Vec::new();
    let kind = match end {
        End::Included => 0,
        End::Empty => 1,
        End::OtherLeaf(preimage) => {
            let (head, from_key) = preimage.split_at(S::LEAF_KEY_OFFSET);
            let (key, tail) = from_key.split_at(S::Key::LEN);
            path = key.to_vec();
            path.iter_mut().take(depth / 8).for_each(|byte| *byte = 0);
            if let Some(byte) = path.get_mut(depth / 8) {
                *byte &= 0xff >> (depth % 8);
            }
            rest = [head, tail].concat();
            2
        }
    };
    let present = siblings.iter().enumerate().filter(|(_, sibling)| **sibling != EMPTY_ROOT);
    for (at, _) in present.clone() {
        path[at / 8] |= 0x80 >> (at % 8);
    }
    let [depth_low, depth_high, ..] = depth.to_le_bytes();
    let mut bytes = vec![(PATH_PROOF_VERSION << 4) | (depth_high << 3) | kind, depth_low];
    bytes.extend(path);
    present.for_each(|(_, sibling)| bytes.extend_from_slice(sibling));
    bytes.extend(rest);
    match PathProof::decode(&bytes) {
        Ok(proof) => proof,
        Err(error) => unreachable!("a path of a trie is a proof: {error}"),
    }
}
