//! A place in a trie: some bits that the keys below begin with.

use crate::bits::bit_at;
use crate::key::Key;
use core::cmp::Ordering;

/// The bits from the root to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    /// The bits, then zeros.
    path: [u8; 32],
    depth: usize,
}

impl Position {
    /// The root's place: no bits.
    pub(crate) const TOP: Self = Self { path: [0; 32], depth: 0 };

    /// How many bits.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    pub(crate) fn left(mut self) -> Self {
        self.depth += 1;
        self
    }

    pub(crate) fn right(mut self) -> Self {
        if let Some(byte) = self.path.get_mut(self.depth / 8) {
            *byte |= 0x80 >> (self.depth % 8);
        }
        self.depth += 1;
        self
    }

    /// Whether the node here is a left child.
    pub(crate) fn is_left(&self) -> bool {
        self.depth > 0 && !bit_at(&self.path, self.depth - 1)
    }

    /// The place after everything at and below this one, in the order nodes before children, left
    /// before right, of a trie where every branch shows both children.
    pub(crate) fn after(mut self) -> Option<Self> {
        while self.depth > 0 {
            let bit = 0x80 >> ((self.depth - 1) % 8);
            let byte = self.path.get_mut((self.depth - 1) / 8)?;
            if *byte & bit == 0 {
                *byte |= bit;
                return Some(self);
            }
            *byte &= !bit;
            self.depth -= 1;
        }
        None
    }

    /// How the keys below this place stand to `key`: all less, all greater, or `key` among them.
    pub(crate) fn cmp_key(&self, key: &[u8]) -> Ordering {
        let whole = self.depth / 8;
        let bytes = self.path.iter().zip(key).take(whole);
        let order = bytes.map(|(a, b)| a.cmp(b)).find(|order| order.is_ne());
        order.unwrap_or_else(|| {
            let mask = !(0xff_u8 >> (self.depth % 8));
            let byte = key.get(whole).copied().unwrap_or_default();
            self.path.get(whole).map_or(Ordering::Equal, |own| own.cmp(&(byte & mask)))
        })
    }

    /// Whether every key below this place is less than `key`.
    pub(crate) fn is_before(&self, key: &impl Key) -> bool {
        self.cmp_key(key.as_bytes()).is_lt()
    }

    /// Whether `key` is below this place.
    pub(crate) fn covers(&self, key: &impl Key) -> bool {
        self.cmp_key(key.as_bytes()).is_eq()
    }

    /// The least key below this place, in the first bytes of the array, then zeros.
    pub(crate) fn low(&self) -> [u8; 32] {
        self.path
    }

    /// The greatest key of `length` bytes below this place, then zeros.
    pub(crate) fn high(&self, length: usize) -> [u8; 32] {
        let mut bytes = self.path;
        for (index, byte) in bytes.iter_mut().enumerate().take(length) {
            let own_bits = self.depth.saturating_sub(8 * index).min(8);
            *byte |= u8::try_from(0xff_u32 >> own_bits).unwrap_or_default();
        }
        bytes
    }
}
