//! The sets of keys that tests draw from.

use crate::random::Random;
use bmt_beatree::Key;

/// A way to draw keys. The same number gives the same key, so that keys come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySet {
    /// All bits random.
    Uniform,
    /// As JAM interleaves them: a service number's bytes between hash bytes, one big service.
    Jam,
    /// Numbers counting up.
    Sequential,
    /// Neighbours: they differ in the last two bytes.
    Adjacent,
    /// 240 bits in common, and the last 16 random.
    LongPrefix,
    /// Clusters with common prefixes of many lengths.
    Clustered,
    /// All zeros, all ones, and keys near them.
    Extreme,
}

pub(crate) const ALL: [KeySet; 7] = [
    KeySet::Uniform,
    KeySet::Jam,
    KeySet::Sequential,
    KeySet::Adjacent,
    KeySet::LongPrefix,
    KeySet::Clustered,
    KeySet::Extreme,
];

impl KeySet {
    pub(crate) fn key(self, number: u64) -> Key {
        let mut random = Random(number ^ 0x6b65_7973);
        let mut key = random.key();
        match self {
            Self::Uniform => {}
            Self::Jam => {
                let service = if random.below(8) > 0 { 7 } else { random.next() % 50 };
                for (at, byte) in service.to_le_bytes()[..4].iter().enumerate() {
                    key[2 * at] = *byte;
                }
                key[31] = 0;
            }
            Self::Sequential => {
                key = [0; 32];
                key[..8].copy_from_slice(&number.to_be_bytes());
            }
            Self::Adjacent => {
                key = [0x5a; 32];
                key[30..].copy_from_slice(&u16::try_from(number % 50_000).unwrap().to_be_bytes());
            }
            Self::LongPrefix => key[..30].fill(0xc3),
            Self::Clustered => {
                let mut center = Random(number % 97);
                let share = center.below(32);
                key[..share].copy_from_slice(&center.bytes(share));
            }
            Self::Extreme => {
                let fill = if number.is_multiple_of(2) { 0 } else { 0xff };
                let at = random.below(32);
                let flips = random.below(4) > 0;
                let byte = if flips { key[at] } else { fill };
                key = [fill; 32];
                key[at] = byte;
            }
        }
        key
    }
}
