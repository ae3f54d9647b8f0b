//! Witnesses: nomt's has the siblings of our path proofs, and ours leads to nomt's next root.

use crate::peer::{Pair, Peer, WithBlake3, WithSha256};
use crate::sets::{COUNTS, Changes, Key, Set, Shape};
use bmt_compare::workload::Random;
use bmt_core::{Trie, Witness};
use nomt::{KeyReadWrite, Witness as NomtWitness};
use std::collections::BTreeMap;

#[test]
fn witnesses_lead_to_nomts_root_with_blake3() {
    each_set::<WithBlake3>();
}

#[test]
fn witnesses_lead_to_nomts_root_with_sha256() {
    each_set::<WithSha256>();
}

fn each_set<P: Pair>() {
    for shape in Shape::ALL {
        for count in COUNTS {
            let mut random = Random::new(count as u64);
            let set = shape.set(count, &mut random);
            let (peer, mut trie) = Peer::<P>::with(&set);
            let reads = shape.asked(&set, 20, &mut random);
            let changes = shape.changes(&set, 20, &mut random);
            let before = peer.root();
            let theirs = peer.commit_with_witness(accesses(&set, &reads, &changes));
            check_paths::<P>(&theirs, &trie);

            let writes = || changes.iter().map(|(key, value)| (*key, value.as_deref()));
            let bytes = trie.witness(reads, writes()).encode();
            let ours = Witness::<P::Ours>::decode(&bytes).unwrap();
            let after = ours.verify(&before).unwrap().apply(writes()).unwrap();
            assert_eq!(after, peer.root(), "{shape:?} {count}");
            assert_ne!(after, before, "{shape:?} {count}");
        }
    }
}

fn accesses(set: &Set, reads: &[Key], changes: &Changes) -> Vec<(Key, KeyReadWrite)> {
    let mut accesses: BTreeMap<Key, KeyReadWrite> =
        reads.iter().map(|key| (*key, KeyReadWrite::Read(set.get(key).cloned()))).collect();
    for (key, value) in changes {
        let access = accesses.entry(*key).and_modify(|access| access.write(value.clone()));
        access.or_insert_with(|| KeyReadWrite::Write(value.clone()));
    }
    accesses.into_iter().collect()
}

/// Each access of nomt's witness is on a path with the siblings of our proof.
///
/// The path is found by the key: with several commit threads nomt 1.0.5 numbers the paths in the
/// order in which the threads end, and the accesses in the order of their keys.
fn check_paths<P: Pair>(witness: &NomtWitness, trie: &Trie<P::Ours>) {
    let reads = witness.operations.reads.iter().map(|read| read.key);
    let writes = witness.operations.writes.iter().map(|write| write.key);
    let mut count = 0;
    for key in reads.chain(writes) {
        let mut paths = witness.path_proofs.iter();
        let theirs = paths.find(|path| path.path.subtrie_contains(&key)).unwrap();
        let ours: Vec<_> = trie.prove_hashed(&key).siblings().collect();
        assert_eq!(ours, theirs.inner.siblings);
        count += 1;
    }
    assert!(count > 0, "there is something to compare");
}
