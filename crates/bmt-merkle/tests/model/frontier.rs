//! The frontier is a function of the state, whatever the history; its recorded changes suffice to
//! follow it without leaves.

use crate::world::{Changes, Keys, Random, World, as_changes, batch, steps};
use bmt_core::{GrayPaper, StateKey};
use bmt_merkle::{FrontierEntry, PageStats, StepId, Version, decode_changes, encode_changes};

pub(crate) fn frontier(
    world: &World,
    version: &Version<GrayPaper>,
) -> Vec<FrontierEntry<StateKey>> {
    let mut entries = Vec::new();
    world
        .merkle
        .for_each_frontier_entry(version, &world.pages, |entry| entries.push(entry))
        .unwrap();
    entries
}

/// The same state in one batch.
pub(crate) fn from_scratch(world: &World) -> World {
    let mut fresh = World::new();
    let all: Changes =
        world.leaves.entries.iter().map(|(key, value)| (*key, Some(value.to_vec()))).collect();
    fresh.commit(&all);
    fresh
}

fn assert_pages(world: &World, what: &str) -> PageStats {
    let stats = world.merkle.page_stats(&world.version, &world.pages).unwrap();
    if let Some(least) = stats.items_bytes_min {
        assert!(4 * least >= PageStats::ITEMS_BYTES_MAX, "{what}: a page of {least} bytes");
    }
    stats
}

#[test]
fn after_any_history_frontier_and_page_count_are_those_of_the_state() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(100 + u64::try_from(seed).unwrap());
        let mut world = World::new();
        for step in 0..steps(60) {
            let changes = batch(&mut random, keys, &world.leaves, 3000);
            world.commit(&changes);
            let fresh = from_scratch(&world);
            let what = format!("{keys:?}, step {step}");
            assert_eq!(
                frontier(&world, &world.version),
                frontier(&fresh, &fresh.version),
                "{what}"
            );
            let (old, new) = (assert_pages(&world, &what), assert_pages(&fresh, &what));
            let (more, fewer) =
                (old.page_count.max(new.page_count), old.page_count.min(new.page_count));
            // A quarter and one page: of a page or two a quarter is nothing. Tries of many pages have no such
            // slack: `counts`.
            assert!(4 * more <= 5 * fewer + 4, "{what}: {old:?}, from scratch {new:?}");
        }
    }
}

#[test]
fn recorded_changes_give_the_same_version_without_leaves() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(200 + u64::try_from(seed).unwrap());
        let mut world = World::new();
        let mut follower = world.merkle.empty();
        for step in 0..steps(60) {
            let changes = batch(&mut random, keys, &world.leaves, 1000);
            let made = world.commit(&changes);
            let bytes = encode_changes(&made.frontier_changes);
            let recorded = decode_changes::<StateKey>(&bytes).unwrap();
            assert_eq!(recorded, made.frontier_changes);
            let birth = StepId { generation: 2, counter: world.steps };
            let replayed =
                world.merkle.apply_frontier(&follower, birth, &recorded, &world.pages).unwrap();
            follower = replayed.version;
            assert_eq!(follower.root(), world.version.root(), "{keys:?}, step {step}");
            assert_eq!(replayed.frontier_changes, recorded);
            assert_eq!(frontier(&world, &follower), frontier(&world, &world.version));
        }
    }
}

#[test]
fn recorded_changes_of_many_steps_give_the_last_version() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(250 + u64::try_from(seed).unwrap());
        let mut world = World::new();
        let mut follower = world.merkle.empty();
        let mut recorded = Vec::new();
        for step in 0..steps(60) {
            // Few keys at a time, so that entries come and go.
            let size = if step % 3 == 0 { 600 } else { 40 };
            let changes = batch(&mut random, keys, &world.leaves, size);
            recorded.extend(world.commit(&changes).frontier_changes);
            if random.below(5) > 0 {
                continue;
            }
            let birth = StepId { generation: 3, counter: world.steps };
            let changes = std::mem::take(&mut recorded);
            let replayed =
                world.merkle.apply_frontiers(&follower, birth, changes, &world.pages).unwrap();
            follower = replayed.version;
            assert_eq!(follower.root(), world.version.root(), "{keys:?}, step {step}");
            assert_eq!(frontier(&world, &follower), frontier(&world, &world.version));
        }
    }
}

#[test]
fn any_split_of_a_batch_gives_the_same_root_and_frontier() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(300 + u64::try_from(seed).unwrap());
        let (mut whole, mut parts) = (World::new(), World::new());
        for _ in 0..steps(25) {
            let changes = batch(&mut random, keys, &whole.leaves, 500);
            whole.commit(&changes);
            let mut rest: Vec<_> = changes.into_iter().collect();
            while !rest.is_empty() {
                // Any keys of the batch, not only neighbours.
                let count = 1 + random.below(rest.len());
                let part = (0..count).map(|_| rest.swap_remove(random.below(rest.len()))).collect();
                parts.commit(&part);
            }
            assert_eq!(whole.version.root(), parts.version.root());
            assert_eq!(frontier(&whole, &whole.version), frontier(&parts, &parts.version));
        }
    }
}

#[test]
fn a_batch_that_changes_nothing_gives_the_base_again() {
    let mut random = Random::new(1);
    let mut world = World::new();
    world.commit(&batch(&mut random, Keys::Uniform, &world.leaves, 400));
    let mut same: Changes =
        world.leaves.entries.iter().map(|(key, value)| (*key, Some(value.to_vec()))).collect();
    same.insert(StateKey::MIN, None);
    let changes = as_changes(&same);
    let birth = StepId { generation: 1, counter: 99 };
    let step =
        world.merkle.update(&world.version, birth, &changes, &world.pages, &world.leaves).unwrap();
    assert!(step.frontier_changes.is_empty() && step.new_pages.is_empty());
    assert_eq!(step.version.root_page().birth(), world.version.root_page().birth());
}
