//! Every step between any two states of a few entries, among them light and heavy ones: entries that
//! join and part, a branch and a lone leaf that stay as the only child after a deletion.

use crate::frontier::frontier;
use crate::world::{Changes, World, as_changes};
use bmt_core::{EMPTY_ROOT, StateKey};
use bmt_merkle::StepId;

/// First byte of each key, and the length of its value: subtries weigh at most 600.
const ENTRIES: [(u8, usize); 7] = [
    (0b0000_0000, 100),
    (0b0000_0001, 200),
    (0b0000_1000, 250),
    (0b0001_0000, 500),
    (0b0111_0000, 10),
    (0b1000_0000, 700),
    (0b1000_0001, 250),
];

fn state(mask: u32) -> Changes {
    let is_in = |at: &usize| mask >> at & 1 != 0;
    let entry = |at: usize| {
        let (head, length) = ENTRIES[at];
        let mut key = [0; 31];
        key[0] = head;
        (StateKey::new(key), Some(vec![head; length]))
    };
    (0..ENTRIES.len()).filter(is_in).map(entry).collect()
}

#[test]
fn every_step_between_two_states() {
    let worlds: Vec<World> = (0..1 << ENTRIES.len())
        .map(|mask| {
            let mut world = World::new();
            world.commit(&state(mask));
            world
        })
        .collect();
    let merkle = &worlds[0].merkle;
    let frontiers: Vec<_> = worlds.iter().map(|world| frontier(world, &world.version)).collect();
    for (from, base) in worlds.iter().enumerate() {
        for (to, goal) in worlds.iter().enumerate() {
            let mut changes = state(u32::try_from(to).unwrap());
            for key in base.leaves.entries.keys() {
                changes.entry(*key).or_insert(None);
            }
            let birth = StepId { generation: 2, counter: 1 };
            let list = as_changes(&changes);
            let step =
                merkle.update(&base.version, birth, &list, &base.pages, &base.leaves).unwrap();
            assert_eq!(step.version.root(), goal.version.root(), "{from:b} to {to:b}");
            assert_eq!(frontier(base, &step.version), frontiers[to], "{from:b} to {to:b}");
            let recorded = &step.frontier_changes;
            let again = merkle.apply_frontier(&base.version, birth, recorded, &base.pages).unwrap();
            assert_eq!(again.version.root(), goal.version.root(), "{from:b} to {to:b}");
        }
    }
    assert_eq!(worlds[0].version.root(), EMPTY_ROOT);
    // Some of these states have several entries in the frontier.
    assert!(frontiers.iter().any(|entries| entries.len() > 3));
}
