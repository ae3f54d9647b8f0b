//! The scheme of NOMT's trie with its binary hashers, so that roots can be compared.

mod hash_function;

pub use hash_function::Blake2b256;
#[cfg(feature = "nomt-blake3")]
pub use hash_function::Blake3;
pub use hash_function::HashFunction;
#[cfg(feature = "nomt-sha2")]
pub use hash_function::Sha256;

use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, NodeKind, Scheme};
use core::marker::PhantomData;

/// NOMT's trie: 32-byte keys, every value hashed, the kind of a node in the top bit of its hash.
///
/// | node | preimage | top bit of the hash |
/// |---|---|---|
/// | leaf | key ‖ `V`(value) | 1 |
/// | branch | left ‖ right | 0 |
///
/// `N` hashes nodes and `V`, the same function unless chosen otherwise, values. With [`Blake3`] or
/// [`Sha256`] roots and siblings are those of `nomt_core`'s `Blake3Hasher` and `Sha2Hasher`.
///
/// ```
/// use bmt_core::nomt_compat::{Blake2b256, NomtCompat};
/// use bmt_core::{NodeKind, Scheme, Trie};
///
/// let mut trie = Trie::<NomtCompat<Blake2b256>>::new();
/// trie.insert([1; 32], b"one".to_vec());
/// assert_eq!(NomtCompat::<Blake2b256>::kind_of(&trie.root()), Some(NodeKind::Leaf));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NomtCompat<N, V = N>(PhantomData<(N, V)>);

/// Set in the hash of a leaf, clear in that of a branch.
const LEAF_BIT: u8 = 0x80;

impl<N: HashFunction, V: HashFunction> Scheme for NomtCompat<N, V> {
    type Key = [u8; 32];

    const ID: u32 = u32::from_be_bytes([0x4e, 0x4f, N::ID, V::ID]);
    const NAME: &'static str = N::NOMT_NAME;
    const LEFT_FIRST_BYTE_MASK: u8 = 0xff;
    const LEAF_KEY_OFFSET: usize = 0;

    fn value_is_hashed(_length_bytes: usize) -> bool {
        true
    }

    fn hash_value(value: &[u8]) -> Hash {
        V::hash(value)
    }

    fn leaf_preimage(key: &[u8; 32], value: LeafValue<'_>) -> [u8; 64] {
        let mut node = [0; 64];
        node[..32].copy_from_slice(key);
        match value {
            LeafValue::Bytes(bytes) => node[32..].copy_from_slice(&V::hash(bytes)),
            LeafValue::Hashed(hash) => node[32..].copy_from_slice(hash),
        }
        node
    }

    fn parse_leaf(preimage: &[u8; 64]) -> Option<[u8; 32]> {
        preimage.first_chunk().copied()
    }

    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        N::hash64_many(preimages, hashes);
    }

    fn hash_values_many(values: &[&[u8]], hashes: &mut [Hash]) {
        V::hash_many(values, hashes);
    }

    fn lane_count() -> usize {
        N::lane_count()
    }

    fn label(kind: NodeKind, mut hash: Hash) -> Hash {
        match kind {
            NodeKind::Leaf => hash[0] |= LEAF_BIT,
            NodeKind::Branch => hash[0] &= !LEAF_BIT,
        }
        hash
    }

    fn kind_of(hash: &Hash) -> Option<NodeKind> {
        match hash {
            [first, ..] if first & LEAF_BIT != 0 => Some(NodeKind::Leaf),
            hash if *hash == EMPTY_ROOT => None,
            _ => Some(NodeKind::Branch),
        }
    }
}

#[cfg(test)]
mod tests;
