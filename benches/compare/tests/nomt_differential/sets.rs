//! The random sets, changes and keys to prove.

use bmt_compare::workload::Random;
use std::collections::{BTreeMap, BTreeSet};

/// A key of nomt.
pub type Key = [u8; 32];
/// The entries of a state.
pub type Set = BTreeMap<Key, Vec<u8>>;
/// What is written, `None` for a deletion.
pub type Changes = BTreeMap<Key, Option<Vec<u8>>>;

/// How many keys the sets have.
pub const COUNTS: [usize; 6] = [0, 1, 2, 10, 1_000, 20_000];

/// How keys are spread.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// 32 random bytes.
    Uniform,
    /// 30 bytes that all keys have in common, and two random ones.
    SharedPrefix,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 2] = [Self::Uniform, Self::SharedPrefix];

    /// A random key.
    pub fn key(self, random: &mut Random) -> Key {
        let mut key = bytes(random);
        if let Self::SharedPrefix = self {
            key[..30].copy_from_slice(&bytes(&mut Random::new(240))[..30]);
        }
        key
    }

    /// A random set of so many entries.
    pub fn set(self, count: usize, random: &mut Random) -> Set {
        let mut set = Set::new();
        while set.len() < count {
            set.insert(self.key(random), value(random));
        }
        set
    }

    /// Random updates, deletions (a few of absent keys) and insertions, `count` of each at most.
    pub fn changes(self, set: &Set, count: usize, random: &mut Random) -> Changes {
        let mut changes = Changes::new();
        for _ in 0..count {
            if let Some(key) = present(set, random) {
                changes.insert(key, Some(value(random)));
            }
            if let Some(key) = present(set, random) {
                changes.insert(key, None);
            }
            let is_insertion = random.below(8) != 0;
            changes.insert(self.key(random), is_insertion.then(|| value(random)));
        }
        changes
    }

    /// Sorted keys to prove: present ones, ones that differ from a present one in one bit, ones of
    /// this shape, and ones that share nothing with the rest; up to `count` of each.
    pub fn asked(self, set: &Set, count: usize, random: &mut Random) -> Vec<Key> {
        let mut keys = BTreeSet::new();
        for _ in 0..count {
            keys.extend(present(set, random));
            keys.extend(present(set, random).map(|mut key| {
                let bit = random.below(256) as usize;
                key[bit / 8] ^= 0x80 >> (bit % 8);
                key
            }));
            keys.insert(self.key(random));
            keys.insert(bytes(random));
        }
        keys.into_iter().collect()
    }
}

/// Makes the changes.
pub fn apply(set: &mut Set, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => set.insert(*key, value.clone()),
            None => set.remove(key),
        };
    }
}

/// Some key of the set: the first one at or after a random place, wherever the keys are.
fn present(set: &Set, random: &mut Random) -> Option<Key> {
    let mut place = bytes(random);
    if let Some((first, _)) = set.first_key_value()
        && set.last_key_value().is_some_and(|(last, _)| last[..30] == first[..30])
    {
        place[..30].copy_from_slice(&first[..30]);
    }
    set.range(place..).chain(set).map(|(key, _)| *key).next()
}

/// Mostly short values, a few empty and a few of more than a page.
fn value(random: &mut Random) -> Vec<u8> {
    let length = match random.below(64) {
        0 => 0,
        1 => 2_000 + random.below(4_000),
        _ => 1 + random.below(100),
    };
    (0..length).map(|_| random.next() as u8).collect()
}

fn bytes(random: &mut Random) -> Key {
    let mut key = [0; 32];
    key.chunks_exact_mut(8).for_each(|word| word.copy_from_slice(&random.next().to_le_bytes()));
    key
}
