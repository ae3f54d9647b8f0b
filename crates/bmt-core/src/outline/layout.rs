//! Where the sections of an outline begin, and whether it is in its one form.
#![deny(clippy::indexing_slicing)]

use super::sections::{Cursor, Sections, Symbol};
use super::{Form, OUTLINE_VERSION, OutlineError, Shown, kind_shown};
use crate::key::Key;
use crate::scheme::{NodeKind, Scheme};
use core::marker::PhantomData;

/// The lengths of an outline's sections. Bytes that were laid out are in their one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    form: Form,
    symbol_bits: usize,
    key_bits: usize,
    node_count: usize,
    hash_count: usize,
    leaf_count: usize,
}

impl Layout {
    /// Reads bytes that anyone may have made; they must be one outline of one of `forms` and
    /// nothing else. Allocates nothing.
    pub(crate) fn of<S: Scheme>(forms: &[Form], bytes: &[u8]) -> Result<Self, OutlineError> {
        let (first, rest) =
            bytes.split_first().ok_or(OutlineError::Truncated { needed: 1, found: 0 })?;
        if first >> 4 != OUTLINE_VERSION {
            let (found, supported) = (first >> 4, OUTLINE_VERSION);
            return Err(OutlineError::UnsupportedVersion { found, supported });
        }
        let form = Form::ALL.into_iter().find(|form| form.first_byte() == *first);
        let form = form
            .filter(|form| forms.contains(form))
            .ok_or(OutlineError::OtherForm { found: *first })?;
        let layout = Self::measure::<S>(form, rest)?;
        let needed = layout.values_at::<S>();
        if needed > bytes.len() {
            return Err(OutlineError::Truncated { needed, found: bytes.len() });
        }
        let sections = layout.sections::<S>(bytes);
        let used = layout.symbol_bits + layout.key_bits;
        if (used..8 * sections.bits.len()).any(|bit| crate::bits::bit_at(sections.bits, bit)) {
            return Err(OutlineError::Padding);
        }
        let mut cursor = layout.start();
        check::<S>(&sections, &mut cursor, 0)?;
        match sections.values_left(&cursor) {
            0 => Ok(layout),
            count => Err(OutlineError::TrailingBytes { count }),
        }
    }

    /// Lays out bytes that this crate has just written in the form `form`.
    pub(crate) fn of_own<S: Scheme>(form: Form, bytes: &[u8]) -> Self {
        debug_assert_eq!(Self::of::<S>(&[form], bytes).err(), None, "a builder writes one form");
        match Self::measure::<S>(form, bytes.get(1..).unwrap_or_default()) {
            Ok(layout) => layout,
            Err(error) => unreachable!("a builder writes a symbol for each node: {error}"),
        }
    }

    /// Counts nodes until no subtrie is owed.
    fn measure<S: Scheme>(form: Form, bits: &[u8]) -> Result<Self, OutlineError> {
        let key_length_bits = 8 * S::Key::LEN;
        let mut layout =
            Self { form, symbol_bits: 0, key_bits: 0, node_count: 0, hash_count: 0, leaf_count: 0 };
        let mut cursor = Cursor::new(0);
        while let Some(position) = cursor.position() {
            let (symbol, bit) = Symbol::read(bits, layout.symbol_bits)?;
            match symbol {
                Symbol::Branch if position.depth() >= key_length_bits => {
                    return Err(OutlineError::TooDeep { max: key_length_bits });
                }
                Symbol::Given if form == Form::Witness => {
                    layout.key_bits += key_length_bits - position.depth();
                }
                Symbol::Leaf => {
                    layout.key_bits += key_length_bits - position.depth();
                    layout.leaf_count += 1;
                }
                Symbol::Hash => layout.hash_count += 1,
                Symbol::Branch | Symbol::Empty | Symbol::Given => {}
            }
            layout.symbol_bits = bit;
            layout.node_count += 1;
            cursor.advance(symbol);
        }
        Ok(layout)
    }

    pub(crate) fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn node_count(&self) -> usize {
        self.node_count
    }

    fn bits_end(&self) -> usize {
        1 + (self.symbol_bits + self.key_bits).div_ceil(8)
    }

    fn values_at<S: Scheme>(&self) -> usize {
        self.bits_end() + 32 * self.hash_count + (64 - S::Key::LEN) * self.leaf_count
    }

    /// The sections of the bytes that this is the layout of.
    pub(crate) fn sections<'a, S: Scheme>(&self, bytes: &'a [u8]) -> Sections<'a, S> {
        let (bits_end, values_at) = (self.bits_end(), self.values_at::<S>());
        let leaves_at = bits_end + 32 * self.hash_count;
        Sections {
            form: self.form,
            bits: bytes.get(1..bits_end).unwrap_or_default(),
            hashes: bytes.get(bits_end..leaves_at).unwrap_or_default(),
            leaves: bytes.get(leaves_at..values_at).unwrap_or_default(),
            values: bytes.get(values_at..).unwrap_or_default(),
            values_at,
            scheme: PhantomData,
        }
    }

    /// A cursor at the root.
    pub(crate) fn start(&self) -> Cursor {
        Cursor::new(self.symbol_bits)
    }
}

/// What a parent must know of a child to tell whether it is a branch that a proof shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Child {
    Empty,
    /// One entry.
    Lone,
    /// Hidden, two entries or more as far as is known.
    Hidden,
    /// Hidden, with a hash that shows that it is one entry.
    HiddenLeaf,
    /// Given in a range: one entry or more.
    Given,
    /// Shown, with two entries or more.
    Open,
}

/// Checks the nodes of one subtrie, and that each branch is one that the form has.
fn check<S: Scheme>(
    sections: &Sections<'_, S>,
    cursor: &mut Cursor,
    depth: usize,
) -> Result<Child, OutlineError> {
    Ok(match sections.next(cursor)? {
        Shown::Empty => Child::Empty,
        Shown::Hash(hash) if kind_shown::<S>(&hash) == Some(NodeKind::Leaf) => Child::HiddenLeaf,
        Shown::Hash(_) => Child::Hidden,
        Shown::Given if sections.form.is_range() => Child::Given,
        Shown::Given | Shown::Value { .. } | Shown::Leaf { .. } => Child::Lone,
        Shown::Branch => {
            let left = check(sections, cursor, depth + 1)?;
            let right = check(sections, cursor, depth + 1)?;
            let is_one = |child| matches!(child, Child::Lone | Child::HiddenLeaf);
            let is_hidden = |child| matches!(child, Child::Hidden | Child::HiddenLeaf);
            match (left, right) {
                (Child::Empty, Child::Empty) => return Err(OutlineError::LoneBranch { depth }),
                (Child::Empty, other) | (other, Child::Empty) if is_one(other) => {
                    return Err(OutlineError::LoneBranch { depth });
                }
                (one, other)
                    if is_hidden(one) && is_hidden(other) && sections.form != Form::Witness =>
                {
                    return Err(OutlineError::NeedlessBranch { depth });
                }
                (Child::Given, Child::Given | Child::Empty) | (Child::Empty, Child::Given) => {
                    return Err(OutlineError::NeedlessBranch { depth });
                }
                _ => Child::Open,
            }
        }
    })
}
