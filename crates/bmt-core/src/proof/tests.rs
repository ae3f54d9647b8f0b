//! Honest proofs verify; everything else is refused.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::scheme::{EMPTY_ROOT, LeafValue, NodeKind};
use crate::trie::Trie;
use crate::trie::tests::DenseKey;
use alloc::collections::BTreeMap;
use quickcheck::QuickCheck;

type Proof = PathProof<GrayPaper>;

fn verify(
    proof: &Proof,
    root: &Hash,
    key: &StateKey,
    value: Option<&[u8]>,
) -> Result<(), ProofError> {
    match value {
        Some(value) => proof.verify_present(root, key, value),
        None => proof.verify_absent(root, key),
    }
}

fn probes(keys: &[DenseKey]) -> Vec<StateKey> {
    let neighbours = keys.iter().flat_map(|key| {
        [0, 7, 100, 247].map(|bit| {
            let mut bytes = key.0.to_bytes();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            StateKey::new(bytes)
        })
    });
    let own = keys.iter().map(|key| key.0);
    own.chain(neighbours).chain([StateKey::MIN, StateKey::MAX]).collect()
}

#[test]
fn every_key_and_neighbour_is_proven_and_no_other_claim_is() {
    fn check(keys: Vec<DenseKey>, salt: u8) -> bool {
        let keys = &keys[..keys.len().min(12)];
        let model: BTreeMap<StateKey, Vec<u8>> = (keys.iter().zip(0u8..))
            .map(|(key, n)| (key.0, alloc::vec![n ^ salt; usize::from(n) * 9 % 70]))
            .collect();
        let mut trie: Trie<GrayPaper> = model.clone().into_iter().collect();
        let root = trie.root();
        let probes = probes(keys);
        for key in &probes {
            let value = model.get(key).map(Vec::as_slice);
            let proof = trie.prove(key);
            assert_eq!(verify(&proof, &root, key, value), Ok(()), "{key}");
            assert_eq!(Proof::decode(&proof.encode()), Ok(proof.clone()));
            let longer = [value.unwrap_or_default(), b"x"].concat();
            assert!(proof.verify_present(&root, key, &longer).is_err());
            assert!(verify(&proof, &[0xaa; 32], key, value).is_err());
            match value {
                Some(_) => assert!(proof.verify_absent(&root, key).is_err()),
                None => assert!(proof.verify_present(&root, key, b"").is_err()),
            }
        }
        // A proof for one key shows nothing false of another one.
        for (key, other) in probes.iter().zip(probes.iter().rev()) {
            let proof = trie.prove(key);
            if proof.verify_absent(&root, other).is_ok() {
                assert!(!model.contains_key(other));
            }
            let value = model.get(key).map_or(&b"?"[..], Vec::as_slice);
            if proof.verify_present(&root, other, value).is_ok() {
                assert_eq!(model.get(other).map(Vec::as_slice), Some(value));
            }
        }
        true
    }
    QuickCheck::new().tests(60).quickcheck(check as fn(Vec<DenseKey>, u8) -> bool);
}

/// Every single-bit change of every proof of a small trie.
#[test]
fn every_flipped_bit_is_refused() {
    let keys: Vec<StateKey> = (0..6)
        .map(|n| StateKey::service_storage(n % 2, &n.to_le_bytes()))
        .chain([StateKey::MIN, StateKey::MAX])
        .collect();
    let mut trie: Trie<GrayPaper> = keys
        .iter()
        .map(|key| (*key, alloc::vec![7; 20 + usize::from(key.to_bytes()[5] % 30)]))
        .collect();
    let root = trie.root();
    let absent = (0..40).map(|n| StateKey::service_storage(n % 3, &(1000 + n).to_le_bytes()));
    let mut kinds = [0; 3];
    for key in keys.iter().copied().chain(absent) {
        let value = trie.get(&key).map(|value| value.to_vec());
        let bytes = trie.prove(&key).encode();
        kinds[usize::from(bytes[0] & 0b11)] += 1;
        for bit in 0..8 * bytes.len() {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            if let Ok(proof) = Proof::decode(&changed) {
                let verdict = verify(&proof, &root, &key, value.as_deref());
                assert!(verdict.is_err(), "bit {bit} of the proof of {key}");
            }
        }
        assert!(Proof::decode(&[&bytes[..], b"\0"].concat()).is_err());
        assert!(Proof::decode(&bytes[..bytes.len() - 1]).is_err());
    }
    assert!(kinds.iter().all(|count| *count > 0), "all three terminals were tried: {kinds:?}");
}

