//! The convention of NOMT's trie, spelled out with the hash functions alone.

use super::*;
use crate::reference;
use crate::trie::Trie;
use alloc::vec::Vec;

type Plain = NomtCompat<Blake2b256>;

const LEFT: [u8; 32] = [0x11; 32];
const RIGHT: [u8; 32] = [0x91; 32];

fn joined(first: &Hash, second: &Hash) -> Vec<u8> {
    [*first, *second].concat()
}

fn marked<N: HashFunction>(preimage: &[u8], leaf: bool) -> Hash {
    let mut hash = N::hash(preimage);
    hash[0] = if leaf { hash[0] | 0x80 } else { hash[0] & 0x7f };
    hash
}

fn two_keys_follow_the_convention<N: HashFunction, V: HashFunction>() {
    let entries = [(LEFT, b"one".to_vec()), (RIGHT, Vec::new())];
    let left = marked::<N>(&joined(&LEFT, &V::hash(b"one")), true);
    let right = marked::<N>(&joined(&RIGHT, &V::hash(b"")), true);
    let root = marked::<N>(&joined(&left, &right), false);
    assert_eq!(reference::root::<NomtCompat<N, V>, _>(&entries), root);
    let mut trie: Trie<NomtCompat<N, V>> = entries.into_iter().collect();
    assert_eq!(trie.root(), root);
    trie.remove(&LEFT);
    assert_eq!(trie.root(), right);
    trie.remove(&RIGHT);
    assert_eq!(trie.root(), EMPTY_ROOT);
}

#[test]
fn two_keys_under_blake2b() {
    two_keys_follow_the_convention::<Blake2b256, Blake2b256>();
}

#[cfg(feature = "nomt-blake3")]
#[test]
fn two_keys_under_blake3() {
    two_keys_follow_the_convention::<Blake3, Blake3>();
    assert_eq!(
        hex::encode(Blake3::hash(b"")),
        "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    );
}

#[cfg(feature = "nomt-sha2")]
#[test]
fn two_keys_under_sha256() {
    two_keys_follow_the_convention::<Sha256, Sha256>();
    assert_eq!(
        hex::encode(Sha256::hash(b"")),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[cfg(all(feature = "nomt-blake3", feature = "nomt-sha2"))]
#[test]
fn the_value_hash_can_be_another_one() {
    two_keys_follow_the_convention::<Blake3, Sha256>();
    let ids =
        [NomtCompat::<Blake3>::ID, NomtCompat::<Sha256>::ID, NomtCompat::<Blake3, Sha256>::ID];
    assert!(ids[0] != ids[1] && ids[0] != ids[2] && ids[1] != ids[2]);
}

#[test]
fn a_hash_shows_the_kind() {
    assert_eq!(Plain::kind_of(&EMPTY_ROOT), None);
    for kind in [NodeKind::Leaf, NodeKind::Branch] {
        assert_eq!(Plain::kind_of(&Plain::label(kind, [0x7f; 32])), Some(kind));
        assert_eq!(Plain::kind_of(&Plain::label(kind, [0xff; 32])), Some(kind));
    }
}

#[test]
fn any_preimage_is_a_leaf() {
    let preimage = Plain::leaf_preimage(&RIGHT, LeafValue::Hashed(&LEFT));
    assert_eq!(Plain::parse_leaf(&preimage), Some(RIGHT));
}
