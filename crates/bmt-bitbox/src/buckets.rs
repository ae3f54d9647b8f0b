//! The buckets of one table in memory: the meta map, and what holds buckets that are not live.

use crate::format::CONTENT_BYTES;
use crate::format::geometry::Geometry;
use crate::format::meta::{EMPTY, TOMBSTONE, is_live};
use crate::pins::Pins;
use crate::probe::{Fingerprint, Path};
use crate::units::{index, to_u64};
use std::collections::{HashMap, HashSet};

/// An image that was replaced and that a pin may still need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Retired {
    meta_byte: u8,
    /// The batch since which it was live.
    born: u64,
    /// The batch that replaced it.
    died: u64,
}

/// The buckets of one table.
///
/// The map is what the record in force says, byte for byte. Buckets that are not live and yet not free
/// are kept beside it: for batches and copies in progress, and for pins.
#[derive(Debug)]
pub(crate) struct Buckets {
    geometry: Geometry,
    /// One byte a bucket, filled up with zeros to whole meta pages.
    map: Vec<u8>,
    live_count: u64,
    tombstone_count: u64,
    reserved: HashSet<u32>,
    /// Empty buckets that were reserved since the last batch. Other pages may have been sent past them, so
    /// that they must not be empty any more when those go live (INV-BB-06).
    passed: HashSet<u32>,
    retired: HashMap<u32, Retired>,
    /// Live buckets that the oldest pins must not see, with the batch since which they are live.
    born: HashMap<u32, u64>,
}

impl Buckets {
    /// An empty table.
    pub(crate) fn new(geometry: Geometry) -> Self {
        let len = index(geometry.meta_page_count()) * CONTENT_BYTES;
        Self::from_map(geometry, vec![EMPTY; len])
    }

    /// A table with this map, whose bytes are valid.
    ///
    /// # Panics
    /// When the map is not as long as the table's meta pages.
    pub(crate) fn from_map(geometry: Geometry, map: Vec<u8>) -> Self {
        assert_eq!(map.len(), index(geometry.meta_page_count()) * CONTENT_BYTES);
        let count = |of: fn(u8) -> bool| to_u64(map.iter().filter(|byte| of(**byte)).count());
        Self {
            geometry,
            live_count: count(is_live),
            tombstone_count: count(|byte| byte == TOMBSTONE),
            map,
            reserved: HashSet::new(),
            passed: HashSet::new(),
            retired: HashMap::new(),
            born: HashMap::new(),
        }
    }

    pub(crate) fn geometry(&self) -> Geometry {
        self.geometry
    }

    pub(crate) fn live_count(&self) -> u64 {
        self.live_count
    }

    pub(crate) fn tombstone_count(&self) -> u64 {
        self.tombstone_count
    }

    pub(crate) fn empty_count(&self) -> u64 {
        self.geometry.bucket_count() - self.live_count - self.tombstone_count
    }

    pub(crate) fn pinned_count(&self) -> u64 {
        to_u64(self.retired.len())
    }

    pub(crate) fn reserved_count(&self) -> u64 {
        to_u64(self.reserved.len())
    }

