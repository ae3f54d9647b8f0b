//! The exact bytes of small multi-proofs, and the refusal of every form but one.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::scheme::{EMPTY_ROOT, LeafValue};
use crate::trie::Trie;
use alloc::vec;

type Proof = MultiProof<GrayPaper>;

const LOW: StateKey = StateKey::MIN;
const HIGH: StateKey = StateKey::MAX;

fn two_keys() -> Trie<GrayPaper> {
    [(LOW, &b"l"[..]), (HIGH, b"h")].into_iter().collect()
}

fn leaf(key: StateKey, value: &[u8]) -> Hash {
    GrayPaper::hash_leaf(&key, LeafValue::Bytes(value))
}

#[test]
fn a_sibling_takes_two_bits_and_its_hash() {
    let mut trie = two_keys();
    let proof = trie.prove_many([LOW]);
    // Branch 0, given 1110, hash 10, a zero bit.
    let expected = [&[0x11, 0b0111_0100][..], &leaf(HIGH, b"h")].concat();
    assert_eq!(proof.encode(), expected);
    assert_eq!(proof.verify(&trie.root(), &[(LOW, Some(b"l"))]), Ok(()));
}

#[test]
fn all_keys_take_no_hash() {
    let mut trie = two_keys();
    let proof = trie.prove_many([HIGH, LOW]);
    assert_eq!(proof.encode(), [0x11, 0b0111_0111, 0]);
    assert_eq!(proof.verify(&trie.root(), &[(LOW, Some(b"l")), (HIGH, Some(b"h"))]), Ok(()));
}

#[test]
fn no_key_takes_the_root() {
    let mut trie = two_keys();
    let root = trie.root();
    let proof = trie.prove_many([]);
    assert_eq!(proof.encode(), [&[0x11, 0b1000_0000][..], &root].concat());
    assert_eq!(proof.verify::<&[u8]>(&root, &[]), Ok(()));
    assert_eq!(
        proof.verify::<&[u8]>(&root, &[(LOW, None)]),
        Err(MultiProofError::NotCovered { index: 0 })
    );
}

/// INV-MP-03.
#[test]
fn an_absent_key_under_the_leaf_of_a_present_one_takes_nothing_more() {
    let mut trie: Trie<GrayPaper> = [(LOW, vec![1])].into_iter().collect();
    let proof = trie.prove_many([LOW, HIGH]);
    assert_eq!(proof.encode(), [0x11, 0b1110_0000]);
    assert_eq!(proof.verify(&trie.root(), &[(LOW, Some(vec![1])), (HIGH, None)]), Ok(()));
    let both = [(LOW, Some(vec![1])), (HIGH, Some(vec![1]))];
    let error = MultiProofError::PresentKeys { depth: 0, found: 2 };
    assert_eq!(proof.verify(&trie.root(), &both), Err(error));
}

#[test]
fn the_leaf_of_a_key_claimed_absent_is_refused() {
    let mut trie: Trie<GrayPaper> = [(LOW, vec![1])].into_iter().collect();
    let proof = trie.prove_many([HIGH]);
    let root = trie.root();
    assert_eq!(proof.verify::<&[u8]>(&root, &[(HIGH, None)]), Ok(()));
    assert_eq!(
        proof.verify::<&[u8]>(&root, &[(LOW, None)]),
        Err(MultiProofError::KeyIsPresent { index: 0 })
    );
}

/// INV-MP-02.
#[test]
fn a_part_that_no_claim_needs_is_refused() {
    let mut trie = two_keys();
    let proof = trie.prove_many([LOW]);
    assert_eq!(
        proof.verify::<&[u8]>(&trie.root(), &[]),
        Err(MultiProofError::NotAsked { depth: 0 })
    );
}

/// The proof of `HIGH` in a trie with the two keys, with one thing changed.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Result<Proof, OutlineError> {
    let mut bytes = two_keys().prove_many([HIGH]).encode();
    assert_eq!(bytes[..2], [0x11, 0b0101_1100]);
    change(&mut bytes);
    Proof::decode(&bytes)
}

/// INV-OU-01 to INV-OU-04, INV-MP-04.
#[test]
fn every_other_form_is_refused() {
    let set_bit = changed(|bytes| bytes[2] |= 0x80);
    assert_eq!(set_bit.unwrap_err(), OutlineError::LeftHashBit { index: 0 });
    let zero = changed(|bytes| bytes[2..].fill(0));
    assert_eq!(zero.unwrap_err(), OutlineError::ZeroHash { index: 0 });
    let padding = changed(|bytes| bytes[1] |= 1);
    assert_eq!(padding.unwrap_err(), OutlineError::Padding);
    let version = changed(|bytes| bytes[0] = 0x21);
    assert_eq!(version.unwrap_err(), OutlineError::UnsupportedVersion { found: 2, supported: 1 });
    let form = changed(|bytes| bytes[0] = 0x12);
    assert_eq!(form.unwrap_err(), OutlineError::OtherForm { found: 0x12 });
    let early = changed(|bytes| bytes.truncate(33));
    assert_eq!(early.unwrap_err(), OutlineError::Truncated { needed: 34, found: 33 });
    // Branch, empty, given: over one key.
    let lone = Proof::decode(&[0x11, 0b0110_1110]);
    assert_eq!(lone.unwrap_err(), OutlineError::LoneBranch { depth: 0 });
    let hashes = [&[0x11, 0b0101_0000][..], &[1; 64]].concat();
    assert_eq!(Proof::decode(&hashes).unwrap_err(), OutlineError::NeedlessBranch { depth: 0 });
    // A leaf whose first byte is that of a branch.
    let leaf = [&[0x11, 0b1111_0000][..], &[0; 31 + 33]].concat();
    assert_eq!(Proof::decode(&leaf).unwrap_err(), OutlineError::NotALeaf { index: 0 });
}

/// INV-OU-05.
#[test]
fn a_path_longer_than_a_key_is_refused() {
    let deep = [&[0x11][..], &[0; 64]].concat();
    assert_eq!(Proof::decode(&deep).unwrap_err(), OutlineError::TooDeep { max: 248 });
}

#[test]
fn the_empty_trie_takes_one_symbol() {
    let proof = Trie::<GrayPaper>::new().prove_many([LOW]);
    assert_eq!(proof.encode(), [0x11, 0b1100_0000]);
    assert_eq!(proof.verify::<&[u8]>(&EMPTY_ROOT, &[(LOW, None)]), Ok(()));
}
