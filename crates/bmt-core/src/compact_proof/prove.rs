//! Making a compact proof.

use super::tags::{Layout, Tag};
use super::{COMPACT_PROOF_VERSION, CompactProof, Query};
use crate::bits::bit_at;
use crate::gray_paper::GrayPaper;
use crate::key::{Key, StateKey};
use crate::outline::{BitWriter, Position};
use crate::scheme::{Hash, Scheme};
use crate::trie::Trie;
use crate::view::{Opened, TrieView};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// An entry that was asked for.
pub type Entry = (StateKey, Arc<[u8]>);

impl CompactProof {
    /// The answer to `query` in the state of `view`: the proof, and the entries that go beside it.
    ///
    /// Opens the nodes on the way to what is asked for and takes the hashes beside them.
    ///
    /// # Errors
    /// Those of the view.
    pub fn build<V>(view: &V, query: &Query) -> Result<(Self, Vec<Entry>), V::Error>
    where
        V: TrieView<Scheme = GrayPaper>,
    {
        let mut prover = Prover { view, query, pieces: Vec::new(), entries: Vec::new() };
        prover.show(view.top()?.as_ref(), Position::TOP)?;
        let bytes = write(&prover.pieces);
        let layout = Layout::of_own(&bytes);
        Ok((Self { bytes, layout }, prover.entries))
    }
}

impl Trie<GrayPaper> {
    /// The answer to `query`, against [`Trie::root`]; see [`CompactProof::build`].
    ///
    /// Hashes what changed since the last root and keeps the hashes.
    pub fn prove_compact(&mut self, query: &Query) -> (CompactProof, Vec<Entry>) {
        self.root();
        let Ok(answer) = CompactProof::build(&&*self, query);
        answer
    }
}

enum Piece {
    Branch,
    Hash(Hash),
    Known,
    Raw { key: StateKey, depth: usize, preimage: [u8; 64] },
}

struct Prover<'a, V> {
    view: &'a V,
    query: &'a Query,
    pieces: Vec<Piece>,
    entries: Vec<Entry>,
}

impl<V: TrieView<Scheme = GrayPaper>> Prover<'_, V> {
    /// Shows the subtrie at `position` by the first of the draft's rules that fits, and tells
    /// whether all its entries, maybe none, are asked for.
    fn show(&mut self, node: Option<&V::Node>, position: Position) -> Result<bool, V::Error> {
        let Some(node) = node else {
            self.pieces.push(Piece::Known);
            return Ok(true);
        };
        if self.query.has_all(&position) {
            self.pieces.push(Piece::Known);
            self.gather(node)?;
            return Ok(true);
        }
        if !self.query.touches(&position) {
            let mut hash = self.view.hash(node)?;
            if position.is_left() {
                hash[0] &= GrayPaper::LEFT_FIRST_BYTE_MASK;
            }
            self.pieces.push(Piece::Hash(hash));
            return Ok(false);
        }
        match self.view.open(node)? {
            Opened::Leaf(key) if self.query.asks_for(&key) => {
                self.entries.push((key, self.view.leaf_value(node)?));
                self.pieces.push(Piece::Known);
                Ok(true)
            }
            Opened::Leaf(key) => {
                let (depth, preimage) = (position.depth(), self.view.leaf_preimage(node)?);
                self.pieces.push(Piece::Raw { key, depth, preimage });
                Ok(false)
            }
            Opened::Branch { left, right } => {
                let branch_at = self.pieces.len();
                self.pieces.push(Piece::Branch);
                let left_known = self.show(left.as_ref(), position.left())?;
                let right_known = self.show(right.as_ref(), position.right())?;
                if left_known && right_known {
                    self.pieces.truncate(branch_at);
                    self.pieces.push(Piece::Known);
                }
                Ok(left_known && right_known)
            }
        }
    }

    /// Takes every entry of the subtrie.
    fn gather(&mut self, node: &V::Node) -> Result<(), V::Error> {
        match self.view.open(node)? {
            Opened::Leaf(key) => self.entries.push((key, self.view.leaf_value(node)?)),
            Opened::Branch { left, right } => {
                for child in [left, right].into_iter().flatten() {
                    self.gather(&child)?;
                }
            }
        }
        Ok(())
    }
}

fn write(pieces: &[Piece]) -> Vec<u8> {
    let mut tags = BitWriter::new(vec![COMPACT_PROOF_VERSION]);
    for piece in pieces {
        let tag = match piece {
            Piece::Branch => Tag::Branch,
            Piece::Hash(_) => Tag::Hash,
            Piece::Known => Tag::Known,
            Piece::Raw { .. } => Tag::Raw,
        };
        tags.push(bit_at(&[tag as u8], 6));
        tags.push(bit_at(&[tag as u8], 7));
    }
    let mut bytes = tags.into_bytes();
    for piece in pieces {
        if let Piece::Hash(hash) = piece {
            bytes.extend_from_slice(hash);
        }
    }
    let mut keys = BitWriter::new(bytes);
    for piece in pieces {
        if let Piece::Raw { key, depth, .. } = piece {
            keys.push_from(key.as_bytes(), *depth);
        }
    }
    let mut bytes = keys.into_bytes();
    for piece in pieces {
        if let Piece::Raw { preimage, .. } = piece {
            let (form, length) = match preimage[0] {
                0xc0 => (33, 32),
                head => (head & 0x3f, usize::from(head & 0x3f)),
            };
            bytes.push(form);
            bytes.extend_from_slice(&preimage[32..32 + length]);
        }
    }
    bytes
}
