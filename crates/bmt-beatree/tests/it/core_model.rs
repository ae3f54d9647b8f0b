//! Buffer, versions, flushes and reopenings against a sorted map, over all sets of keys.
//!
//! `BMT_STEPS=10000000 BMT_SEED=1 cargo test --release -p bmt-beatree --test it core_model` runs longer.

use crate::key_sets::{ALL, KeySet};
use crate::random::from_environment;
use crate::world::World;

/// Random work on one set of keys until so many changes were made.
fn run(seed: u64, set: KeySet, key_count: usize, values_are_long: bool, steps: u64) {
    let mut world = World::new(seed, set, key_count, values_are_long);
    while world.operation_count < steps {
        world.step();
    }
    world.check_all();
    world.reopen();
    world.check_all();
    world.check_integrity();
}

#[test]
fn a_tree_is_a_sorted_map() {
    let seed = from_environment("BMT_SEED", 1);
    let steps = from_environment("BMT_STEPS", 200_000) / 14;
    for set in ALL {
        run(seed, set, 20_000, false, steps);
        run(seed + 1, set, 2_000, true, steps);
    }
}

#[test]
fn ten_thousand_neighbours_go_into_one_leaf_at_once() {
    let mut world = World::new(3, KeySet::Adjacent, 50_000, false);
    for _ in 0..4 {
        world.commit_neighbours(10_000);
        world.flush(true);
        world.check_all();
        world.check_integrity();
    }
    world.delete_range();
    world.reopen();
    world.check_all();
}

#[test]
fn a_hundred_thousand_changes_go_into_one_leaf_at_once() {
    let mut world = World::new(5, KeySet::Uniform, 150_000, false);
    for count in [40, 100_000] {
        world.commit_neighbours(count);
        world.flush(true);
        world.check_all();
        world.check_integrity();
    }
    // At the end of the tree: all of them belong in the last leaf.
    let mut world = World::new(6, KeySet::Sequential, 150_000, true);
    world.commit_some(50);
    world.flush(true);
    world.commit_neighbours(100_000);
    world.reopen();
    world.check_all();
    world.check_integrity();
}
