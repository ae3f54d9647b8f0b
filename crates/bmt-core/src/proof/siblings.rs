//! The hashes beside a path, empty ones as a mark only.

use crate::bits::bit_at;
use crate::scheme::{EMPTY_ROOT, Hash};
use alloc::vec::Vec;

/// Sibling hashes, root first. An empty side takes a bit, so that a decoded proof is no larger than
/// a few times its bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Siblings {
    count: usize,
    /// A bit a sibling, most significant first: whether it is not empty.
    marks: [u8; 32],
    /// Those that are not empty, root first.
    present: Vec<Hash>,
}

impl Siblings {
    /// The most there can be: as many as the longest key has bits.
    pub(super) const MAX: usize = 256;

    pub(super) fn with_capacity(present: usize) -> Self {
        Self { present: Vec::with_capacity(present), ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Adds a sibling one level further down.
    pub(super) fn push(&mut self, sibling: Hash) {
        assert!(self.count < Self::MAX, "a path is at most as long as a key");
        if sibling != EMPTY_ROOT {
            self.marks[self.count / 8] |= 0x80 >> (self.count % 8);
            self.present.push(sibling);
        }
        self.count += 1;
    }

    /// The marks, zero past the last sibling.
    pub(super) fn marks(&self) -> &[u8; 32] {
        &self.marks
    }

    pub(super) fn present(&self) -> &[Hash] {
        &self.present
    }

    /// All of them, root first.
    pub(super) fn iter(&self) -> impl Iterator<Item = Hash> + '_ {
        let mut present = self.present.iter();
        (0..self.count).map(move |index| self.at(index, present.next_if_marked(self, index)))
    }

    /// All of them with their index, the lowest first.
    pub(super) fn climb(&self) -> impl Iterator<Item = (usize, Hash)> + '_ {
        let mut present = self.present.iter().rev();
        (0..self.count)
            .rev()
            .map(move |index| (index, self.at(index, present.next_if_marked(self, index))))
    }

    fn at(&self, index: usize, present: Option<&Hash>) -> Hash {
        debug_assert_eq!(present.is_some(), bit_at(&self.marks, index), "a mark has its hash");
        present.copied().unwrap_or(EMPTY_ROOT)
    }
}

/// Steps over hashes in step with their marks.
trait NextIfMarked<'a>: Iterator<Item = &'a Hash> {
    fn next_if_marked(&mut self, siblings: &Siblings, index: usize) -> Option<&'a Hash> {
        if bit_at(&siblings.marks, index) { self.next() } else { None }
    }
}

impl<'a, I: Iterator<Item = &'a Hash>> NextIfMarked<'a> for I {}
