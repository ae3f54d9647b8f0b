//! A small deterministic generator, and bytes and ids that follow from numbers.

use bmt_bitbox::PageId;

/// SplitMix64.
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// An id that follows from a number.
pub(crate) fn id_of(number: u64) -> PageId {
    let mut id = [0xa5; 32];
    id[..8].copy_from_slice(&number.to_le_bytes());
    id
}

/// A payload that follows from a number: equal numbers, equal bytes.
pub(crate) fn payload_of(number: u64) -> Vec<u8> {
    let mut random = Random(number);
    let len = match random.below(8) {
        0 => 0,
        1 => 4032,
        _ => usize::try_from(random.below(200)).unwrap(),
    };
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}
