//! The keys: 31 bytes that are a function of the key's number, and a zero.
//!
//! Engines with 32-byte keys take all 32 bytes, the Gray Paper's engine the first 31.

use super::random::mix;
use serde::{Deserialize, Serialize};

/// A key as every engine sees it; the last byte is zero.
pub type Key = [u8; 32];

/// Service number of [`KeyShape::OneService`]; its four bytes stand between hash bytes.
const SERVICE: u32 = 0x0102_A3F4;

/// How keys are spread over the key space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyShape {
    /// 31 bytes that look random.
    Uniform,
    /// Storage keys of one JAM service: `n0 h0 n1 h1 n2 h2 n3 h3 h4 ...`.
    OneService,
}

impl KeyShape {
    /// The key with this number.
    #[must_use]
    pub fn key(self, number: u64) -> Key {
        let mut hash = [0u8; 32];
        for (word, at) in hash.chunks_exact_mut(8).zip(1u64..) {
            word.copy_from_slice(&mix(number ^ mix(at)).to_le_bytes());
        }
        hash[31] = 0;
        match self {
            Self::Uniform => hash,
            Self::OneService => {
                let mut key = [0u8; 32];
                for (at, octet) in SERVICE.to_le_bytes().into_iter().enumerate() {
                    key[2 * at] = octet;
                    key[2 * at + 1] = hash[at];
                }
                key[8..31].copy_from_slice(&hash[4..27]);
                key
            }
        }
    }

    /// A name for directories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::OneService => "service",
        }
    }
}
