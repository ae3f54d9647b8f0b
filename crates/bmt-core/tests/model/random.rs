//! Seeded random states: uniform keys, JAM keys, keys that share 240 bits, dense and extreme ones.

use bmt_core::{GrayPaper, Hash, StateKey, Trie, reference};
use std::collections::BTreeMap;

pub(crate) type Model = BTreeMap<StateKey, Vec<u8>>;

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

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.next().to_le_bytes()[0])
    }

    /// A value on one of the sides of every border of length.
    pub(crate) fn value(&mut self) -> Vec<u8> {
        let length = *self.pick(&[0, 1, 5, 31, 32, 33, 64, 128, 129, 200]);
        let byte = self.next().to_le_bytes()[0];
        vec![byte; length]
    }
}

/// A family of keys that are drawn together.
#[derive(Clone, Copy)]
pub(crate) enum Keys {
    Uniform,
    Jam,
    Shared240,
    Dense,
}

impl Keys {
    /// The families in turn; those with deep forks cost the most, and a few of them do.
    const TURNS: [Self; 8] = [
        Self::Uniform,
        Self::Jam,
        Self::Dense,
        Self::Uniform,
        Self::Jam,
        Self::Shared240,
        Self::Dense,
        Self::Jam,
    ];

    pub(crate) fn key(self, random: &mut Random) -> StateKey {
        match self {
            Self::Uniform => StateKey::new(random.bytes()),
            Self::Jam => {
                let service = u32::try_from(random.below(3)).unwrap() * 0x0101;
                match random.below(8) {
                    0 => StateKey::component(u8::try_from(1 + random.below(16)).unwrap()),
                    1 => StateKey::service_component(255, service),
                    _ => StateKey::service_storage(service, &random.bytes::<1>()),
                }
            }
            Self::Shared240 => {
                let mut bytes = [0x5a; 31];
                bytes[30] = random.next().to_le_bytes()[0];
                StateKey::new(bytes)
            }
            Self::Dense => {
                let mut bytes = [*random.pick(&[0, 0xff, 0x5a]); 31];
                for _ in 0..random.below(3) {
                    // Deep forks cost hundreds of hashes each: a few are enough.
                    let bits = if random.one_in(16) { 248 } else { 20 };
                    let bit = random.below(bits);
                    bytes[bit / 8] ^= 0x80 >> (bit % 8);
                }
                StateKey::new(bytes)
            }
        }
    }
}

/// A state of up to `most` keys.
pub(crate) fn state(random: &mut Random, keys: Keys, most: usize) -> Model {
    let count = random.below(most + 1);
    (0..count).map(|_| (keys.key(random), random.value())).collect()
}

/// A key of the state, a neighbour of one, or any key of the family.
pub(crate) fn probe(random: &mut Random, keys: Keys, model: &Model) -> StateKey {
    if model.is_empty() || random.one_in(4) {
        return keys.key(random);
    }
    let at = random.below(model.len());
    let key = *model.keys().nth(at).unwrap();
    if random.one_in(2) {
        return key;
    }
    let (mut bytes, bit) = (key.to_bytes(), random.below(248));
    bytes[bit / 8] ^= 0x80 >> (bit % 8);
    StateKey::new(bytes)
}

pub(crate) fn trie(model: &Model) -> Trie<GrayPaper> {
    model.iter().map(|(key, value)| (*key, value.clone())).collect()
}

pub(crate) fn reference_root(model: &Model) -> Hash {
    let entries: Vec<_> = model.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}

/// Runs this test's share of the cases, each with a generator of its own.
pub(crate) fn cases(share_percent: u64, mut case: impl FnMut(&mut Random, Keys)) {
    let all: u64 = std::env::var("BMT_CASES").map_or(10_000, |text| text.parse().unwrap());
    for number in 0..all * share_percent / 100 {
        let mut random = Random::new(number);
        let keys = Keys::TURNS[usize::try_from(number % 8).unwrap()];
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            case(&mut random, keys);
        }));
        assert!(outcome.is_ok(), "case {number} failed");
    }
}
