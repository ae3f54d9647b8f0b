//! The scheme of the JAM Gray Paper, appendix D.2, unchanged from version 0.6.6 to 0.7.2.

use crate::key::{Key, StateKey};
use crate::lanes;
use crate::scheme::{Hash, LeafValue, Scheme};

/// The Gray Paper's state trie: Blake2b-256, 31-byte keys, values of at most 32 bytes embedded.
///
/// | node | byte 0 | bytes 1 to 31 | bytes 32 to 63 |
/// |---|---|---|---|
/// | branch (D.3) | `left[0] & 0x7f` | `left[1..]` | `right` |
/// | leaf, value of at most 32 bytes (D.4) | `0x80 \| length` | key | value, zeros |
/// | leaf, longer value (D.4) | `0xc0` | key | Blake2b-256 of the value |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct GrayPaper;

/// Values up to this length are embedded in the leaf.
const EMBEDDED_MAX: usize = 32;
const EMBEDDED: u8 = 0x80;
const HASHED: u8 = 0xc0;

impl Scheme for GrayPaper {
    type Key = StateKey;

    const ID: u32 = 1;
    const NAME: &'static str = "gray-paper";
    const LEFT_FIRST_BYTE_MASK: u8 = 0x7f;
    const LEAF_KEY_OFFSET: usize = 1;

    fn value_is_hashed(length_bytes: usize) -> bool {
        length_bytes > EMBEDDED_MAX
    }

    fn hash_value(value: &[u8]) -> Hash {
        lanes::hash_one(value)
    }

    fn leaf_preimage(key: &StateKey, value: LeafValue<'_>) -> [u8; 64] {
        let mut node = [0; 64];
        node[1..32].copy_from_slice(key.as_bytes());
        match value {
            LeafValue::Bytes(bytes) if bytes.len() <= EMBEDDED_MAX => {
                node[0] = EMBEDDED | u8::try_from(bytes.len()).unwrap_or_default();
                // A copy of a length that is known is not a call.
                match <&[u8; EMBEDDED_MAX]>::try_from(bytes) {
                    Ok(bytes) => node[32..].copy_from_slice(bytes),
                    Err(_) => node[32..32 + bytes.len()].copy_from_slice(bytes),
                }
            }
            LeafValue::Bytes(bytes) => {
                node[0] = HASHED;
                node[32..].copy_from_slice(&Self::hash_value(bytes));
            }
            LeafValue::Hashed(hash) => {
                node[0] = HASHED;
                node[32..].copy_from_slice(hash);
            }
        }
        node
    }

    fn parse_leaf(preimage: &[u8; 64]) -> Option<StateKey> {
        let canonical = match preimage[0] {
            HASHED => true,
            head if head & 0xc0 == EMBEDDED => {
                let length = usize::from(head & 0x3f);
                length <= EMBEDDED_MAX && preimage[32 + length..].iter().all(|byte| *byte == 0)
            }
            _ => false,
        };
        if canonical { StateKey::from_slice(&preimage[1..32]).ok() } else { None }
    }

    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        lanes::hash64_many(preimages, hashes);
    }

    fn hash_values_many(values: &[&[u8]], hashes: &mut [Hash]) {
        lanes::hash_values_many(values, hashes);
    }

    fn lane_count() -> usize {
        lanes::Backend::best().lanes()
    }
}
