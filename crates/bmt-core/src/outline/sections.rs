//! Reading an outline node by node.
#![deny(clippy::indexing_slicing)]

use super::{Form, OutlineError, Position, Shown};
use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Scheme};
use alloc::vec::Vec;
use core::marker::PhantomData;

/// The sections of an outline, whose lengths a [`super::Layout`] has found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sections<'a, S: Scheme> {
    pub(super) form: Form,
    pub(super) bits: &'a [u8],
    pub(super) hashes: &'a [u8],
    /// The preimages of leaves, without their keys.
    pub(super) leaves: &'a [u8],
    pub(super) values: &'a [u8],
    /// Where the values begin, for messages.
    pub(super) values_at: usize,
    pub(super) scheme: PhantomData<S>,
}

/// Where reading stands: the next node and what it takes from each section.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor {
    position: Position,
    ended: bool,
    symbol_bit: usize,
    key_bit: usize,
    hash_index: usize,
    leaf_index: usize,
    value_offset: usize,
}

/// The nodes' symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Branch,
    Hash,
    Empty,
    Given,
    Leaf,
}

impl Symbol {
    /// The symbol at `bit`, and the bit after it.
    pub(super) fn read(bits: &[u8], bit: usize) -> Result<(Self, usize), OutlineError> {
        let ones = (0..4).take_while(|offset| bit_at(bits, bit + offset)).count();
        let (symbol, length) = match ones {
            0 => (Self::Branch, 1),
            1 => (Self::Hash, 2),
            2 => (Self::Empty, 3),
            3 => (Self::Given, 4),
            _ => (Self::Leaf, 4),
        };
        let needed = (bit + length).div_ceil(8);
        if needed > bits.len() {
            // The first byte of the proof stands before the bits.
            return Err(OutlineError::Truncated { needed: needed + 1, found: bits.len() + 1 });
        }
        Ok((symbol, bit + length))
    }
}

impl Cursor {
    /// At the root; the keys' bits begin after `symbol_bits`.
    pub(super) fn new(symbol_bits: usize) -> Self {
        Self {
            position: Position::TOP,
            ended: false,
            symbol_bit: 0,
            key_bit: symbol_bits,
            hash_index: 0,
            leaf_index: 0,
            value_offset: 0,
        }
    }

    /// Where the next node stands, or `None` after the last one.
    pub(crate) fn position(&self) -> Option<Position> {
        (!self.ended).then_some(self.position)
    }

    pub(super) fn advance(&mut self, symbol: Symbol) {
        let next = match symbol {
            Symbol::Branch => Some(self.position.left()),
            _ => self.position.after(),
        };
        match next {
            Some(position) => self.position = position,
            None => self.ended = true,
        }
    }
}

