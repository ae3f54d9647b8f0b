//! Large states and blocks of changes that a formula defines, so that no file has to hold them.
//!
//! With H as Blake2b-256, E4 as four bytes little-endian and ‖ as concatenation:
//!
//! * `key(i)`: the first 31 bytes of H("key" ‖ E4(i));
//! * `value(i, g)`: the first n bytes of H("val" ‖ E4(i) ‖ E4(g) ‖ E4(0)) ‖ H(… ‖ E4(1)) ‖ …, where
//!   n is the number in the first four bytes of H("len" ‖ E4(i) ‖ E4(g)), modulo 65;
//! * the first state of a population of N: `key(i)` has `value(i, 0)` for i below N;
//! * block g, for r below the number of operations, in order: with h = H("blk" ‖ E4(g) ‖ E4(r)) and
//!   i = the number in h\[0..4\] modulo N + N/4, delete `key(i)` if h\[4\] is a multiple of four,
//!   else set it to `value(i, g)`.

use super::{CorpusError, Step};
use crate::chain::{Op, Value};
use bmt_core::{GrayPaper, Hash, Key, Scheme, StateKey};
use std::collections::BTreeMap;

/// A population and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Population {
    /// Keys in the first state.
    pub keys: u32,
    /// Operations in a block.
    pub operations: u32,
    /// The root and the number of keys of the first state and after each block.
    pub known: Vec<(Hash, usize)>,
}

impl Population {
    /// The first state as one commit, then a commit for each block.
    pub fn steps(self) -> impl Iterator<Item = Result<Step, CorpusError>> {
        let Self { keys, operations, known } = self;
        (0u32..).zip(known).map(move |(block, (root, key_count))| {
            let (at, ops) = match block {
                0 => ("populate".to_owned(), populate(keys)),
                _ => (format!("block {block}"), changes(keys, operations, block)),
            };
            Ok(Step { at, ops, root, key_count: Some(key_count), proofs: Vec::new() })
        })
    }
}

fn populate(keys: u32) -> Vec<Op> {
    let mut ops: Vec<Op> = (0..keys).map(|i| (key(i), Some(value(i, 0)))).collect();
    ops.sort_unstable_by_key(|(key, _)| *key);
    ops
}

fn changes(keys: u32, operations: u32, block: u32) -> Vec<Op> {
    let mut last = BTreeMap::new();
    for operation in 0..operations {
        let hash = hash(&[b"blk", &block.to_le_bytes(), &operation.to_le_bytes()]);
        let i = first_number(&hash) % (keys + keys / 4);
        let deletes = hash[4].is_multiple_of(4);
        last.insert(key(i), (!deletes).then(|| value(i, block)));
    }
    last.into_iter().collect()
}

fn key(i: u32) -> StateKey {
    let hash = hash(&[b"key", &i.to_le_bytes()]);
    StateKey::from_slice(&hash[..StateKey::LEN]).unwrap_or(StateKey::MIN)
}

fn value(i: u32, block: u32) -> Value {
    let (i, block) = (i.to_le_bytes(), block.to_le_bytes());
    let length_bytes = first_number(&hash(&[b"len", &i, &block])) % 65;
    let pieces = length_bytes.div_ceil(32);
    let mut bytes: Vec<u8> =
        (0..pieces).flat_map(|piece| hash(&[b"val", &i, &block, &piece.to_le_bytes()])).collect();
    bytes.truncate(usize::try_from(length_bytes).unwrap_or_default());
    bytes.into()
}

fn first_number(hash: &Hash) -> u32 {
    let [a, b, c, d, ..] = *hash;
    u32::from_le_bytes([a, b, c, d])
}

/// Blake2b-256 of the parts, at most 64 bytes in all.
fn hash(parts: &[&[u8]]) -> Hash {
    let mut bytes = [0; 64];
    let mut end = 0;
    for part in parts {
        bytes[end..end + part.len()].copy_from_slice(part);
        end += part.len();
    }
    GrayPaper::hash_value(&bytes[..end])
}
