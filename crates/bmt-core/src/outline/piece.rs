//! Writing an outline.

use super::{BitWriter, Form, Position, sections};
use crate::key::Key;
use crate::scheme::{Hash, Scheme};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// A node of an outline that is being made, before its children.
#[derive(Debug, Clone)]
pub(crate) enum Piece<S: Scheme> {
    Branch,
    Hash(Hash),
    Empty,
    Given,
    Value { key: S::Key, depth: usize, value: Arc<[u8]> },
    Leaf { preimage: [u8; 64], depth: usize },
}

impl<S: Scheme> Piece<S> {
    /// The subtrie at `position`, of which nothing is shown.
    pub(crate) fn hidden(mut hash: Hash, position: &Position) -> Self {
        if position.is_left() {
            hash[0] &= S::LEFT_FIRST_BYTE_MASK;
        }
        Self::Hash(hash)
    }
}

/// The one encoding of an outline.
pub(crate) fn write<S: Scheme>(form: Form, pieces: &[Piece<S>]) -> Vec<u8> {
    let mut bits = BitWriter::new(alloc::vec![form.first_byte()]);
    pieces.iter().for_each(|piece| push_symbol(&mut bits, piece));
    for piece in pieces {
        match piece {
            Piece::Value { key, depth, .. } => bits.push_from(key.as_bytes(), *depth),
            Piece::Leaf { preimage, depth } => {
                let key = &preimage[S::LEAF_KEY_OFFSET..S::LEAF_KEY_OFFSET + S::Key::LEN];
                bits.push_from(key, *depth);
            }
            _ => {}
        }
    }
    let mut bytes = bits.into_bytes();
    for piece in pieces {
        if let Piece::Hash(hash) = piece {
            bytes.extend_from_slice(hash);
        }
    }
    for piece in pieces {
        if let Piece::Leaf { preimage, .. } = piece {
            bytes.extend_from_slice(&preimage[..S::LEAF_KEY_OFFSET]);
            bytes.extend_from_slice(&preimage[S::LEAF_KEY_OFFSET + S::Key::LEN..]);
        }
    }
    for piece in pieces {
        if let Piece::Value { value, .. } = piece {
            sections::push_length(&mut bytes, value.len());
            bytes.extend_from_slice(value);
        }
    }
    bytes
}

fn push_symbol<S: Scheme>(bits: &mut BitWriter, piece: &Piece<S>) {
    let (ones, zero) = match piece {
        Piece::Branch => (0, true),
        Piece::Hash(_) => (1, true),
        Piece::Empty => (2, true),
        Piece::Given | Piece::Value { .. } => (3, true),
        Piece::Leaf { .. } => (4, false),
    };
    (0..ones).for_each(|_| bits.push(true));
    if zero {
        bits.push(false);
    }
}
