//! A trie over maps, its model, and seeded random changes over several families of keys.

use bmt_core::{GrayPaper, Hash, StateKey, reference};
use bmt_merkle::memory::{MemoryLeaves, MemoryPages};
use bmt_merkle::{Change, Merkle, MerkleOptions, NewValue, Shape, Step, StepId, Version};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A small generator (SplitMix64): a test must give the same cases on every machine.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5851_f42d_4c95_7f2d)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[0])
    }
}

/// A family of keys that are drawn together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keys {
    Uniform,
    JamOneService,
    JamManyServices,
    Sequential,
    Shared240,
}

impl Keys {
    pub(crate) const ALL: [Self; 5] = [
        Self::Uniform,
        Self::JamOneService,
        Self::JamManyServices,
        Self::Sequential,
        Self::Shared240,
    ];

    pub(crate) fn key(self, random: &mut Random) -> StateKey {
        match self {
            Self::Uniform => StateKey::new(random.bytes()),
            Self::JamOneService => Self::jam(random, 0x0102_0304),
            Self::JamManyServices => {
                let service = u32::try_from(random.below(1000)).unwrap();
                Self::jam(random, service.wrapping_mul(0x9e37_79b9))
            }
            Self::Sequential => {
                let mut bytes = [0; 31];
                let number = u32::try_from(random.below(20_000)).unwrap();
                bytes[..4].copy_from_slice(&number.to_be_bytes());
                StateKey::new(bytes)
            }
            Self::Shared240 => {
                let mut bytes = [0x5a; 31];
                bytes[30] = random.next().to_le_bytes()[0];
                StateKey::new(bytes)
            }
        }
    }

    fn jam(random: &mut Random, service: u32) -> StateKey {
        match random.below(20) {
            0 => StateKey::component(u8::try_from(1 + random.below(16)).unwrap()),
            1 => StateKey::service_component(255, service),
            _ => StateKey::service_storage(service, &random.bytes::<2>()),
        }
    }
}

/// The weight that tests use: an upper bound of a leaf cell.
pub(crate) fn weight(value_len: usize) -> u32 {
    if value_len > 1280 { 82 } else { 34 + u32::try_from(value_len).unwrap() }
}

pub(crate) type Changes = BTreeMap<StateKey, Option<Vec<u8>>>;

/// A trie over maps.
pub(crate) struct World {
    pub(crate) merkle: Merkle<GrayPaper>,
    pub(crate) version: Version<GrayPaper>,
    pub(crate) pages: MemoryPages,
    pub(crate) leaves: MemoryLeaves<StateKey>,
    pub(crate) steps: u64,
}

pub(crate) const WEIGHT_MAX: u32 = 600;

impl World {
    pub(crate) fn new() -> Self {
        Self::with_options(MerkleOptions::default())
    }

    pub(crate) fn with_options(options: MerkleOptions) -> Self {
        let merkle = Merkle::new(Shape::new(7, WEIGHT_MAX, weight), options).unwrap();
        let version = merkle.empty();
        let (pages, leaves) = (MemoryPages::default(), MemoryLeaves::default());
        Self { merkle, version, pages, leaves, steps: 0 }
    }

    pub(crate) fn birth(&mut self) -> StepId {
        self.steps += 1;
        StepId { generation: 1, counter: self.steps }
    }

    /// The step that the changes make, on a version that is the newest one.
    pub(crate) fn prepare(&mut self, changes: &Changes) -> Step<GrayPaper> {
        let birth = self.birth();
        let changes = as_changes(changes);
        self.merkle.update(&self.version, birth, &changes, &self.pages, &self.leaves).unwrap()
    }

    /// Makes the changes, in leaves and trie.
    pub(crate) fn commit(&mut self, changes: &Changes) -> Step<GrayPaper> {
        let step = self.prepare(changes);
        self.version = step.version.clone();
        apply(&mut self.leaves, changes);
        step
    }

    pub(crate) fn reference_root(&self) -> Hash {
        reference_root(&self.leaves)
    }
}

pub(crate) fn apply(leaves: &mut MemoryLeaves<StateKey>, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => leaves.entries.insert(*key, Arc::from(value.as_slice())),
            None => leaves.entries.remove(key),
        };
    }
}

pub(crate) fn as_changes(changes: &Changes) -> Vec<Change<'_, StateKey>> {
    changes
        .iter()
        .map(|(key, value)| Change { key: *key, value: value.as_deref().map(NewValue::of) })
        .collect()
}

pub(crate) fn reference_root(leaves: &MemoryLeaves<StateKey>) -> Hash {
    let entries: Vec<_> = leaves.entries.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}

/// A value on one of the sides of every border of length, or heavier than a bottom subtrie.
pub(crate) fn value(random: &mut Random) -> Vec<u8> {
    const LENGTHS: [usize; 12] = [0, 1, 5, 31, 32, 33, 64, 128, 129, 200, 700, 2000];
    let length = match random.one_in(4) {
        true => LENGTHS[random.below(LENGTHS.len())],
        false => 32,
    };
    vec![random.next().to_le_bytes()[0]; length]
}

/// A batch of random changes of a state: inserts, updates, deletes, whole subtries emptied.
pub(crate) fn batch(
    random: &mut Random,
    keys: Keys,
    leaves: &MemoryLeaves<StateKey>,
    most: usize,
) -> Changes {
    let existing: Vec<StateKey> = leaves.entries.keys().copied().collect();
    let mut changes = Changes::new();
    // Some batches mostly insert, others mostly delete.
    let delete_percent = [10, 10, 30, 60, 90][random.below(5)];
    for _ in 0..1 + random.below(most) {
        let deletes = random.below(100) < delete_percent;
        let key = match existing.len() {
            0 => keys.key(random),
            count if deletes || random.one_in(3) => existing[random.below(count)],
            _ => keys.key(random),
        };
        changes.insert(key, (!deletes).then(|| value(random)));
    }
    if random.one_in(10) && !existing.is_empty() {
        // A whole range goes; now and then everything.
        let from = random.below(existing.len());
        let range = if random.one_in(6) { &existing[..] } else { &existing[from..] };
        let keep = random.below(3);
        let count = if random.one_in(3) { range.len() } else { random.below(range.len()) };
        changes.extend(range[..count].iter().skip(keep).map(|key| (*key, None)));
    }
    changes
}

/// Steps that a test makes: BMT_STEPS times its share, or so many by default.
pub(crate) fn steps(default: usize) -> usize {
    std::env::var("BMT_STEPS").map_or(default, |text| text.parse().unwrap())
}
