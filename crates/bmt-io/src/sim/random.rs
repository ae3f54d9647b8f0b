//! The simulated disk's only source of chance: a seeded generator.

/// SplitMix64: small, and the same on every machine.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; zero if that is zero.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % bound).unwrap_or_default()
    }

    pub(super) fn coin(&mut self) -> bool {
        self.next() & (1 << 32) != 0
    }

    /// True `eighths` times in eight.
    pub(super) fn chance(&mut self, eighths: u64) -> bool {
        (self.next() >> 32) % 8 < eighths
    }
}

/// How much that was not synced survives a power loss.
#[derive(Debug, Clone, Copy)]
pub(super) enum Survival {
    Nothing,
    Everything,
    /// So many eighths of the changes, and some of them in part.
    Some(u64),
}

impl Survival {
    /// The extremes are as likely as the middle: a crash just before a sync returns, or just after
    /// the last one did, is what most faults need.
    pub(super) fn choose(random: &mut Random) -> Self {
        match random.below(5) {
            0 => Self::Nothing,
            1 => Self::Everything,
            2 => Self::Some(1),
            3 => Self::Some(4),
            _ => Self::Some(7),
        }
    }

    /// Whether one change survives.
    pub(super) fn survives(self, random: &mut Random) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Some(eighths) => random.chance(eighths),
        }
    }

    /// Whether a change that survives does so only in part.
    pub(super) fn tears(self, random: &mut Random) -> bool {
        matches!(self, Self::Some(_)) && random.chance(3)
    }
}
