//! A scheme with 32-byte keys whose hashes show what a node is: kinds and hashes must agree everywhere.

use crate::world::{Random, WEIGHT_MAX, steps, value, weight};
use bmt_core::nomt_compat::{Blake2b256, NomtCompat};
use bmt_core::{Trie, reference};
use bmt_merkle::memory::{MemoryLeaves, MemoryPages};
use bmt_merkle::{Change, Merkle, MerkleOptions, NewValue, Shape, StepId};
use std::collections::BTreeMap;
use std::sync::Arc;

type Nomt = NomtCompat<Blake2b256>;

/// Keys that part in the first bits, in the middle, and in the last ones.
fn key(random: &mut Random) -> [u8; 32] {
    let mut key = [0x77; 32];
    key[0] = random.next().to_le_bytes()[0];
    key[16] = random.next().to_le_bytes()[0] & 0x11;
    key[31] = random.next().to_le_bytes()[0];
    key
}

#[test]
fn roots_and_proofs_are_those_of_the_scheme() {
    let mut random = Random::new(900);
    let shape = Shape::new(1, WEIGHT_MAX, weight);
    let merkle = Merkle::<Nomt>::new(shape, MerkleOptions::default()).unwrap();
    let (pages, mut leaves) = (MemoryPages::default(), MemoryLeaves::default());
    let mut version = merkle.empty();
    for counter in 0..u64::try_from(steps(60)).unwrap() {
        let mut changes: BTreeMap<[u8; 32], Option<Vec<u8>>> = BTreeMap::new();
        for _ in 0..1 + random.below(600) {
            let is_deletion = random.one_in(3);
            changes.insert(key(&mut random), (!is_deletion).then(|| value(&mut random)));
        }
        let list: Vec<_> = changes
            .iter()
            .map(|(key, value)| Change { key: *key, value: value.as_deref().map(NewValue::of) })
            .collect();
        let birth = StepId { generation: 1, counter };
        let step = merkle.update(&version, birth, &list, &pages, &leaves).unwrap();
        let changed = &step.frontier_changes;
        let again = merkle.apply_frontier(&version, birth, changed, &pages).unwrap();
        version = step.version;
        assert_eq!(again.version.root(), version.root());
        for (key, value) in changes {
            match value {
                Some(value) => leaves.entries.insert(key, Arc::from(value)),
                None => leaves.entries.remove(&key),
            };
        }
        let entries: Vec<_> = leaves.entries.iter().map(|(key, value)| (*key, value)).collect();
        assert_eq!(version.root(), reference::root::<Nomt, _>(&entries), "step {counter}");
        let mut trie: Trie<Nomt> =
            leaves.entries.iter().map(|(key, value)| (*key, value.clone())).collect();
        let view = merkle.view(&version, &pages, &leaves);
        let probe = key(&mut random);
        assert_eq!(view.prove(&probe).unwrap(), trie.prove(&probe));
    }
    assert_eq!(merkle.check(&version, &pages, &leaves).unwrap().differences, []);
}
