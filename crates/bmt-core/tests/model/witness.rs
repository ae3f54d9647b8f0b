//! A witness gives what was read, and the reference root after the writes.

use crate::random::{Keys, Model, Random, cases, probe, reference_root, state, trie};
use bmt_core::witness::Lookup;
use bmt_core::{GrayPaper, StateKey, Witness};

type Writes = Vec<(StateKey, Option<Vec<u8>>)>;

fn writes(random: &mut Random, keys: Keys, model: &Model) -> Writes {
    let delete_in = 1 + random.below(4);
    if random.one_in(16) {
        return model.keys().map(|key| (*key, None)).collect();
    }
    (0..random.below(10))
        .map(|_| {
            let value = if random.one_in(delete_in) { None } else { Some(random.value()) };
            (probe(random, keys, model), value)
        })
        .collect()
}

fn applied(model: &Model, writes: &Writes) -> Model {
    let mut after = model.clone();
    for (key, value) in writes {
        match value {
            Some(value) => drop(after.insert(*key, value.clone())),
            None => drop(after.remove(key)),
        }
    }
    after
}

#[test]
fn reads_and_the_next_root_come_from_the_witness_alone() {
    let mut emptied = 0;
    cases(30, |random, keys| {
        let model = state(random, keys, 16);
        let root = reference_root(&model);
        let reads: Vec<StateKey> =
            (0..random.below(6)).map(|_| probe(random, keys, &model)).collect();
        let writes = writes(random, keys, &model);
        let made = trie(&model).witness(reads.clone(), writes.clone());
        let witness = Witness::<GrayPaper>::decode(&made.encode()).unwrap();
        let verified = witness.verify(&root).unwrap();
        for key in &reads {
            let expected = model.get(key).map_or(Lookup::Absent, |value| Lookup::Value(value));
            assert_eq!(verified.get(key), expected);
        }
        let after = applied(&model, &writes);
        assert_eq!(verified.apply(writes.clone()), Ok(reference_root(&after)));
        emptied += usize::from(after.is_empty() && !model.is_empty());

        // Whatever else is asked is answered truly or not at all.
        let other = probe(random, keys, &model);
        match verified.get(&other) {
            Lookup::Value(value) => assert_eq!(model.get(&other).map(Vec::as_slice), Some(value)),
            Lookup::Absent => assert!(!model.contains_key(&other)),
            Lookup::NotCovered => {}
        }
        let others = self::writes(random, keys, &model);
        if let Ok(root) = verified.apply(others.clone()) {
            assert_eq!(root, reference_root(&applied(&model, &others)));
        }
        let mut other_root = root;
        other_root[random.below(32)] ^= 1 << random.below(8);
        assert!(witness.verify(&other_root).is_err());
    });
    assert!(emptied > 20, "states that are emptied: {emptied}");
}

/// INV-WI-01.
#[test]
fn order_and_repetition_do_not_matter() {
    cases(2, |random, keys| {
        let model = state(random, keys, 16);
        let mut reads: Vec<StateKey> = (0..4).map(|_| probe(random, keys, &model)).collect();
        let mut writes = writes(random, keys, &model);
        writes.sort();
        writes.dedup_by_key(|(key, _)| *key);
        let mut trie = trie(&model);
        let witness = trie.witness(reads.clone(), writes.clone());
        reads.reverse();
        reads.push(reads[0]);
        writes.reverse();
        assert_eq!(trie.witness(reads, writes), witness);
    });
}

#[test]
fn a_large_witness_finds_every_key() {
    let mut random = Random::new(1);
    for keys in [Keys::Uniform, Keys::Jam, Keys::Shared240] {
        let model: Model = (0..3000).map(|_| (keys.key(&mut random), random.value())).collect();
        let root = reference_root(&model);
        let reads: Vec<StateKey> = (0..2000).map(|_| probe(&mut random, keys, &model)).collect();
        let writes: Writes = (0..1000).map(|_| (probe(&mut random, keys, &model), None)).collect();
        let witness = trie(&model).witness(reads.clone(), writes.clone());
        let verified = witness.verify(&root).unwrap();
        for key in &reads {
            let expected = model.get(key).map_or(Lookup::Absent, |value| Lookup::Value(value));
            assert_eq!(verified.get(key), expected);
        }
        assert_eq!(verified.apply(writes.clone()), Ok(reference_root(&applied(&model, &writes))));
    }
}
