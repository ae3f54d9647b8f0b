//! Path proofs: siblings and terminals are nomt's, and each side's verifier accepts.

use crate::peer::{Pair, Peer, WithBlake3, WithSha256, whole_path};
use crate::sets::{COUNTS, Key, Shape};
use bmt_compare::workload::Random;
use bmt_core::{Hash, PathProof, Scheme};
use nomt::proof::{PathProof as NomtProof, PathProofTerminal};
use nomt::trie::LeafData;

#[test]
fn path_proofs_have_nomts_siblings_with_blake3() {
    each_set::<WithBlake3>();
}

#[test]
fn path_proofs_have_nomts_siblings_with_sha256() {
    each_set::<WithSha256>();
}

fn each_set<P: Pair>() {
    for shape in Shape::ALL {
        for count in COUNTS {
            let mut random = Random::new(count as u64);
            let set = shape.set(count, &mut random);
            let (peer, mut trie) = Peer::<P>::with(&set);
            let asked = shape.asked(&set, 100, &mut random);
            for (key, theirs) in asked.iter().zip(peer.prove(&asked)) {
                let ours = trie.prove(key);
                assert!(ours.siblings().eq(theirs.siblings.iter().copied()), "{shape:?} {count}");
                let value = set.get(key).map(Vec::as_slice);
                check_terminal(&ours.encode(), ours.depth(), key, &theirs.terminal);
                check_ours(&ours, &peer.root(), key, value);
                check_theirs::<P>(&theirs, &peer.root(), key, value);
            }
        }
    }
}

/// Our encoding says the same of where the path ends as nomt's terminal.
fn check_terminal(bytes: &[u8], depth: usize, key: &Key, theirs: &PathProofTerminal) {
    match (bytes[0] & 3, theirs) {
        (0, PathProofTerminal::Leaf(leaf)) => assert_eq!(leaf.key_path, *key),
        (1, PathProofTerminal::Terminator(at)) => assert_eq!(usize::from(at.depth()), depth),
        (2, PathProofTerminal::Leaf(leaf)) => {
            // The key's bits from the depth on, and the hash of its value.
            let bit = |bytes: &[u8], index: usize| bytes[index / 8] << (index % 8) & 0x80;
            assert!((depth..256).all(|at| bit(&bytes[2..34], at) == bit(&leaf.key_path, at)));
            assert_eq!(bytes[bytes.len() - 32..], leaf.value_hash);
        }
        (kind, _) => panic!("our kind is {kind}, nomt's {theirs:?}"),
    }
}

fn check_ours<S: Scheme<Key = Key>>(
    proof: &PathProof<S>,
    root: &Hash,
    key: &Key,
    value: Option<&[u8]>,
) {
    let proof = PathProof::<S>::decode(&proof.encode()).unwrap();
    match value {
        Some(value) => {
            proof.verify_present(root, key, value).unwrap();
            proof.verify_present(root, key, b"another value").unwrap_err();
            proof.verify_absent(root, key).unwrap_err();
        }
        None => {
            proof.verify_absent(root, key).unwrap();
            proof.verify_present(root, key, b"").unwrap_err();
        }
    }
}

fn check_theirs<P: Pair>(proof: &NomtProof, root: &Hash, key: &Key, value: Option<&[u8]>) {
    let verified = proof.verify::<P::Theirs>(whole_path(key).path(), *root).unwrap();
    match value {
        Some(value) => {
            let value_hash = P::Ours::hash_value(value);
            assert!(verified.confirm_value(&LeafData { key_path: *key, value_hash }).unwrap());
        }
        None => assert!(verified.confirm_nonexistence(key).unwrap()),
    }
}