#[test]
fn random_bytes_never_panic() {
    fn check(mut bytes: Vec<u8>, key: DenseKey) -> bool {
        if let Some(first) = bytes.first_mut() {
            *first = (*first & 0x0f) | 0x10;
        }
        if let Ok(proof) = Proof::decode(&bytes) {
            assert_eq!(proof.encode(), bytes, "one proof has one encoding");
            assert!(proof.verify_absent(&[1; 32], &key.0).is_err());
            assert!(proof.verify_present(&[1; 32], &key.0, b"").is_err());
        }
        true
    }
    QuickCheck::new().tests(20_000).quickcheck(check as fn(Vec<u8>, DenseKey) -> bool);
}

#[test]
fn the_empty_trie_proves_absence_of_everything() {
    let mut trie = Trie::<GrayPaper>::new();
    let proof = trie.prove(&StateKey::MAX);
    assert_eq!(proof.encode(), [0x11, 0]);
    assert_eq!(proof.verify_absent(&EMPTY_ROOT, &StateKey::MAX), Ok(()));
}

#[test]
fn non_canonical_siblings_are_refused() {
    let (low, high) = (StateKey::MIN, StateKey::MAX);
    let mut trie: Trie<GrayPaper> =
        [(low, b"l"), (high, b"h")].into_iter().map(|(key, value)| (key, value.to_vec())).collect();
    let root = trie.root();
    let honest = trie.prove(&high);

    let altered = |siblings: &[Hash]| {
        let mut proof = honest.clone();
        proof.siblings = Siblings::default();
        siblings.iter().for_each(|sibling| proof.siblings.push(*sibling));
        proof.verify_present(&root, &high, b"h")
    };
    let mut sibling = honest.siblings().next().unwrap();
    assert_eq!(altered(&[sibling]), Ok(()));
    assert_eq!(altered(&[sibling, EMPTY_ROOT]), Err(ProofError::LoneBranch { depth: 1 }));
    sibling[0] |= 0x80;
    assert_eq!(altered(&[sibling]), Err(ProofError::LeftSiblingBit { depth: 1 }));

    let mut spelled_out = honest.encode();
    spelled_out[3..35].fill(0);
    assert_eq!(Proof::decode(&spelled_out), Err(ProofError::ZeroSibling { depth: 1 }));
}

/// The Gray Paper's nodes; the bit that a left child loses shows a leaf when it is clear.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ClearForLeaf;

impl Scheme for ClearForLeaf {
    type Key = StateKey;
    const ID: u32 = u32::MAX;
    const NAME: &'static str = "clear-for-leaf";
    const LEFT_FIRST_BYTE_MASK: u8 = 0x7f;
    const LEAF_KEY_OFFSET: usize = GrayPaper::LEAF_KEY_OFFSET;

    fn value_is_hashed(length_bytes: usize) -> bool {
        GrayPaper::value_is_hashed(length_bytes)
    }

    fn hash_value(value: &[u8]) -> Hash {
        GrayPaper::hash_value(value)
    }

    fn leaf_preimage(key: &StateKey, value: LeafValue<'_>) -> [u8; 64] {
        GrayPaper::leaf_preimage(key, value)
    }

    fn parse_leaf(preimage: &[u8; 64]) -> Option<StateKey> {
        GrayPaper::parse_leaf(preimage)
    }

    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        GrayPaper::hash64_many(preimages, hashes);
    }

    fn label(kind: NodeKind, mut hash: Hash) -> Hash {
        hash[0] = hash[0] & 0x7f | u8::from(kind == NodeKind::Branch) << 7;
        hash
    }

    fn kind_of(hash: &Hash) -> Option<NodeKind> {
        Some(if hash[0] & 0x80 == 0 { NodeKind::Leaf } else { NodeKind::Branch })
    }
}

#[test]
fn a_left_sibling_without_its_first_bit_shows_no_kind() {
    let keys = [StateKey::MIN, StateKey::component(1)];
    let mut trie: Trie<ClearForLeaf> = keys.into_iter().map(|key| (key, [1])).collect();
    let (root, proof) = (trie.root(), trie.prove(&StateKey::MAX));
    assert_eq!(proof.verify_absent(&root, &StateKey::MAX), Ok(()));
}
