//! A range of keys, and how a subtrie lies to it.

use crate::key::Key;
use crate::outline::Position;

/// Keys from a first to a last one, both included, as bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    pub(super) from: [u8; 32],
    pub(super) through: [u8; 32],
    key_length: usize,
}

/// How the keys below a place lie to a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lie {
    Outside,
    Inside,
    Across,
}

impl Cover {
    pub(super) fn new<K: Key>(from: &K, through: &K) -> Self {
        Self { from: padded(from), through: padded(through), key_length: K::LEN }
    }

    /// The part of the range before `next`, a key in it that is not the first one.
    pub(super) fn cut(mut self, next: [u8; 32]) -> Self {
        self.through = next;
        for byte in self.through.iter_mut().take(self.key_length).rev() {
            let (less, borrow) = byte.overflowing_sub(1);
            *byte = less;
            if !borrow {
                break;
            }
        }
        self
    }

    /// To an inverted range, which has no keys, everything lies outside.
    pub(super) fn lie(&self, position: &Position) -> Lie {
        let (low, high) = (position.low(), position.high(self.key_length));
        if self.through < self.from || high < self.from || self.through < low {
            Lie::Outside
        } else if self.from <= low && high <= self.through {
            Lie::Inside
        } else {
            Lie::Across
        }
    }

    pub(super) fn contains<K: Key>(&self, key: &K) -> bool {
        (self.from..=self.through).contains(&padded(key))
    }
}

fn padded<K: Key>(key: &K) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(key.as_bytes()).for_each(|(to, from)| *to = *from);
    bytes
}