    /// Bytes of memory, without the allocator's.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let of_map = self.map.capacity();
        let of_reserved = (self.reserved.capacity() + self.passed.capacity()) * 5;
        let of_retired = self.retired.capacity() * (size_of::<(u32, Retired)>() + 1);
        let of_born = self.born.capacity() * (size_of::<(u32, u64)>() + 1);
        to_u64(of_map + of_reserved + of_retired + of_born)
    }

    pub(crate) fn byte(&self, bucket: u32) -> u8 {
        self.map[index(bucket)]
    }

    pub(crate) fn is_live(&self, bucket: u32) -> bool {
        is_live(self.byte(bucket))
    }

    /// The meta bytes of one meta page.
    pub(crate) fn page(&self, page: u32) -> &[u8] {
        let from = index(page) * CONTENT_BYTES;
        &self.map[from..from + CONTENT_BYTES]
    }

    /// The live buckets from `from` on, in order.
    pub(crate) fn live_from(&self, from: u32) -> impl Iterator<Item = u32> {
        (from..=self.geometry.mask()).filter(|bucket| self.is_live(*bucket))
    }

    /// Goes on along `path` to the next bucket that may hold the page as batch `view` sees it.
    pub(crate) fn next_match(&self, path: &mut Path, meta_byte: u8, view: u64) -> Option<u32> {
        for bucket in path {
            match self.byte(bucket) {
                EMPTY => return None,
                TOMBSTONE if !self.retired.is_empty() => {
                    let is_seen = |it: &&Retired| {
                        it.meta_byte == meta_byte && it.born <= view && view < it.died
                    };
                    if self.retired.get(&bucket).filter(is_seen).is_some() {
                        return Some(bucket);
                    }
                }
                byte if byte == meta_byte && self.born_of(bucket) <= view => return Some(bucket),
                _ => {}
            }
        }
        None
    }

    /// The batch since which a live bucket is live, as far as some pin must know.
    pub(crate) fn born_of(&self, bucket: u32) -> u64 {
        match self.born.is_empty() {
            true => 0,
            false => self.born.get(&bucket).copied().unwrap_or(0),
        }
    }

    /// Takes the first free bucket of the path, which is then reserved (INV-BB-01). `also_free` are
    /// taken for free whatever they are. `None` when no bucket is free.
    pub(crate) fn reserve(
        &mut self,
        fingerprint: Fingerprint,
        also_free: &HashSet<u32>,
    ) -> Option<u32> {
        let is_free = |bucket: &u32| {
            !self.reserved.contains(bucket)
                && (also_free.contains(bucket)
                    || (!self.is_live(*bucket) && !self.retired.contains_key(bucket)))
        };
        let bucket = Path::new(fingerprint, self.geometry).find(is_free)?;
        self.reserved.insert(bucket);
        if self.byte(bucket) == EMPTY {
            self.passed.insert(bucket);
        }
        Some(bucket)
    }

    /// Frees a bucket that was reserved.
    pub(crate) fn release(&mut self, bucket: u32) {
        self.reserved.remove(&bucket);
    }

    /// The empty buckets that must become tombstones with the next batch, unless it fills them.
    pub(crate) fn passed(&self) -> impl Iterator<Item = u32> {
        self.passed.iter().copied()
    }

    /// Makes an empty bucket a tombstone.
    pub(crate) fn pass(&mut self, bucket: u32) {
        if self.byte(bucket) == EMPTY {
            self.set(bucket, TOMBSTONE);
        }
        self.passed.remove(&bucket);
    }

    /// Forgets reservations that came to nothing, when nothing is reserved that could depend on them.
    pub(crate) fn forget_passed(&mut self) {
        assert!(self.reserved.is_empty(), "INV-BB-06: nothing on its way passes an empty bucket");
        self.passed = HashSet::new();
    }

    /// Makes a reserved bucket live, since batch `born` as far as pins are concerned.
    pub(crate) fn fill(&mut self, bucket: u32, meta_byte: u8, born: u64, pins: &Pins) {
        self.reserved.remove(&bucket);
        self.passed.remove(&bucket);
        let old = self.set(bucket, meta_byte);
        assert!(!is_live(old), "INV-BB-01: bucket {bucket} is live");
        if pins.oldest().is_some_and(|oldest| oldest < born) {
            self.born.insert(bucket, born);
        }
    }

    /// Takes out a live bucket whose page is live elsewhere now.
    pub(crate) fn leave(&mut self, bucket: u32) {
        let old = self.set(bucket, TOMBSTONE);
        assert!(is_live(old), "bucket {bucket} that a copy leaves is live");
        self.born.remove(&bucket);
    }

    /// Takes out a live bucket whose page was replaced or deleted in batch `died`; it stays occupied
    /// while a pin needs it.
    pub(crate) fn retire(&mut self, bucket: u32, died: u64, pins: &Pins) {
        let born = self.born_of(bucket);
        let meta_byte = self.byte(bucket);
        self.leave(bucket);
        if pins.needs(born, died) {
            self.retired.insert(bucket, Retired { meta_byte, born, died });
        }
    }

    /// Forgets what no pin needs any more.
    pub(crate) fn collect(&mut self, pins: &Pins) {
        self.retired.retain(|_, it| pins.needs(it.born, it.died));
        match pins.oldest() {
            None => self.born.clear(),
            Some(oldest) => self.born.retain(|_, born| oldest < *born),
        }
        if self.retired.is_empty() {
            self.retired.shrink_to_fit();
        }
        if self.born.is_empty() {
            self.born.shrink_to_fit();
        }
    }

    fn set(&mut self, bucket: u32, byte: u8) -> u8 {
        let old = core::mem::replace(&mut self.map[index(bucket)], byte);
        self.live_count -= u64::from(is_live(old));
        self.live_count += u64::from(is_live(byte));
        self.tombstone_count -= u64::from(old == TOMBSTONE);
        self.tombstone_count += u64::from(byte == TOMBSTONE);
        old
    }
}

#[cfg(test)]
mod tests;
