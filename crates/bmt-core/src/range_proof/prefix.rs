//! Prefixes of keys, counted in bits.

use crate::bits::bit_at;
use crate::key::Key;
use core::marker::PhantomData;

/// The first bits of some keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix<K: Key> {
    low: [u8; 32],
    high: [u8; 32],
    length_bits: usize,
    key: PhantomData<K>,
}

/// Why some bits are not a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrefixError {
    /// More bits than a key or the bytes have.
    #[error("a prefix of {found} bits, at most {max}")]
    TooLong {
        /// Bits asked for.
        found: usize,
        /// Bits there can be.
        max: usize,
    },
}

impl<K: Key> Prefix<K> {
    /// The first `length_bits` bits of `bytes`; what follows them is ignored.
    ///
    /// # Errors
    /// [`PrefixError::TooLong`] when `bytes` or a key has fewer bits.
    pub fn new(bytes: &[u8], length_bits: usize) -> Result<Self, PrefixError> {
        let max = 8 * bytes.len().min(K::LEN);
        if length_bits > max {
            return Err(PrefixError::TooLong { found: length_bits, max });
        }
        let (mut low, mut high) = ([0_u8; 32], [0_u8; 32]);
        for bit in 0..8 * K::LEN {
            let mask = 0x80 >> (bit % 8);
            let inside = bit < length_bits;
            if inside && bit_at(bytes, bit) {
                low[bit / 8] |= mask;
            }
            if !inside || bit_at(bytes, bit) {
                high[bit / 8] |= mask;
            }
        }
        Ok(Self { low, high, length_bits, key: PhantomData })
    }

    /// How many bits.
    #[must_use]
    pub fn length_bits(&self) -> usize {
        self.length_bits
    }

    /// The least and the greatest key with this prefix.
    #[must_use]
    pub fn bounds(&self) -> (K, K) {
        let key = |bytes: &[u8; 32]| match K::from_slice(&bytes[..K::LEN]) {
            Ok(key) => key,
            Err(error) => unreachable!("the bytes have the length of a key: {error}"),
        };
        (key(&self.low), key(&self.high))
    }
}
