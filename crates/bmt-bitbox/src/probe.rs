//! Where a page lies: the hash of its id, and the path of buckets that a search follows.

use crate::PageId;
use crate::format::geometry::Geometry;
use crate::format::meta::LIVE;
use crate::units::to_u32;
use bmt_io::checksum;

/// The hash of an id: its tag and its home in tables of every size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint(u64);

impl Fingerprint {
    pub(crate) fn of(salt: u64, id: &PageId) -> Self {
        Self(checksum(salt, id))
    }

    /// The meta byte of a live bucket with this id.
    pub(crate) fn meta_byte(self) -> u8 {
        self.0.to_le_bytes()[0] | LIVE
    }

    /// The bucket where the search begins. Homes in two tables have the same order, so that pages
    /// that are copied in order are written in order.
    pub(crate) fn home(self, geometry: Geometry) -> u32 {
        to_u32(self.0 >> (u64::BITS - geometry.bits()))
    }
}

/// The path of a search: home, and then steps of 1, 2, 3, ... buckets, each bucket once.
///
/// That triangular numbers meet every residue of a power of two: Knuth, The Art of Computer
/// Programming, volume 3, section 6.4, exercise 20.
#[derive(Debug, Clone)]
pub(crate) struct Path {
    at: u32,
    /// Buckets that the path has given.
    step: u32,
    mask: u32,
}

impl Path {
    pub(crate) fn new(fingerprint: Fingerprint, geometry: Geometry) -> Self {
        Self { at: fingerprint.home(geometry), step: 0, mask: geometry.mask() }
    }

    /// Buckets that the path has given.
    pub(crate) fn probe_count(&self) -> u32 {
        self.step
    }
}

impl Iterator for Path {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.step > self.mask {
            return None;
        }
        let bucket = self.at;
        self.step += 1;
        self.at = bucket.wrapping_add(self.step) & self.mask;
        Some(bucket)
    }
}

#[cfg(test)]
mod tests;
