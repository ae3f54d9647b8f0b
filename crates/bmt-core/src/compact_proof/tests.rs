//! The eight vectors of the draft, and the forms that it refuses.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::scheme::EMPTY_ROOT;
use crate::trie::Trie;
use alloc::format;
use alloc::string::String;

const FIVE: [&str; 5] = ["000", "001", "100", "110", "111"];
const FIVE_ROOT: &str = "9b9760b1a0bbb685177ad5ddd98b1ae446307255aca511c22e4c2e778cec425f";

const LEAF_000: &str = "40f3854ff47a42a159d21e8275e15df4937d19063426e38cfdc30878dbc22ea6";
const LEAF_100: &str = "6b177808b75d08e8e68fc330d42ebdda1eadbd804db18d1e4679cbcb349c52df";
const LEAF_110: &str = "2af306b851cf153d7c58cf43682fed3b75f2cdd7dfc9a547dcfe990ccaea77ab";
const LEAF_111: &str = "883a0c1f05cbac875dae2e53c5c15dfad106d7272bf3cb07015aae7e8656f7f9";
const SUBTREE_0: &str = "50918ec4ad4465ee3baa8a272129bd2534ad911f63d22abff4716baa78bc97c3";
const SUBTREE_00: &str = "41dd8fddabce96f7a9e0b737297a41b55924bb4e5e7c7e2f0772ef948a60debd";
const SUBTREE_11: &str = "4edb3501f7717e134d548ba9825c4e98a8fe174ec15b2d51667d3688dca3f7e9";

/// Three bits, then 11010, then thirty bytes 5a.
fn key(bits: &str) -> StateKey {
    let mut bytes = [0x5a; 31];
    bytes[0] = u8::from_str_radix(&format!("{bits}11010"), 2).unwrap();
    StateKey::new(bytes)
}

fn state(names: &[&str]) -> Trie<GrayPaper> {
    names.iter().map(|name| (key(name), format!("value {name}").into_bytes())).collect()
}

fn query(keys: &[&str], ranges: &[(&str, &str)]) -> Query {
    let bounds: Vec<_> =
        ranges.iter().map(|(first, last)| (key(first).to_bytes(), key(last).to_bytes())).collect();
    let bounds: Vec<_> = bounds.iter().map(|(first, last)| (&first[..], &last[..])).collect();
    Query::new(keys.iter().map(|name| key(name)).collect(), &bounds).unwrap()
}

fn vectors() -> [(&'static [&'static str], Query, String); 8] {
    let absent = format!("{}68", "69".repeat(30));
    let absent = format!("000634{SUBTREE_00}{SUBTREE_11}{absent}09{}", hex::encode("value 100"));
    [
        (&FIVE, query(&["110"], &[]), format!("001124{SUBTREE_0}{LEAF_100}{LEAF_111}")),
        (&FIVE, query(&["001", "111"], &[]), format!("0001a118{LEAF_000}{LEAF_100}{LEAF_110}")),
        (&FIVE, query(&[], &[("001", "110")]), format!("0001a224{LEAF_000}{LEAF_111}")),
        (&FIVE, query(&[], &[("100", "111")]), format!("0018{SUBTREE_0}")),
        (&FIVE, query(&["010", "101"], &[]), absent),
        (&[], query(&["110"], &[]), "0080".into()),
        (&FIVE, query(&[], &[]), format!("0040{FIVE_ROOT}")),
        (&["110"], query(&["110"], &[]), "0080".into()),
    ]
}

#[test]
fn the_vectors_of_the_draft_come_out_octet_for_octet() {
    assert_eq!(hex::encode(state(&FIVE).root()), FIVE_ROOT);
    for (number, (names, query, expected)) in vectors().into_iter().enumerate() {
        let mut trie = state(names);
        let (proof, entries) = trie.prove_compact(&query);
        assert_eq!(hex::encode(proof.as_bytes()), expected, "vector {}", number + 1);
        let proof = CompactProof::decode(&proof.encode()).unwrap();
        let claims = proof.verify(&trie.root(), &entries).unwrap();
        assert_eq!(claims.check_query(&query), Ok(()));
        for key in query.keys() {
            let expected = trie.get(key).map_or(Claim::Absent, |value| Claim::Value(value));
            assert_eq!(claims.get(key), expected);
        }
    }
}

