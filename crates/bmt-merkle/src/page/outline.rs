//! The branches over a sorted sequence of prefixes: which parts from which, and where.

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

/// A side in 32 bits: the top bit tells an item.
#[derive(Debug, Clone, Copy)]
struct PackedSide(u32);

impl PackedSide {
    const ITEM: u32 = 1 << 31;

    fn new(side: Side) -> Self {
        match side {
            Side::Item(index) => Self(index_u32(index) | Self::ITEM),
            Side::Inner(index) => Self(index_u32(index)),
        }
    }

    fn get(self) -> Side {
        let index = (self.0 & !Self::ITEM) as usize;
        if self.0 & Self::ITEM == 0 { Side::Inner(index) } else { Side::Item(index) }
    }
}

/// The two-sided branches over items in order: branch `i` parts item `i` from item `i + 1`.
#[derive(Debug, Default)]
pub(crate) struct SplitTree {
    /// The bit at which each branch parts its items.
    splits: Vec<u16>,
    sides: Vec<[PackedSide; 2]>,
    root: usize,
}

impl SplitTree {
    /// The tree over items whose neighbours part at these bits.
    pub(crate) fn new(splits: Vec<u16>) -> Self {
        let mut sides: Vec<[PackedSide; 2]> = (0..splits.len())
            .map(|at| [Side::Item(at), Side::Item(at + 1)].map(PackedSide::new))
            .collect();
        let mut open: Vec<usize> = Vec::with_capacity(64);
        for (at, split) in splits.iter().enumerate() {
            let mut below = None;
            while let Some(last) = open.pop_if(|last| splits[*last] > *split) {
                below = Some(last);
            }
            if let Some(below) = below {
                sides[at][0] = PackedSide::new(Side::Inner(below));
            }
            if let Some(above) = open.last() {
                sides[*above][1] = PackedSide::new(Side::Inner(at));
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
        self.sides[inner].map(PackedSide::get)
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
    pub(crate) tree: SplitTree,
}

impl<K: Key> Outline<K> {
    pub(crate) fn new(keys: Vec<K>, bits: Vec<u16>) -> Self {
        let splits = splits(&keys);
        Self { keys, bits, tree: SplitTree::new(splits) }
    }
}

fn splits<K: Key>(keys: &[K]) -> Vec<u16> {
    keys.windows(2).map(|pair| stored_bits(shared_bits(&pair[0], &pair[1]))).collect()
}
