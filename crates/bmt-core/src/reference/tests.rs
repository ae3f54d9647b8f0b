//! The reference root on facts from public sources.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use alloc::vec::Vec;
use hex::encode;

/// The pairs of `TestBPTProofSimple`, jam-duna/jamduna, storage/bmt_test.go, keys cut to 31 bytes;
/// also in w3f/jamtestvectors trie/trie.json.
const GO_PAIRS: [(&str, &str); 2] = [
    ("f2a9fcaf8ae0ff770b0908ebdee1daf8457c0ef5e1106c89ad364236333c5f", "23"),
    ("f1a9fcaf8ae0ff770b0908ebdee1daf8457c0ef5e1106c89ad364236333c5f", "1234"),
];

fn entry(key: &str, value: &str) -> (StateKey, Vec<u8>) {
    (key.parse().unwrap(), hex::decode(value).unwrap())
}

#[test]
fn empty_set_has_the_zero_root() {
    assert_eq!(root::<GrayPaper, Vec<u8>>(&[]), EMPTY_ROOT);
}

#[test]
fn one_entry_is_its_leaf() {
    let entries = [entry(GO_PAIRS[0].0, GO_PAIRS[0].1)];
    let leaf = GrayPaper::hash_leaf(&entries[0].0, LeafValue::Bytes(&entries[0].1));
    assert_eq!(root::<GrayPaper, _>(&entries), leaf);
}

/// typeberry's "move leaf" test: three keys that share six bits.
#[test]
fn shared_bits_are_branches_with_a_zero_side() {
    let mut three = [
        entry("f0a9fcaf8ae0ff770b0908ebdee1daf8457c0ef5e1106c89ad364236333c5f", "1234"),
        entry(GO_PAIRS[1].0, GO_PAIRS[1].1),
        entry(GO_PAIRS[0].0, GO_PAIRS[0].1),
    ];
    assert_eq!(
        encode(root::<GrayPaper, _>(&three)),
        "f07003b9d508b5b017960d069ada7893146c3425be6293b7ac3d4a9709d33b47"
    );
    three[2].1 = hex::decode("1234").unwrap();
    assert_eq!(
        encode(root::<GrayPaper, _>(&three)),
        "d6349d4e62a4288ba3d80b94421f2933b13f6f882b2c69a90508aa92ff88343f"
    );
}

#[test]
fn value_length_decides_the_leaf_form() {
    let key = StateKey::component(1);
    let head =
        |length: usize| GrayPaper::leaf_preimage(&key, LeafValue::Bytes(&[9; 64][..length]))[0];
    assert_eq!([head(0), head(1), head(32), head(33)], [0x80, 0x81, 0xa0, 0xc0]);
}

#[test]
#[should_panic(expected = "keys are strictly ascending")]
fn unsorted_entries_are_a_programmer_mistake() {
    let entries = [entry(GO_PAIRS[0].0, "00"), entry(GO_PAIRS[1].0, "00")];
    let _root = root::<GrayPaper, _>(&entries);
}
