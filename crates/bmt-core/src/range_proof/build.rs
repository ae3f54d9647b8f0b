//! Making range proofs.

use super::cover::{Cover, Lie};
use super::{Prefix, RangePart, RangeProof};
use crate::bits::{bit_at, shared_prefix_bits};
use crate::key::Key;
use crate::outline::{Form, Layout, Piece, Position, length_size, write};
use crate::scheme::Scheme;
use crate::trie::Trie;
use crate::view::{KeyOf, Opened, Scan, TrieView};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::marker::PhantomData;

impl<S: Scheme> RangePart<S> {
    /// The entries from `from` through `through` in the state of `view`, as many as fit into
    /// `bytes_max`, and their proof; at least one entry if there is any.
    ///
    /// Counted are the proof, and for each entry its key, its value, and the value's length in base
    /// 128. An inverted range has no entries and no valid proof. Opens the nodes on the way to the
    /// entries, and the bounds' paths once for each attempt to fit the budget.
    ///
    /// # Errors
    /// Those of the view.
    pub fn build<V>(
        view: &V,
        from: &S::Key,
        through: &S::Key,
        bytes_max: usize,
    ) -> Result<Self, V::Error>
    where
        V: TrieView<Scheme = S>,
    {
        let cover = Cover::new(from, through);
        let First { mut entries, mut next } = first_entries(view, from, through, bytes_max)?;
        let mut entries_size: usize = entries.iter().map(entry_size::<S>).sum();
        loop {
            let proof = match (next, entries.last()) {
                (Some(next), Some((last, _))) => {
                    let cut = cover.cut(boundary(last, &next));
                    RangeProof::build(view, &cut, Form::RangeCut)?
                }
                _ => RangeProof::build(view, &cover, Form::Range)?,
            };
            let size = entries_size + proof.as_bytes().len();
            if size <= bytes_max || entries.len() <= 1 {
                return Ok(Self { entries, proof });
            }
            let mut excess = size - bytes_max;
            while excess > 0 && entries.len() > 1 {
                if let Some(entry) = entries.pop() {
                    excess = excess.saturating_sub(entry_size::<S>(&entry));
                    entries_size -= entry_size::<S>(&entry);
                    next = Some(entry.0);
                }
            }
        }
    }
}

impl<S: Scheme> RangeProof<S> {
    fn build<V>(view: &V, cover: &Cover, form: Form) -> Result<Self, V::Error>
    where
        V: TrieView<Scheme = S>,
    {
        let mut pieces = Vec::new();
        show(view, view.top()?.as_ref(), Position::TOP, cover, &mut pieces)?;
        let bytes = write(form, &pieces);
        let layout = Layout::of_own::<S>(form, &bytes);
        Ok(Self { bytes, layout, scheme: PhantomData })
    }
}

impl<S: Scheme> Trie<S> {
    /// The entries from `from` through `through`, as many as fit into `bytes_max`, at least one if
    /// there is any, and the proof against [`Trie::root`]; see [`RangePart::build`].
    ///
    /// Hashes what changed since the last root and keeps the hashes; then O(1) an entry and O(depth).
    pub fn prove_range(
        &mut self,
        from: &S::Key,
        through: &S::Key,
        bytes_max: usize,
    ) -> RangePart<S> {
        self.root();
        let Ok(part) = RangePart::build(&&*self, from, through, bytes_max);
        part
    }

    /// All entries under a prefix, and the proof against [`Trie::root`].
    ///
    /// Costs as [`Trie::prove_range`].
    pub fn prove_prefix(&mut self, prefix: &Prefix<S::Key>) -> RangePart<S> {
        let (from, through) = prefix.bounds();
        self.prove_range(&from, &through, usize::MAX)
    }
}

/// The first entries of a range.
struct First<V: TrieView> {
    entries: Vec<(KeyOf<V>, Arc<[u8]>)>,
    /// The key of the entry after them.
    next: Option<KeyOf<V>>,
}

/// Entries in the range, the first one and then as many as are together within `size_max`, and the
/// key of the one after them.
fn first_entries<V: TrieView>(
    view: &V,
    from: &KeyOf<V>,
    through: &KeyOf<V>,
    size_max: usize,
) -> Result<First<V>, V::Error> {
    let (mut entries, mut size) = (Vec::new(), 0_usize);
    let mut scan = Scan::new(view, *from)?;
    while let Some(found) = scan.next_leaf()?.filter(|found| found.key <= *through) {
        let entry = (found.key, view.leaf_value(&found.leaf)?);
        size = size.saturating_add(entry_size::<V::Scheme>(&entry));
        if size > size_max && !entries.is_empty() {
            return Ok(First { entries, next: Some(found.key) });
        }
        entries.push(entry);
    }
    Ok(First { entries, next: None })
}

fn entry_size<S: Scheme>((_, value): &(S::Key, Arc<[u8]>)) -> usize {
    S::Key::LEN + length_size(value.len()) + value.len()
}

/// The least key of the highest subtrie that has `next` and not `last`, which is less.
fn boundary<K: Key>(last: &K, next: &K) -> [u8; 32] {
    let shared = shared_prefix_bits(last.as_bytes(), next.as_bytes());
    let mut bytes = [0; 32];
    for bit in (0..=shared).filter(|bit| bit_at(next.as_bytes(), *bit)) {
        bytes[bit / 8] |= 0x80 >> (bit % 8);
    }
    bytes
}

/// Shows the subtrie at `position` as far as `cover` needs it, and tells whether any key there is
/// outside of it.
fn show<V: TrieView>(
    view: &V,
    node: Option<&V::Node>,
    position: Position,
    cover: &Cover,
    pieces: &mut Vec<Piece<V::Scheme>>,
) -> Result<bool, V::Error> {
    let Some(node) = node else {
        pieces.push(Piece::Empty);
        return Ok(false);
    };
    match cover.lie(&position) {
        Lie::Outside => {
            pieces.push(Piece::hidden(view.hash(node)?, &position));
            return Ok(true);
        }
        Lie::Inside => {
            pieces.push(Piece::Given);
            return Ok(false);
        }
        Lie::Across => {}
    }
    match view.open(node)? {
        Opened::Leaf(key) if cover.contains(&key) => {
            pieces.push(Piece::Given);
            Ok(false)
        }
        Opened::Leaf(_) => {
            let preimage = view.leaf_preimage(node)?;
            pieces.push(Piece::Leaf { preimage, depth: position.depth() });
            Ok(true)
        }
        Opened::Branch { left, right } => {
            let branch_at = pieces.len();
            pieces.push(Piece::Branch);
            let left_sticks_out = show(view, left.as_ref(), position.left(), cover, pieces)?;
            let right_sticks_out = show(view, right.as_ref(), position.right(), cover, pieces)?;
            if !left_sticks_out && !right_sticks_out {
                pieces.truncate(branch_at);
                pieces.push(Piece::Given);
            }
            Ok(left_sticks_out || right_sticks_out)
        }
    }
}
