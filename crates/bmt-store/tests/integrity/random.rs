//! Random changes, the same for a seed everywhere.

use bmt_core::{GrayPaper, Scheme, StateKey};

/// A splitmix64 generator: the same numbers everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn key(&mut self) -> StateKey {
        let hash = GrayPaper::hash_value(&self.below(4000).to_le_bytes());
        let mut key: [u8; 31] = std::array::from_fn(|at| hash[at]);
        if self.below(4) == 0 {
            key[..6].fill(0x55);
        }
        StateKey::new(key)
    }

    /// A change: a deletion now and then, and values of all the lengths that lie differently.
    pub(crate) fn value(&mut self) -> Option<Vec<u8>> {
        let len = match self.below(40) {
            0..8 => return None,
            8 => 6000,
            9 => 1400,
            10..14 => 300,
            _ => self.below(60),
        };
        Some(vec![u8::try_from(self.below(256)).unwrap(); usize::try_from(len).unwrap()])
    }

    pub(crate) fn changes(&mut self) -> Vec<(StateKey, Option<Vec<u8>>)> {
        let count = match self.below(10) {
            0 => 600,
            1 => 0,
            _ => self.below(40),
        };
        (0..count).map(|_| (self.key(), self.value())).collect()
    }
}

/// A number that the environment may set.
pub(crate) fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}
