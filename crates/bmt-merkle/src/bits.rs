//! Key bits, most significant first, and prefixes of keys.

use bmt_core::{Key, KeyError};
use std::cmp::Ordering;

/// The bit of `bytes` at `index`; a place past the end reads as zero.
#[inline]
pub(crate) fn bit_at(bytes: &[u8], index: usize) -> bool {
    bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}

/// How two keys are ordered: by their first eight bytes at once, which mostly suffice.
#[inline]
pub(crate) fn compare<K: Key>(a: &K, b: &K) -> Ordering {
    let head = |key: &K| key.as_bytes().first_chunk().copied().map(u64::from_be_bytes);
    head(a).cmp(&head(b)).then_with(|| a.cmp(b))
}

/// How many leading bits `a` and `b`, of equal length, share.
#[inline]
pub(crate) fn shared_bits<K: Key>(a: &K, b: &K) -> usize {
    let (words_a, rest_a) = a.as_bytes().as_chunks::<8>();
    let (words_b, rest_b) = b.as_bytes().as_chunks::<8>();
    for (index, (x, y)) in words_a.iter().zip(words_b).enumerate() {
        let differing = u64::from_be_bytes(*x) ^ u64::from_be_bytes(*y);
        if differing != 0 {
            return 64 * index + differing.leading_zeros() as usize;
        }
    }
    for (index, (x, y)) in rest_a.iter().zip(rest_b).enumerate() {
        if x != y {
            return 64 * words_a.len() + 8 * index + (x ^ y).leading_zeros() as usize;
        }
    }
    8 * K::LEN
}

/// `key` with all but its first `bits` bits zero.
pub(crate) fn keep_bits<K: Key>(key: &K, bits: usize) -> K {
    let mut bytes = [0; 32];
    let whole = (bits / 8).min(K::LEN);
    bytes[..whole].copy_from_slice(&key.as_bytes()[..whole]);
    if whole < K::LEN {
        bytes[whole] = key.as_bytes()[whole] & !(0xff_u8 >> (bits % 8));
    }
    key_of(&bytes)
}

/// A key of the first bytes of an array that is long enough for any.
pub(crate) fn key_of<K: Key>(bytes: &[u8; 32]) -> K {
    match K::from_slice(&bytes[..K::LEN]) {
        Ok(key) => key,
        Err(KeyError::Length { .. } | _) => unreachable!("a key is any bytes of its length"),
    }
}

/// A number of bits, at most 256, as it is stored.
pub(crate) fn stored_bits(bits: usize) -> u16 {
    match u16::try_from(bits) {
        Ok(bits) if bits <= 256 => bits,
        _ => unreachable!("a key has at most 256 bits"),
    }
}

/// An index into one of this crate's arrays, which are short.
pub(crate) fn index_u32(index: usize) -> u32 {
    match u32::try_from(index) {
        Ok(index) => index,
        Err(_) => unreachable!("fewer than 2^32 elements are held at once"),
    }
}

/// The first bits of a key, 0 to 256 of them: a place in the trie.
///
/// Ordered by the bits followed by zeros, then by length.
///
/// ```
/// use bmt_core::StateKey;
/// use bmt_merkle::Prefix;
///
/// let prefix = Prefix::new(&StateKey::MAX, 3);
/// assert!(prefix.contains(&StateKey::MAX));
/// assert!(!prefix.contains(&StateKey::MIN));
/// assert_eq!(prefix.first_key().to_bytes()[0], 0b1110_0000);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix<K> {
    /// The bits, then zeros.
    key: K,
    bits: u16,
}

impl<K: Key> Prefix<K> {
    /// The first `bits` bits of `key`.
    ///
    /// # Panics
    /// When a key has fewer bits.
    #[must_use]
    pub fn new(key: &K, bits: usize) -> Self {
        assert!(bits <= 8 * K::LEN, "a key has {} bits", 8 * K::LEN);
        Self { key: keep_bits(key, bits), bits: stored_bits(bits) }
    }

    /// The empty prefix, which every key has.
    #[must_use]
    pub fn empty() -> Self {
        Self { key: key_of(&[0; 32]), bits: 0 }
    }

    /// A prefix whose key has zeros behind the bits already.
    pub(crate) fn of_parts(key: K, bits: u16) -> Self {
        debug_assert!(keep_bits(&key, usize::from(bits)) == key, "zeros follow the prefix");
        Self { key, bits }
    }

    /// Length in bits.
    #[must_use]
    pub fn bits(&self) -> usize {
        usize::from(self.bits)
    }

    /// The least key with this prefix: its bits, then zeros.
    #[must_use]
    pub fn first_key(&self) -> &K {
        &self.key
    }

    /// Whether `key` begins with this prefix.
    #[must_use]
    pub fn contains(&self, key: &K) -> bool {
        shared_bits(&self.key, key) >= self.bits()
    }

    /// Whether `other` begins with this prefix.
    #[must_use]
    pub fn contains_prefix(&self, other: &Self) -> bool {
        self.bits <= other.bits && self.contains(&other.key)
    }
}

#[cfg(test)]
mod tests;
