//! The root equals the reference trie's after every batch.

use crate::world::{Keys, Random, World, batch, steps};
use bmt_core::EMPTY_ROOT;

#[test]
fn the_root_is_the_reference_root_after_every_batch() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(u64::try_from(seed).unwrap());
        let mut world = World::new();
        for step in 0..steps(120) {
            let most = [1, 4, 60, 400, 1500][random.below(5)];
            let changes = batch(&mut random, keys, &world.leaves, most);
            world.commit(&changes);
            assert_eq!(world.version.root(), world.reference_root(), "{keys:?}, step {step}");
            assert_eq!(world.version.is_empty(), world.leaves.entries.is_empty());
        }
        let all = world.leaves.entries.keys().map(|key| (*key, None)).collect();
        world.commit(&all);
        assert_eq!(world.version.root(), EMPTY_ROOT);
    }
}
