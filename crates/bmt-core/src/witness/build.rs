//! Making a witness.

use super::Witness;
use crate::outline::{Form, Layout, Piece, Position, halves, kind_shown, write};
use crate::scheme::Scheme;
use crate::trie::Trie;
use crate::view::{KeyOf, Opened, TrieView};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::marker::PhantomData;

/// What is done with a key.
#[derive(Clone, Copy, Default)]
struct Access {
    read: bool,
    write: Option<Effect>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Set,
    Delete,
}

impl<S: Scheme> Witness<S> {
    /// What a verifier needs to read `reads` and to apply `writes` (`None` deletes) in the state of
    /// `view`, in any order; of several writes to a key the last one counts.
    ///
    /// Opens the nodes on the keys' paths, and those that deletions leave alone.
    ///
    /// # Errors
    /// Those of the view.
    pub fn build<V, W>(
        view: &V,
        reads: impl IntoIterator<Item = S::Key>,
        writes: impl IntoIterator<Item = (S::Key, Option<W>)>,
    ) -> Result<Self, V::Error>
    where
        V: TrieView<Scheme = S>,
    {
        let mut accesses = BTreeMap::<S::Key, Access>::new();
        for key in reads {
            accesses.entry(key).or_default().read = true;
        }
        for (key, value) in writes {
            let effect = if value.is_some() { Effect::Set } else { Effect::Delete };
            accesses.entry(key).or_default().write = Some(effect);
        }
        let accesses: Vec<_> = accesses.into_iter().collect();
        let mut pieces = Vec::new();
        show(view, view.top()?.as_ref(), Position::TOP, &accesses, &mut pieces)?;
        let bytes = write(Form::Witness, &pieces);
        let layout = Layout::of_own::<S>(Form::Witness, &bytes);
        Ok(Self { bytes, layout, scheme: PhantomData })
    }
}

impl<S: Scheme> Trie<S> {
    /// A witness against [`Trie::root`] for reading `reads` and applying `writes` (`None` deletes).
    ///
    /// Hashes what changed since the last root and keeps the hashes; then O(depth) a key.
    pub fn witness<W>(
        &mut self,
        reads: impl IntoIterator<Item = S::Key>,
        writes: impl IntoIterator<Item = (S::Key, Option<W>)>,
    ) -> Witness<S> {
        self.root();
        let Ok(witness) = Witness::build(&&*self, reads, writes);
        witness
    }
}

type AccessOf<V> = (KeyOf<V>, Access);

/// Shows the subtrie at `position` as far as `accesses`, all of them below it, need it, and tells
/// whether an entry is left there after the writes.
fn show<V: TrieView>(
    view: &V,
    node: Option<&V::Node>,
    position: Position,
    accesses: &[AccessOf<V>],
    pieces: &mut Vec<Piece<V::Scheme>>,
) -> Result<bool, V::Error> {
    let sets = || accesses.iter().any(|(_, access)| access.write == Some(Effect::Set));
    let Some(node) = node else {
        pieces.push(Piece::Empty);
        return Ok(sets());
    };
    if accesses.is_empty() {
        pieces.push(Piece::hidden(view.hash(node)?, &position));
        return Ok(true);
    }
    match view.open(node)? {
        Opened::Leaf(key) => {
            let own = accesses.iter().find(|(accessed, _)| *accessed == key);
            let own = own.map(|(_, access)| *access).unwrap_or_default();
            let depth = position.depth();
            pieces.push(match own.read {
                true => Piece::Value { key, depth, value: view.leaf_value(node)? },
                false => Piece::Leaf { preimage: view.leaf_preimage(node)?, depth },
            });
            Ok(own.write != Some(Effect::Delete) || sets())
        }
        Opened::Branch { left, right } => {
            pieces.push(Piece::Branch);
            let left = Side { node: left.as_ref(), position: position.left() };
            let right = Side { node: right.as_ref(), position: position.right() };
            show_sides(view, [left, right], accesses, pieces)
        }
    }
}

struct Side<'a, N> {
    node: Option<&'a N>,
    position: Position,
}

/// Shows both sides of a branch; a side of which nothing would be shown is opened when the writes
/// leave it alone.
fn show_sides<V: TrieView>(
    view: &V,
    [left, right]: [Side<'_, V::Node>; 2],
    accesses: &[AccessOf<V>],
    pieces: &mut Vec<Piece<V::Scheme>>,
) -> Result<bool, V::Error> {
    let (zeros, ones) = halves(accesses, left.position.depth() - 1, |(key, _)| key);
    let left_at = pieces.len();
    let left_remains = show(view, left.node, left.position, zeros, pieces)?;
    let right_at = pieces.len();
    let right_remains = show(view, right.node, right.position, ones, pieces)?;
    if left.node.is_some() && !left_remains && ones.is_empty() {
        open_alone(view, &right, right_at, pieces)?;
    }
    if right.node.is_some() && !right_remains && zeros.is_empty() {
        open_alone(view, &left, left_at, pieces)?;
    }
    Ok(left_remains || right_remains)
}

/// Puts what the subtrie of `side` opens to in the place of its hash, the piece at `index`, where
/// the hash does not show what it is of.
fn open_alone<V: TrieView>(
    view: &V,
    side: &Side<'_, V::Node>,
    index: usize,
    pieces: &mut Vec<Piece<V::Scheme>>,
) -> Result<(), V::Error> {
    let Some(node) = side.node else { return Ok(()) };
    if kind_shown::<V::Scheme>(&view.hash(node)?).is_some() {
        return Ok(());
    }
    let depth = side.position.depth();
    let opened = match view.open(node)? {
        Opened::Leaf(_) => alloc::vec![Piece::Leaf { preimage: view.leaf_preimage(node)?, depth }],
        Opened::Branch { left, right } => {
            let mut opened = alloc::vec![Piece::Branch];
            show(view, left.as_ref(), side.position.left(), &[], &mut opened)?;
            show(view, right.as_ref(), side.position.right(), &[], &mut opened)?;
            opened
        }
    };
    pieces.splice(index..=index, opened);
    Ok(())
}
