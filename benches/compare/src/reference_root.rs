//! Roots computed slowly from a whole state, to judge what the engines tell.

use crate::engine::RootScheme;
use crate::workload::Key;
use bmt_core::{GrayPaper, StateKey};

/// The root of the entries, which are sorted by key without repetition.
#[must_use]
pub fn reference_root(scheme: RootScheme, entries: &[(Key, Vec<u8>)]) -> [u8; 32] {
    match scheme {
        RootScheme::GrayPaper => {
            let entries: Vec<(StateKey, &[u8])> = entries
                .iter()
                .map(|(key, value)| (StateKey::truncate(*key), value.as_slice()))
                .collect();
            bmt_core::reference::root::<GrayPaper, _>(&entries)
        }
        RootScheme::NomtBlake3 => nomt_subtrie(entries, 0),
    }
}

/// NOMT's trie: a leaf where a key is first alone, its hash marked by a set top bit; a branch
/// above, its top bit cleared; 32 zero bytes for nothing.
fn nomt_subtrie(entries: &[(Key, Vec<u8>)], depth: usize) -> [u8; 32] {
    let pair = |left: &[u8; 32], right: &[u8; 32]| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(left);
        hasher.update(right);
        *hasher.finalize().as_bytes()
    };
    match entries {
        [] => [0; 32],
        [(key, value)] => {
            let mut hash = pair(key, blake3::hash(value).as_bytes());
            hash[0] |= 0x80;
            hash
        }
        _ => {
            let bit = |key: &Key| key[depth / 8] >> (7 - depth % 8) & 1 == 1;
            let ones = entries.partition_point(|(key, _)| !bit(key));
            let (left, right) = entries.split_at(ones);
            let mut hash = pair(&nomt_subtrie(left, depth + 1), &nomt_subtrie(right, depth + 1));
            hash[0] &= 0x7f;
            hash
        }
    }
}
