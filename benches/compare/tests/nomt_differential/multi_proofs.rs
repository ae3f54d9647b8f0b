//! Multi-proofs: the hashes are the siblings of nomt's but for the zero ones, and both verify.

use crate::peer::{Pair, Peer, WithBlake3, WithSha256};
use crate::sets::{COUNTS, Key, Set, Shape};
use bmt_compare::workload::Random;
use bmt_core::{EMPTY_ROOT, Hash, MultiProof, Scheme};
use nomt::proof::{MultiProof as NomtMultiProof, PathProof, verify_multi_proof};
use nomt::trie::LeafData;

#[test]
fn multi_proofs_have_nomts_siblings_with_blake3() {
    each_set::<WithBlake3>();
}

#[test]
fn multi_proofs_have_nomts_siblings_with_sha256() {
    each_set::<WithSha256>();
}

fn each_set<P: Pair>() {
    for shape in Shape::ALL {
        for count in COUNTS {
            let mut random = Random::new(count as u64);
            let set = shape.set(count, &mut random);
            let (peer, mut trie) = Peer::<P>::with(&set);
            for asked_count in [1, 3, 100] {
                let asked = shape.asked(&set, asked_count, &mut random);
                let theirs = merged(peer.prove(&asked));
                let ours = trie.prove_many(asked.iter().copied());
                assert_eq!(hashes(ours.as_bytes()), siblings(&theirs), "{shape:?} {count}");
                check_ours(&ours, &peer.root(), &asked, &set);
                check_theirs::<P>(&theirs, &peer.root(), &asked, &set);
            }
        }
    }
}

/// One proof of several; nomt wants them sorted, and each end of a path once.
fn merged(mut proofs: Vec<PathProof>) -> NomtMultiProof {
    proofs.sort_by(|one, other| one.terminal.path().cmp(other.terminal.path()));
    proofs.dedup_by(|one, other| one.terminal == other.terminal);
    NomtMultiProof::from_path_proofs(proofs)
}

/// The siblings in nomt's proof that are not empty, sorted: the order on the wire is not ours.
fn siblings(proof: &NomtMultiProof) -> Vec<Hash> {
    let mut siblings = proof.siblings.clone();
    siblings.retain(|sibling| *sibling != EMPTY_ROOT);
    siblings.sort_unstable();
    siblings
}

/// The hashes in our encoding, sorted, found by its format page alone.
fn hashes(bytes: &[u8]) -> Vec<Hash> {
    let mut at = 8;
    let mut ones_before_zero = |most: usize| {
        let bit = |at: usize| bytes[at / 8] << (at % 8) & 0x80 != 0;
        let count = (0..most).take_while(|index| bit(at + index)).count();
        at += (count + 1).min(most);
        count
    };
    let (mut open, mut hash_count, mut leaf_count) = (1, 0, 0);
    while open > 0 {
        // A branch is followed by two nodes, all others by none.
        match ones_before_zero(3) {
            0 => open += 2,
            1 => hash_count += 1,
            2 => {}
            _ => leaf_count += ones_before_zero(1),
        }
        open -= 1;
    }
    let end = bytes.len() - 32 * leaf_count;
    let section = &bytes[end - 32 * hash_count..end];
    let mut hashes: Vec<Hash> = section.as_chunks().0.to_vec();
    hashes.sort_unstable();
    hashes
}

fn check_ours<S: Scheme<Key = Key>>(proof: &MultiProof<S>, root: &Hash, asked: &[Key], set: &Set) {
    let proof = MultiProof::<S>::decode(&proof.encode()).unwrap();
    let mut claims: Vec<_> = asked.iter().map(|key| (*key, set.get(key))).collect();
    proof.verify(root, &claims).unwrap();
    let other_value = b"another value".to_vec();
    let last = claims.last_mut().unwrap();
    last.1 = if last.1.is_some() { None } else { Some(&other_value) };
    proof.verify(root, &claims).unwrap_err();
}

fn check_theirs<P: Pair>(proof: &NomtMultiProof, root: &Hash, asked: &[Key], set: &Set) {
    let verified = verify_multi_proof::<P::Theirs>(proof, *root).unwrap();
    for key in asked {
        match set.get(key) {
            Some(value) => {
                let value_hash = P::Ours::hash_value(value);
                assert!(verified.confirm_value(&LeafData { key_path: *key, value_hash }).unwrap());
            }
            None => assert!(verified.confirm_nonexistence(key).unwrap()),
        }
    }
}
