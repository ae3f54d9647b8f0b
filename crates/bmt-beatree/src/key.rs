//! Keys, prefixes of keys in bits, and bit-exact separators.

/// A key: 32 bytes, ordered as bytes.
pub type Key = [u8; 32];

/// The bits of a key.
pub(crate) const KEY_BITS: u16 = 256;

/// The first bits of a key, 0 to 256 of them; the most significant bit of a byte comes first.
///
/// ```
/// use bmt_beatree::Prefix;
///
/// let mut key = [0; 32];
/// key[0] = 0b1011_0000;
/// let prefix = Prefix::new(key, 3);
/// assert!(prefix.contains(&[0b1011_1111; 32]));
/// assert!(!prefix.contains(&[0b1001_1111; 32]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    /// The bits, then zeros.
    bytes: Key,
    bits: u16,
}

impl Prefix {
    /// The empty prefix, which every key has.
    pub const EMPTY: Self = Self { bytes: [0; 32], bits: 0 };

    /// The first `bits` bits of `key`.
    ///
    /// # Panics
    /// When `bits` is over 256.
    #[must_use]
    pub fn new(key: Key, bits: u16) -> Self {
        assert!(bits <= KEY_BITS, "a prefix has at most 256 bits");
        Self { bytes: keep_bits(key, bits), bits }
    }

    /// Length in bits.
    #[must_use]
    pub fn bits(&self) -> u16 {
        self.bits
    }

    /// The least key with this prefix: its bits, then zeros.
    #[must_use]
    pub fn first_key(&self) -> Key {
        self.bytes
    }

    /// The least key above all that have this prefix; `None` if no key is above them.
    #[must_use]
    pub fn end(&self) -> Option<Key> {
        let mut end = self.bytes;
        let mut bit = self.bits;
        while bit > 0 {
            bit -= 1;
            let (byte, mask) = place(bit);
            if end[byte] & mask == 0 {
                end[byte] |= mask;
                return Some(end);
            }
            end[byte] &= !mask;
        }
        None
    }

    /// Whether `key` begins with this prefix.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        shared_bits(&self.bytes, key) >= self.bits
    }
}

/// The byte of a bit, and the bit in it.
fn place(bit: u16) -> (usize, u8) {
    (usize::from(bit / 8), 0x80 >> (bit % 8))
}

/// `key` with all but its first `bits` bits zero.
fn keep_bits(mut key: Key, bits: u16) -> Key {
    let whole = usize::from(bits / 8);
    if let Some((cut, rest)) = key[whole..].split_first_mut() {
        *cut &= !(0xff_u8 >> (bits % 8));
        rest.fill(0);
    }
    key
}

/// How many bits two keys have in common from the front.
pub(crate) fn shared_bits(left: &Key, right: &Key) -> u16 {
    let mut bits = 0;
    for (a, b) in words(left).into_iter().zip(words(right)) {
        if a != b {
            let leading = u16::try_from((a ^ b).leading_zeros()).unwrap_or_default();
            return bits + leading;
        }
        bits += 64;
    }
    bits
}

/// A key as four numbers, which are ordered as its bytes are.
pub(crate) fn words(key: &Key) -> [u64; 4] {
    let (chunks, _) = key.as_chunks::<8>();
    core::array::from_fn(|at| u64::from_be_bytes(chunks[at]))
}

/// Whether one key is below another: for hot loops, without a call.
pub(crate) fn is_below(left: &Key, right: &Key) -> bool {
    words(left) < words(right)
}

/// How many bytes two keys have in common from the front.
pub(crate) fn shared_bytes(left: &Key, right: &Key) -> usize {
    usize::from(shared_bits(left, right) / 8)
}

/// The separator of two keys: `right` cut after the first bit in which it differs from `left`
/// (INV-BT-06), and then zeros.
///
/// # Panics
/// When `left` is not below `right`.
pub(crate) fn separator(left: &Key, right: &Key) -> Key {
    assert!(left < right, "keys ascend");
    keep_bits(*right, shared_bits(left, right) + 1)
}

/// Length of a separator in bits: up to its last 1.
pub(crate) fn separator_bits(separator: &Key) -> u16 {
    let bytes = separator_bytes(separator);
    let Some(last) = bytes.checked_sub(1).and_then(|at| separator.get(at)) else { return 0 };
    let zeros = u16::try_from(last.trailing_zeros()).unwrap_or_default();
    u16::try_from(bytes).unwrap_or_default() * 8 - zeros
}

/// Length of a separator in bytes: up to the one with its last 1.
pub(crate) fn separator_bytes(separator: &Key) -> usize {
    separator.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1)
}

/// The least key above `key`; `None` for the greatest key.
pub(crate) fn successor(key: &Key) -> Option<Key> {
    Prefix { bytes: *key, bits: KEY_BITS }.end()
}

#[cfg(test)]
mod tests;
