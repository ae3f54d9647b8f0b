//! The root equals the reference trie's after every batch.
//!
//! `BMT_OPERATIONS=10000000 cargo test --release -p bmt-merkle --test model roots` makes ten million random
//! changes, a fifth of them in each family of keys.

use crate::world::{Keys, Random, World, batch};
use bmt_core::EMPTY_ROOT;

/// Changes in all.
fn operations() -> usize {
    std::env::var("BMT_OPERATIONS").map_or(100_000, |text| text.parse().unwrap())
}

#[test]
fn the_root_is_the_reference_root_after_every_batch() {
    let share = operations() / Keys::ALL.len();
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(u64::try_from(seed).unwrap());
        let mut world = World::new();
        let (mut done, mut batches) = (0, 0);
        while done < share {
            let most = [1, 4, 60, 400, 1500][random.below(5)];
            let changes = batch(&mut random, keys, &world.leaves, most);
            world.commit(&changes);
            assert_eq!(world.version.root(), world.reference_root(), "{keys:?}, batch {batches}");
            assert_eq!(world.version.is_empty(), world.leaves.entries.is_empty());
            done += changes.len();
            batches += 1;
        }
        let all = world.leaves.entries.keys().map(|key| (*key, None)).collect();
        world.commit(&all);
        assert_eq!(world.version.root(), EMPTY_ROOT, "{keys:?}");
    }
}
