//! Proofs and witnesses are those of the in-memory trie, byte for byte, also of uncommitted steps.

use crate::world::{Changes, Keys, Random, World, apply, as_changes, batch, steps};
use bmt_core::{GrayPaper, StateKey, Trie};
use bmt_merkle::StepId;

fn probe(random: &mut Random, keys: Keys, world: &World) -> StateKey {
    let count = world.leaves.entries.len();
    match count > 0 && !random.one_in(3) {
        true => *world.leaves.entries.keys().nth(random.below(count)).unwrap(),
        false => keys.key(random),
    }
}

#[test]
fn proofs_and_witnesses_are_those_of_the_in_memory_trie() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(500 + u64::try_from(seed).unwrap());
        let mut world = World::new();
        for _ in 0..steps(25) {
            let changes = batch(&mut random, keys, &world.leaves, 500);
            world.commit(&changes);
            let mut trie: Trie<GrayPaper> =
                world.leaves.entries.iter().map(|(key, value)| (*key, value.clone())).collect();
            assert_eq!(trie.root(), world.version.root());
            let view = world.merkle.view(&world.version, &world.pages, &world.leaves);
            let probes: Vec<StateKey> = (0..20).map(|_| probe(&mut random, keys, &world)).collect();
            for key in &probes {
                assert_eq!(view.prove(key).unwrap(), trie.prove(key));
            }
            assert_eq!(view.prove_many(probes.clone()).unwrap(), trie.prove_many(probes.clone()));
            let writes: Changes = batch(&mut random, keys, &world.leaves, 30);
            let writes: Vec<_> =
                writes.iter().map(|(key, value)| (*key, value.as_deref())).collect();
            let witness = view.witness(probes.clone(), writes.clone()).unwrap();
            assert_eq!(witness, trie.witness(probes, writes));
        }
    }
}

#[test]
fn steps_stand_on_steps_and_forks_do_not_see_each_other() {
    let mut random = Random::new(7);
    let mut world = World::new();
    world.commit(&batch(&mut random, Keys::JamManyServices, &world.leaves, 2000));
    let mut tips = vec![(world.version.clone(), world.leaves.clone())];
    for counter in 0..30 {
        let (base, leaves) = tips[random.below(tips.len())].clone();
        let changes = batch(&mut random, Keys::JamManyServices, &leaves, 200);
        let birth = StepId { generation: 9, counter };
        let list = as_changes(&changes);
        let step = world.merkle.update(&base, birth, &list, &world.pages, &leaves).unwrap();
        let mut after = leaves.clone();
        apply(&mut after, &changes);
        tips.push((step.version, after));
    }
    for (version, leaves) in &tips {
        assert_eq!(version.root(), crate::world::reference_root(leaves));
        let view = world.merkle.view(version, &world.pages, leaves);
        let mut trie: Trie<GrayPaper> =
            leaves.entries.iter().map(|(key, value)| (*key, value.clone())).collect();
        let reads: Vec<StateKey> = leaves.entries.keys().step_by(97).copied().collect();
        let writes: Changes = batch(&mut random, Keys::JamManyServices, leaves, 20);
        let writes: Vec<_> = writes.iter().map(|(key, value)| (*key, value.as_deref())).collect();
        let witness = view.witness(reads.clone(), writes.clone()).unwrap();
        assert_eq!(witness, trie.witness(reads.clone(), writes));
        for key in &reads {
            let proof = view.prove(key).unwrap();
            proof.verify_present(&version.root(), key, &leaves.entries[key]).unwrap();
        }
    }
}
