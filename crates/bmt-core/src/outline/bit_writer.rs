//! Writing bits, most significant bit of each byte first.

use crate::bits::bit_at;
use alloc::vec::Vec;

/// Bytes to which bits are appended; the last byte is filled up with zeros.
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    used_bits: usize,
}

impl BitWriter {
    /// Begins after `bytes`.
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self { used_bits: 8 * bytes.len(), bytes }
    }

    pub(crate) fn push(&mut self, bit: bool) {
        if self.used_bits.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(byte) = self.bytes.last_mut().filter(|_| bit) {
            *byte |= 0x80 >> (self.used_bits % 8);
        }
        self.used_bits += 1;
    }

    /// The bits of `key` from `depth` on.
    pub(crate) fn push_from(&mut self, key: &[u8], depth: usize) {
        (depth..8 * key.len()).for_each(|bit| self.push(bit_at(key, bit)));
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
