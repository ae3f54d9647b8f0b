//! Keys and node preimages for measurements: the same ones in every run.

use bmt_core::StateKey;

/// A stream of numbers from a seed (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug, Clone)]
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }

    /// A key with every bit random.
    pub(super) fn key(&mut self) -> StateKey {
        let mut bytes = [0; 31];
        self.fill(&mut bytes);
        StateKey::new(bytes)
    }

    /// 64 random bytes.
    pub(super) fn preimage(&mut self) -> [u8; 64] {
        let mut bytes = [0; 64];
        self.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    //! The stream is the published one, and does not change.

    use super::Numbers;

    #[test]
    fn the_first_numbers_of_seed_zero() {
        let mut numbers = Numbers::new(0);
        assert_eq!(numbers.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(numbers.next(), 0x6e78_9e6a_a1b9_65f4);
    }
}
