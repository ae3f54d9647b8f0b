//! Keys: the [`Key`] trait and the Gray Paper's 31-byte [`StateKey`].

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use core::cmp::Ordering;
use core::fmt;
use core::str::FromStr;

/// A key of fixed length whose bits, most significant first, are its path in the trie.
pub trait Key: Copy + Ord + core::hash::Hash + fmt::Debug + Send + Sync + 'static {
    /// Length in bytes, at most 32.
    const LEN: usize;

    /// The key's bytes, [`Key::LEN`] of them.
    fn as_bytes(&self) -> &[u8];

    /// A key from exactly [`Key::LEN`] bytes.
    ///
    /// # Errors
    /// [`KeyError::Length`] when `bytes` has another length.
    fn from_slice(bytes: &[u8]) -> Result<Self, KeyError>;
}

/// Why some bytes are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key has the wrong number of bytes.
    #[error("a key has {expected} bytes, found {found}")]
    Length {
        /// Bytes a key of this scheme has.
        expected: usize,
        /// Bytes that were given.
        found: usize,
    },
    /// A 32-byte key was given whose last byte would be cut off and is not zero.
    #[error(
        "the last byte of a 32-byte key must be zero, found {found:#04x}; \
         `StateKey::truncate` cuts it off on purpose"
    )]
    LastByteNotZero {
        /// The byte that is not zero.
        found: u8,
    },
    /// The text is not hexadecimal, or has an odd number of digits.
    #[error("not a hexadecimal digit at position {position}")]
    NotHex {
        /// Position, in characters, of the first offending character.
        position: usize,
    },
}

/// A state key of the Gray Paper: 31 bytes, 248 bits.
///
/// The constructors are the function C of equation D.1 and the service rows of D.2.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateKey([u8; 31]);

/// By their bytes, eight at a time.
impl Ord for StateKey {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        self.words().cmp(&other.words())
    }
}

impl PartialOrd for StateKey {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl StateKey {
    /// The least key: all zeros.
    pub const MIN: Self = Self([0; 31]);
    /// The greatest key: all ones.
    pub const MAX: Self = Self([0xff; 31]);

    /// A key of exactly these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 31]) -> Self {
        Self(bytes)
    }

    /// The key's 31 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 31] {
        self.0
    }

    /// The first 31 bytes of a 32-byte key; the last one is dropped, whatever it is.
    ///
    /// Two keys that differ only in their last byte become one. Older versions of the Gray Paper
    /// had 32-byte keys and stored 31 of them.
    #[must_use]
    pub fn truncate(key: [u8; 32]) -> Self {
        let mut bytes = [0; 31];
        bytes.copy_from_slice(&key[..31]);
        Self(bytes)
    }

    /// C(i): the state component with index `index` (1 to 16 in the Gray Paper).
    #[must_use]
    pub const fn component(index: u8) -> Self {
        let mut bytes = [0; 31];
        bytes[0] = index;
        Self(bytes)
    }

    /// C(i, s): component `index` of service `service`; 255 is the account record.
    #[must_use]
    pub const fn service_component(index: u8, service: u32) -> Self {
        let n = service.to_le_bytes();
        let mut bytes = [0; 31];
        bytes[0] = index;
        bytes[1] = n[0];
        bytes[3] = n[1];
        bytes[5] = n[2];
        bytes[7] = n[3];
        Self(bytes)
    }

    /// C(s, h): the item of service `service` named by the blob `item`, which is hashed.
    #[must_use]
    pub fn service_item(service: u32, item: &[u8]) -> Self {
        Self::interleave(service, &[item])
    }

    /// The storage item `key` of a service: C(s, E4(2^32 - 1) ‖ key).
    #[must_use]
    pub fn service_storage(service: u32, key: &[u8]) -> Self {
        Self::interleave(service, &[&u32::MAX.to_le_bytes(), key])
    }

    /// The preimage with hash `hash` of a service: C(s, E4(2^32 - 2) ‖ hash).
    #[must_use]
    pub fn service_preimage(service: u32, hash: &[u8; 32]) -> Self {
        Self::interleave(service, &[&(u32::MAX - 1).to_le_bytes(), hash])
    }

    /// The request of a service for the preimage of `length_bytes` bytes with hash `hash`:
    /// C(s, E4(length) ‖ hash).
    #[must_use]
    pub fn service_request(service: u32, hash: &[u8; 32], length_bytes: u32) -> Self {
        Self::interleave(service, &[&length_bytes.to_le_bytes(), hash])
    }

    /// Numbers that are ordered as the bytes are; the last two overlap in one byte.
    #[inline]
    fn words(&self) -> [u64; 4] {
        let word = |at: usize| {
            let bytes: [u8; 8] = core::array::from_fn(|byte| self.0[at + byte]);
            u64::from_be_bytes(bytes)
        };
        [word(0), word(8), word(16), word(23)]
    }

    fn interleave(service: u32, item: &[&[u8]]) -> Self {
        let mut hasher = Blake2b::<U32>::new();
        item.iter().for_each(|part| hasher.update(part));
        let hash = hasher.finalize();
        let mut bytes = [0; 31];
        for (at, octet) in service.to_le_bytes().into_iter().enumerate() {
            bytes[2 * at] = octet;
            bytes[2 * at + 1] = hash[at];
        }
        bytes[8..].copy_from_slice(&hash[4..27]);
        Self(bytes)
    }
}

impl Key for StateKey {
    const LEN: usize = 31;

    fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        let error = KeyError::Length { expected: Self::LEN, found: bytes.len() };
        bytes.try_into().map(Self).map_err(|_| error)
    }
}

impl From<[u8; 31]> for StateKey {
    fn from(bytes: [u8; 31]) -> Self {
        Self(bytes)
    }
}

/// Accepts a 32-byte key only when its last byte is zero; see [`StateKey::truncate`].
impl TryFrom<[u8; 32]> for StateKey {
    type Error = KeyError;

    fn try_from(bytes: [u8; 32]) -> Result<Self, KeyError> {
        match bytes[31] {
            0 => Ok(Self::truncate(bytes)),
            found => Err(KeyError::LastByteNotZero { found }),
        }
    }
}

/// Reads 62 hexadecimal digits, without a prefix.
impl FromStr for StateKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let digit = |(position, c): (usize, char)| match c.to_digit(16) {
            Some(value) => Ok(value),
            None => Err(KeyError::NotHex { position }),
        };
        let mut bytes = [0u8; 31];
        let mut count = 0;
        for at in text.chars().enumerate() {
            let value = digit(at)?;
            if let Some(byte) = bytes.get_mut(count / 2) {
                *byte = (*byte << 4) | u8::try_from(value).unwrap_or_default();
            }
            count += 1;
        }
        match count {
            62 => Ok(Self(bytes)),
            _ => Err(KeyError::Length { expected: Self::LEN, found: count.div_ceil(2) }),
        }
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateKey({self})")
    }
}

impl Key for [u8; 32] {
    const LEN: usize = 32;

    fn as_bytes(&self) -> &[u8] {
        self
    }

    fn from_slice(bytes: &[u8]) -> Result<Self, KeyError> {
        bytes.try_into().map_err(|_| KeyError::Length { expected: 32, found: bytes.len() })
    }
}

#[cfg(test)]
mod tests;
