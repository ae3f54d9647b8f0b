//! Where everything lies in a table's file.

use super::CONTENT_BYTES;
use crate::units::{to_u32, to_u64};
use bmt_io::PAGE_SIZE;

/// The fewest buckets of a table, as a power of two.
pub(crate) const BITS_MIN: u32 = 4;
/// The most.
pub(crate) const BITS_MAX: u32 = 31;

/// The size of a table, from which all places follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    bits: u32,
}

impl Geometry {
    /// A table of 2^`bits` buckets; `None` outside the limits.
    pub(crate) const fn new(bits: u32) -> Option<Self> {
        if bits < BITS_MIN || bits > BITS_MAX { None } else { Some(Self { bits }) }
    }

    pub(crate) const fn bits(self) -> u32 {
        self.bits
    }

    pub(crate) const fn bucket_count(self) -> u64 {
        1 << self.bits
    }

    /// The last bucket, which is also the mask of bucket numbers.
    pub(crate) const fn mask(self) -> u32 {
        (1 << self.bits) - 1
    }

    /// Pages of the meta map.
    pub(crate) fn meta_page_count(self) -> u32 {
        to_u32(self.bucket_count().div_ceil(to_u64(CONTENT_BYTES)))
    }

    /// The meta page that describes a bucket.
    pub(crate) fn meta_page_of(bucket: u32) -> u32 {
        bucket / to_u32(to_u64(CONTENT_BYTES))
    }

    pub(crate) fn meta_page_offset(self, index: u32) -> u64 {
        page_offset(1 + u64::from(index))
    }

    pub(crate) fn area_offset(self, area: u32) -> u64 {
        let pages = u64::from(self.meta_page_count());
        page_offset(1 + pages + u64::from(area) * (1 + pages))
    }

    pub(crate) fn bucket_offset(self, bucket: u32) -> u64 {
        self.area_offset(2) + page_offset(u64::from(bucket))
    }

    pub(crate) fn file_bytes(self) -> u64 {
        self.area_offset(2) + page_offset(self.bucket_count())
    }
}

fn page_offset(page: u64) -> u64 {
    page * to_u64(PAGE_SIZE)
}