#[test]
fn every_changed_bit_of_the_vectors_is_refused() {
    for (names, query, _) in vectors() {
        let mut trie = state(names);
        let (proof, entries) = trie.prove_compact(&query);
        for bit in 0..8 * proof.as_bytes().len() {
            let mut bytes = proof.encode();
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            if let Ok(changed) = CompactProof::decode(&bytes) {
                assert!(changed.verify(&trie.root(), &entries).is_err(), "bit {bit}");
            }
        }
    }
}

/// INV-CP-01 and INV-CP-02.
#[test]
fn forms_that_a_prover_never_writes_are_refused() {
    let refused = |bytes: &[u8]| CompactProof::decode(bytes).unwrap_err();
    assert_eq!(refused(&[]), CompactProofError::Truncated { needed: 1, found: 0 });
    let version = CompactProofError::UnsupportedVersion { found: 1, supported: 0 };
    assert_eq!(refused(&[1, 0x80]), version);
    assert_eq!(refused(&[0, 0x81]), CompactProofError::Padding);
    assert_eq!(refused(&[0, 0x80, 0]), CompactProofError::TrailingBytes { count: 1 });
    assert_eq!(refused(&[0, 0b0010_1000]), CompactProofError::NeedlessBranch { depth: 0 });
    let two_hashes = [&[0, 0b0001_0100][..], &[1; 64]].concat();
    assert_eq!(refused(&two_hashes), CompactProofError::NeedlessBranch { depth: 0 });
    let zero_hash = [&[0, 0b0100_0000][..], &[0; 32]].concat();
    assert_eq!(refused(&zero_hash), CompactProofError::ZeroHash { index: 0 });
    let left_bit = [&[0, 0b0001_1000][..], &[0x80; 32]].concat();
    assert_eq!(refused(&left_bit), CompactProofError::LeftHashBit { index: 0 });
    let form = [&[0, 0b1100_0000][..], &[0; 31], &[34]].concat();
    assert_eq!(refused(&form), CompactProofError::ValueForm { index: 0, found: 34 });
    let deep = [0; 80];
    assert_eq!(refused(&deep), CompactProofError::TooDeep { max: 248 });
    // A raw leaf beside nothing: it would stand higher.
    let lone = [&[0, 0b0010_1100][..], &[0; 31], &[0]].concat();
    let lone = CompactProof::decode(&lone).unwrap();
    let verdict = lone.verify::<&[u8]>(&EMPTY_ROOT, &[]).map(drop);
    assert_eq!(verdict, Err(CompactProofError::NeedlessBranch { depth: 0 }));
}

#[test]
fn a_query_is_in_order_and_without_overlap() {
    let keys = |names: &[&str]| names.iter().map(|name| key(name)).collect::<Vec<_>>();
    let refused = |keys, ranges: &[(&[u8], &[u8])]| Query::new(keys, ranges).unwrap_err();
    assert_eq!(refused(keys(&["110", "100"]), &[]), QueryError::UnsortedKeys { index: 1 });
    assert_eq!(refused(Vec::new(), &[(&[0; 32], &[])]), QueryError::LongBound { index: 0 });
    assert_eq!(refused(Vec::new(), &[(&[2], &[1])]), QueryError::UnsortedRanges { index: 0 });
    let touching: [(&[u8], &[u8]); 2] = [(&[1], &[2]), (&[2, 5], &[3])];
    assert_eq!(refused(Vec::new(), &touching), QueryError::UnsortedRanges { index: 1 });
    assert_eq!(refused(keys(&["110"]), &[(&[], &[])]), QueryError::ListedInRange { index: 0 });
}

/// INV-CP-03 and INV-CP-04.
#[test]
fn a_query_is_answered_whole_or_not() {
    let mut trie = state(&FIVE);
    let root = trie.root();
    let (proof, entries) = trie.prove_compact(&query(&["110"], &[]));
    let claims = proof.verify(&root, &entries).unwrap();
    assert_eq!(claims.get(&key("000")), Claim::NotCovered);
    let hidden = CompactProofError::NotCovered { depth: 1 };
    assert_eq!(claims.check_query(&query(&["000"], &[])), Err(hidden));
    let (proof, entries) = trie.prove_compact(&query(&["010", "101"], &[]));
    let claims = proof.verify(&root, &entries).unwrap();
    assert_eq!(claims.get(&key("100")), Claim::Present);
    let raw = CompactProofError::NotDelivered { depth: 2 };
    assert_eq!(claims.check_query(&query(&["100"], &[])), Err(raw));
    let stray = [(key("100"), b"value 100")];
    let verdict = proof.verify(&root, &stray).map(drop);
    assert_eq!(verdict, Err(CompactProofError::StrayEntry { index: 0 }));
}

mod forged;