impl<'a, S: Scheme> Sections<'a, S> {
    /// The next node; the cursor moves past it. Not to be called after the last one.
    pub(crate) fn next(&self, cursor: &mut Cursor) -> Result<Shown<'a, S>, OutlineError> {
        let (symbol, symbol_bit) = Symbol::read(self.bits, cursor.symbol_bit)?;
        let shown = match symbol {
            Symbol::Branch => Shown::Branch,
            Symbol::Empty => Shown::Empty,
            Symbol::Hash => self.next_hash(cursor)?,
            Symbol::Given if self.form == Form::Witness => {
                let key = self.next_key(cursor)?;
                Shown::Value { key, value: self.next_value(cursor)? }
            }
            Symbol::Given => Shown::Given,
            Symbol::Leaf => self.next_leaf(cursor)?,
        };
        cursor.symbol_bit = symbol_bit;
        cursor.advance(symbol);
        Ok(shown)
    }

    fn next_hash(&self, cursor: &mut Cursor) -> Result<Shown<'a, S>, OutlineError> {
        let index = cursor.hash_index;
        cursor.hash_index += 1;
        let mut hash = EMPTY_ROOT;
        hash.copy_from_slice(take(self.hashes, 32 * index, 32)?);
        if hash == EMPTY_ROOT {
            return Err(OutlineError::ZeroHash { index });
        }
        let [first, ..] = hash;
        if cursor.position.is_left() && first & !S::LEFT_FIRST_BYTE_MASK != 0 {
            return Err(OutlineError::LeftHashBit { index });
        }
        Ok(Shown::Hash(hash))
    }

    /// The key whose bits below the cursor's place come next.
    fn next_key(&self, cursor: &mut Cursor) -> Result<S::Key, OutlineError> {
        let mut bytes = cursor.position.low();
        for bit in cursor.position.depth()..8 * S::Key::LEN {
            if let Some(byte) = bytes.get_mut(bit / 8).filter(|_| bit_at(self.bits, cursor.key_bit))
            {
                *byte |= 0x80 >> (bit % 8);
            }
            cursor.key_bit += 1;
        }
        let index = cursor.leaf_index;
        S::Key::from_slice(take(&bytes, 0, S::Key::LEN)?)
            .map_err(|_| OutlineError::NotALeaf { index })
    }

    fn next_leaf(&self, cursor: &mut Cursor) -> Result<Shown<'a, S>, OutlineError> {
        let key = self.next_key(cursor)?;
        let index = cursor.leaf_index;
        cursor.leaf_index += 1;
        let length = 64 - S::Key::LEN;
        let bytes = take(self.leaves, length * index, length)?;
        let (head, tail) =
            bytes.split_at_checked(S::LEAF_KEY_OFFSET).ok_or(OutlineError::NotALeaf { index })?;
        let mut preimage = [0; 64];
        let source = head.iter().chain(key.as_bytes()).chain(tail);
        preimage.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        match S::parse_leaf(&preimage) {
            Some(parsed) if parsed == key => Ok(Shown::Leaf { key, preimage }),
            _ => Err(OutlineError::NotALeaf { index }),
        }
    }

    fn next_value(&self, cursor: &mut Cursor) -> Result<&'a [u8], OutlineError> {
        let offset = self.values_at + cursor.value_offset;
        let left = self.values.get(cursor.value_offset..).unwrap_or_default();
        let (length, taken) = read_length(left).map_err(|fault| match fault {
            LengthFault::Early => OutlineError::Truncated {
                needed: offset + left.len() + 1,
                found: offset + left.len(),
            },
            LengthFault::Form => OutlineError::ValueLength { offset },
        })?;
        let value =
            left.get(taken..taken.saturating_add(length)).ok_or(OutlineError::Truncated {
                needed: offset.saturating_add(taken).saturating_add(length),
                found: offset + left.len(),
            })?;
        cursor.value_offset += taken + length;
        Ok(value)
    }

    /// Bytes of values that the cursor has not come to.
    pub(super) fn values_left(&self, cursor: &Cursor) -> usize {
        self.values.len().saturating_sub(cursor.value_offset)
    }
}

/// `length` bytes from `offset`. A [`super::Layout`] has made sure that they are there.
fn take(bytes: &[u8], offset: usize, length: usize) -> Result<&[u8], OutlineError> {
    let (needed, found) = (offset + length, bytes.len());
    bytes.get(offset..needed).ok_or(OutlineError::Truncated { needed, found })
}

/// Writes a length: seven bits a byte, the lowest first, the high bit set on all but the last.
pub(super) fn push_length(bytes: &mut Vec<u8>, mut length: usize) {
    loop {
        let [low, ..] = length.to_le_bytes();
        length >>= 7;
        if length == 0 {
            return bytes.push(low & 0x7f);
        }
        bytes.push(low | 0x80);
    }
}

/// How many bytes [`push_length`] writes.
pub(crate) fn length_size(length: usize) -> usize {
    let length = length as u64;
    1 + (1..10).take_while(|groups| length >> (7 * groups) != 0).count()
}

enum LengthFault {
    Early,
    Form,
}

/// A length below 2^32 in its shortest form, and how many bytes it took.
fn read_length(bytes: &[u8]) -> Result<(usize, usize), LengthFault> {
    let mut length = 0_u64;
    for (index, shift) in (0..35).step_by(7).enumerate() {
        let byte = *bytes.get(index).ok_or(LengthFault::Early)?;
        length |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let shortest = byte != 0 || index == 0;
            let length =
                u32::try_from(length).ok().filter(|_| shortest).ok_or(LengthFault::Form)?;
            return Ok((usize::try_from(length).map_err(|_| LengthFault::Form)?, index + 1));
        }
    }
    Err(LengthFault::Form)
}
