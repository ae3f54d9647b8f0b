//! Reading a path proof from bytes that anyone may have made.
#![deny(clippy::indexing_slicing)]

use super::siblings::Siblings;
use super::{PATH_PROOF_VERSION, PathProof, ProofError, Terminal, clear_first_bits};
use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Scheme};
use core::marker::PhantomData;

impl<S: Scheme> PathProof<S> {
    /// The proof that these bytes encode. Allocates the siblings that are spelled out in them.
    ///
    /// # Errors
    /// A [`ProofError`] when the bytes are not exactly one proof in its one encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let mut input = Input { bytes, taken: 0 };
        let [first, depth_low] = input.take_array::<2>()?;
        if first >> 4 != PATH_PROOF_VERSION {
            let (found, supported) = (first >> 4, PATH_PROOF_VERSION);
            return Err(ProofError::UnsupportedVersion { found, supported });
        }
        let depth = usize::from(depth_low) | (usize::from(first >> 3 & 1) << 8);
        if depth > 8 * S::Key::LEN {
            return Err(ProofError::TooDeep { depth, max: 8 * S::Key::LEN });
        }
        let other_leaf = match first & 0b111 {
            0 | 1 => false,
            2 => true,
            _ => return Err(ProofError::UnknownTerminal { found: first }),
        };
        let path_bytes = if other_leaf { S::Key::LEN } else { depth.div_ceil(8) };
        let path = input.take(path_bytes)?;
        if !other_leaf && (depth..8 * path_bytes).any(|bit| bit_at(path, bit)) {
            return Err(ProofError::Padding);
        }
        let siblings = take_siblings(&mut input, path, depth)?;
        let terminal = match first & 0b111 {
            0 => Terminal::Included,
            1 => Terminal::Empty,
            _ => Terminal::OtherLeaf(take_leaf::<S>(&mut input, path, depth)?),
        };
        match input.left() {
            0 => Ok(Self { siblings, terminal, scheme: PhantomData }),
            count => Err(ProofError::TrailingBytes { count }),
        }
    }
}

/// The siblings of a path of `depth` levels, those not marked in `marks` being zero.
fn take_siblings(
    input: &mut Input<'_>,
    marks: &[u8],
    depth: usize,
) -> Result<Siblings, ProofError> {
    let marked = (0..depth).filter(|bit| bit_at(marks, *bit)).count();
    input.require(32 * marked)?;
    let mut siblings = Siblings::with_capacity(marked);
    for index in 0..depth {
        let sibling = if bit_at(marks, index) {
            match input.take_array::<32>()? {
                EMPTY_ROOT => return Err(ProofError::ZeroSibling { depth: index + 1 }),
                sibling => sibling,
            }
        } else {
            EMPTY_ROOT
        };
        siblings.push(sibling);
    }
    Ok(siblings)
}

/// The other leaf's preimage, its key's bits above `depth` zero.
fn take_leaf<S: Scheme>(
    input: &mut Input<'_>,
    path: &[u8],
    depth: usize,
) -> Result<[u8; 64], ProofError> {
    let mut key = [0; 32];
    key.iter_mut().zip(path).for_each(|(to, from)| *to = *from);
    clear_first_bits(&mut key, depth);
    let head = input.take(S::LEAF_KEY_OFFSET)?;
    let tail = input.take(64 - S::LEAF_KEY_OFFSET - S::Key::LEN)?;
    let mut preimage = [0; 64];
    let source = head.iter().chain(key.iter().take(S::Key::LEN)).chain(tail);
    preimage.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
    Ok(preimage)
}

/// Bytes not read yet.
struct Input<'a> {
    bytes: &'a [u8],
    taken: usize,
}

impl<'a> Input<'a> {
    fn left(&self) -> usize {
        self.bytes.len() - self.taken
    }

    fn require(&self, count: usize) -> Result<(), ProofError> {
        let needed = self.taken + count;
        if needed > self.bytes.len() {
            return Err(ProofError::Truncated { needed, found: self.bytes.len() });
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], ProofError> {
        self.require(count)?;
        let slice = self.bytes.get(self.taken..self.taken + count).unwrap_or_default();
        self.taken += count;
        Ok(slice)
    }

    fn take_array<const N: usize>(&mut self) -> Result<[u8; N], ProofError> {
        let mut array = [0; N];
        array.iter_mut().zip(self.take(N)?).for_each(|(to, from)| *to = *from);
        Ok(array)
    }
}
