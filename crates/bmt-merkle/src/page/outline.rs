//! The branches over a sorted sequence of prefixes: which parts from which, and where.

use super::cost::ITEM_COUNT_MAX;
use crate::bits::{index_u32, shared_bits, stored_bits};
use bmt_core::Key;

/// One side of a branch, or the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The item with this index.
    Item(usize),
    /// The branch between the items with this index and the next.
    Inner(usize),
}

impl Side {
    /// Where its hash is among those of a page with so many items: first all items, then all branches.
    pub(crate) fn place(self, item_count: usize) -> usize {
        match self {
            Self::Item(item) => item,
            Self::Inner(inner) => item_count + inner,
        }
    }
}

/// How many hashes there are of so many items and the branches between them.
pub(crate) fn hash_count(item_count: usize) -> usize {
    (2 * item_count).saturating_sub(1)
}

/// A side in a number of which the top bit tells an item.
pub(crate) trait PackedSide: Copy {
    fn pack(side: Side) -> Self;
    fn unpack(self) -> Side;
}

/// For any number of items.
impl PackedSide for u32 {
    fn pack(side: Side) -> Self {
        match side {
            Side::Item(index) => index_u32(index) | 1 << 31,
            Side::Inner(index) => index_u32(index),
        }
    }

    fn unpack(self) -> Side {
        let index = (self & !(1 << 31)) as usize;
        if self >> 31 == 0 { Side::Inner(index) } else { Side::Item(index) }
    }
}

/// For the items of a page.
impl PackedSide for u8 {
    fn pack(side: Side) -> Self {
        let (Side::Item(index) | Side::Inner(index)) = side;
        assert!(index < ITEM_COUNT_MAX, "the items of a page fit its image");
        let index = u8::try_from(index).unwrap_or_default();
        if matches!(side, Side::Item(_)) { index | 1 << 7 } else { index }
    }

    fn unpack(self) -> Side {
        let index = usize::from(self & 0x7f);
        if self >> 7 == 0 { Side::Inner(index) } else { Side::Item(index) }
    }
}

/// The two-sided branches over items in order: branch `i` parts item `i` from item `i + 1`.
#[derive(Debug, Default)]
pub(crate) struct SplitTree<P = u32> {
    /// The bit at which each branch parts its items.
    splits: Vec<u16>,
    sides: Vec<[P; 2]>,
    root: usize,
}

impl<P: PackedSide> SplitTree<P> {
    /// The tree over items whose neighbours part at these bits.
    pub(crate) fn new(splits: Vec<u16>) -> Self {
        let mut sides: Vec<[P; 2]> =
            (0..splits.len()).map(|at| [Side::Item(at), Side::Item(at + 1)].map(P::pack)).collect();
        let mut open: Vec<usize> = Vec::with_capacity(64);
        for (at, split) in splits.iter().enumerate() {
            let mut below = None;
            while let Some(last) = open.pop_if(|last| splits[*last] > *split) {
                below = Some(last);
            }
            if let Some(below) = below {
                sides[at][0] = P::pack(Side::Inner(below));
            }
            if let Some(above) = open.last() {
                sides[*above][1] = P::pack(Side::Inner(at));
            }
            open.push(at);
        }
        Self { splits, sides, root: open.first().copied().unwrap_or_default() }
    }

    /// The root over at least one item.
    pub(crate) fn root(&self) -> Side {
        if self.splits.is_empty() { Side::Item(0) } else { Side::Inner(self.root) }
    }

    pub(crate) fn split(&self, inner: usize) -> usize {
        usize::from(self.splits[inner])
    }

    pub(crate) fn sides(&self, inner: usize) -> [Side; 2] {
        self.sides[inner].map(P::unpack)
    }

    /// Right below which branch an item stands, as the depth of its top; `alone` for a single item.
    pub(crate) fn item_top(&self, item: usize, alone: usize) -> usize {
        let left = item.checked_sub(1).and_then(|inner| self.splits.get(inner));
        let right = self.splits.get(item);
        match left.max(right) {
            Some(split) => usize::from(*split) + 1,
            None => alone,
        }
    }

    /// The item that hangs from the same branch as `item`, if it is an item and not another branch.
    pub(crate) fn beside(&self, item: usize) -> Option<usize> {
        let left = item.checked_sub(1).filter(|inner| *inner < self.splits.len());
        let right = Some(item).filter(|inner| *inner < self.splits.len());
        // Of the two branches at its sides, it hangs from the deeper one.
        let above = left.into_iter().chain(right).max_by_key(|inner| self.splits[*inner])?;
        let (below, other) = if above == item { (item + 1, 1) } else { (item - 1, 0) };
        (self.sides(above)[other] == Side::Item(below)).then_some(below)
    }

    /// The depth of the top of every branch, when that of the root is `top`.
    pub(crate) fn tops(&self, top: usize) -> Vec<u16> {
        let mut tops = vec![0; self.splits.len()];
        let mut ahead = vec![(self.root(), stored_bits(top))];
        while let Some((side, top)) = ahead.pop() {
            if let Side::Inner(inner) = side {
                tops[inner] = top;
                let below = self.splits[inner] + 1;
                ahead.extend(self.sides(inner).map(|side| (side, below)));
            }
        }
        tops
    }
}

/// The prefixes of a page's items, and the branches over them.
#[derive(Debug)]
pub(crate) struct Outline<K> {
    /// Each prefix, then zeros.
    pub(crate) keys: Vec<K>,
    pub(crate) bits: Vec<u16>,
    pub(crate) tree: SplitTree<u8>,
    /// Of each key, the 32 bits after the page's prefix: what a search needs, in few cache lines.
    heads: Vec<u32>,
    page_bits: usize,
}

impl<K: Key> Outline<K> {
    /// The outline of a page at depth `page_bits`.
    pub(crate) fn new(page_bits: usize, keys: Vec<K>, bits: Vec<u16>) -> Self {
        let tree = SplitTree::new(splits(&keys));
        let heads = keys.iter().map(|key| head(page_bits, key)).collect();
        Self { keys, bits, tree, heads, page_bits }
    }

    /// How many items are at or below `key`, which has the page's prefix.
    pub(crate) fn count_to(&self, key: &K) -> usize {
        let head = head(self.page_bits, key);
        // Of all of them: that takes fewer instructions than to look for the first that is not.
        let below: u32 = self.heads.iter().map(|other| u32::from(*other < head)).sum();
        let mut count = below as usize;
        while self.heads.get(count) == Some(&head) && self.keys[count] <= *key {
            count += 1;
        }
        count
    }
}

/// The 32 bits of `key` from `from` on, zeros behind its end.
fn head<K: Key>(from: usize, key: &K) -> u32 {
    let mut bytes = [0; 8];
    let rest = key.as_bytes().get(from / 8..).unwrap_or_default();
    match rest.first_chunk() {
        Some(chunk) => bytes = *chunk,
        None => bytes[..rest.len()].copy_from_slice(rest),
    }
    let [a, b, c, d, ..] = (u64::from_be_bytes(bytes) << (from % 8)).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

fn splits<K: Key>(keys: &[K]) -> Vec<u16> {
    keys.windows(2).map(|pair| stored_bits(shared_bits(&pair[0], &pair[1]))).collect()
}

#[cfg(test)]
mod tests;
