//! Pseudo-random numbers: a 64-bit mixer, a generator, a permutation, and Zipf ranks.

/// Mixes all bits of a word; a bijection (the finalizer of SplitMix64).
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A SplitMix64 generator: the same seed gives the same workload on every engine.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// A generator with this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { state: mix(seed) }
    }

    /// The next 64 bits.
    pub const fn next(&mut self) -> u64 {
        let word = mix(self.state);
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        word
    }

    /// A number below `bound`, which is not 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        ((self.next() as u128 * bound as u128) >> 64) as u64
    }

    /// A number in 0..1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// A rank in `0..count`, 0 the likeliest, with probabilities about `1 / (rank + 1) ^ exponent`.
///
/// The inverse of the continuous distribution, so no table is needed; `exponent` is not 1.
pub fn zipf_rank(random: &mut Random, count: u64, exponent: f64) -> u64 {
    let power = 1.0 - exponent;
    let top = (count as f64 + 1.0).powf(power) - 1.0;
    let x = random.unit().mul_add(top, 1.0).powf(1.0 / power);
    (x as u64 - 1).min(count - 1)
}

/// The image of `position` under a fixed permutation of `0..count`: a Feistel network over the
/// next even power of two, walked until it falls into the range.
#[must_use]
pub fn permute(position: u64, count: u64) -> u64 {
    let half_bits = (64 - count.max(4).leading_zeros()).div_ceil(2);
    let mask = (1u64 << half_bits) - 1;
    let mut at = position;
    loop {
        let (mut left, mut right) = (at >> half_bits, at & mask);
        for round in 0..4u64 {
            (left, right) = (right, left ^ (mix(right ^ mix(round)) & mask));
        }
        at = (left << half_bits) | right;
        if at < count {
            return at;
        }
    }
}
