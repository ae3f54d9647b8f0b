//! Making a multi-proof.

use super::MultiProof;
use crate::outline::{Form, Layout, Piece, Position, halves, write};
use crate::scheme::Scheme;
use crate::trie::Trie;
use crate::view::{KeyOf, Opened, TrieView};
use alloc::vec::Vec;
use core::marker::PhantomData;

impl<S: Scheme> MultiProof<S> {
    /// A proof of what the keys have in the state of `view`, in any order; repetitions are dropped.
    /// Opens the nodes on the keys' paths and takes the hashes beside them.
    ///
    /// # Errors
    /// Those of the view.
    pub fn build<V>(view: &V, keys: impl IntoIterator<Item = S::Key>) -> Result<Self, V::Error>
    where
        V: TrieView<Scheme = S>,
    {
        let mut keys: Vec<S::Key> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        let mut pieces = Vec::new();
        show(view, view.top()?.as_ref(), Position::TOP, &keys, &mut pieces)?;
        Ok(Self::of(write(Form::Multi, &pieces)))
    }

    fn of(bytes: Vec<u8>) -> Self {
        let layout = Layout::of_own::<S>(Form::Multi, &bytes);
        Self { bytes, layout, scheme: PhantomData }
    }
}

impl<S: Scheme> Trie<S> {
    /// A proof of what [`Trie::get`] says of each of the keys, against [`Trie::root`].
    ///
    /// Hashes what changed since the last root and keeps the hashes; then O(depth) a key.
    pub fn prove_many(&mut self, keys: impl IntoIterator<Item = S::Key>) -> MultiProof<S> {
        self.root();
        let Ok(proof) = MultiProof::build(&&*self, keys);
        proof
    }
}

/// Shows the subtrie at `position` as far as `keys`, all of them below it, need it.
fn show<V: TrieView>(
    view: &V,
    node: Option<&V::Node>,
    position: Position,
    keys: &[KeyOf<V>],
    pieces: &mut Vec<Piece<V::Scheme>>,
) -> Result<(), V::Error> {
    let Some(node) = node else {
        pieces.push(Piece::Empty);
        return Ok(());
    };
    if keys.is_empty() {
        pieces.push(Piece::hidden(view.hash(node)?, &position));
        return Ok(());
    }
    match view.open(node)? {
        Opened::Leaf(key) if keys.contains(&key) => pieces.push(Piece::Given),
        Opened::Leaf(_) => {
            let preimage = view.leaf_preimage(node)?;
            pieces.push(Piece::Leaf { preimage, depth: position.depth() });
        }
        Opened::Branch { left, right } => {
            pieces.push(Piece::Branch);
            let (zeros, ones) = halves(keys, position.depth(), |key| key);
            show(view, left.as_ref(), position.left(), zeros, pieces)?;
            show(view, right.as_ref(), position.right(), ones, pieces)?;
        }
    }
    Ok(())
}
