//! Reading the leaves of touched bottom subtries, and applying the changes to them.

use super::locate::Region;
use crate::bits::{Prefix, compare};
use crate::change::{Change, NewValue};
use crate::error::MerkleError;
use crate::shape::Shape;
use crate::source::{Fetched, LeafEntry, LeafSource};
use bmt_core::{Key, LeafValue, Scheme};
use std::ops::Range;

/// The new leaves of some regions, flat.
#[derive(Debug)]
pub(crate) struct Leaves<S: Scheme> {
    pub(crate) keys: Vec<S::Key>,
    pub(crate) weights: Vec<u32>,
    pub(crate) preimages: Vec<[u8; 64]>,
    /// Leaves whose values are still to be hashed, and where these are in `values`.
    pub(crate) unhashed: Vec<(usize, Range<usize>)>,
    pub(crate) values: Vec<u8>,
    /// Where the leaves of each region end.
    pub(crate) ends: Vec<usize>,
}

impl<S: Scheme> Leaves<S> {
    fn with_capacity(count: usize) -> Self {
        Self {
            keys: Vec::with_capacity(count),
            weights: Vec::with_capacity(count),
            preimages: Vec::with_capacity(count),
            unhashed: Vec::new(),
            values: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Some of the leaves, as those of one region.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        let from = self.unhashed.partition_point(|(leaf, _)| *leaf < range.start);
        let to = self.unhashed.partition_point(|(leaf, _)| *leaf < range.end);
        let unhashed = &self.unhashed[from..to];
        let first_byte = unhashed.first().map_or(0, |(_, bytes)| bytes.start);
        let end_byte = unhashed.last().map_or(0, |(_, bytes)| bytes.end);
        let moved = |(leaf, bytes): &(usize, Range<usize>)| {
            (leaf - range.start, bytes.start - first_byte..bytes.end - first_byte)
        };
        Self {
            keys: self.keys[range.clone()].to_vec(),
            weights: self.weights[range.clone()].to_vec(),
            preimages: self.preimages[range.clone()].to_vec(),
            unhashed: unhashed.iter().map(moved).collect(),
            values: self.values[first_byte..end_byte].to_vec(),
            ends: vec![range.len()],
        }
    }

    fn push(&mut self, shape: &Shape, key: &S::Key, len: usize, value: LeafValue<'_>) {
        let preimage = match value {
            LeafValue::Bytes(bytes) if S::value_is_hashed(len) => {
                let from = self.values.len();
                self.values.extend_from_slice(bytes);
                self.unhashed.push((self.keys.len(), from..self.values.len()));
                [0; 64]
            }
            value => S::leaf_preimage(key, value),
        };
        self.keys.push(*key);
        self.weights.push(shape.weight(len));
        self.preimages.push(preimage);
    }
}

/// The leaves of `regions` after the changes. One batch of reads.
pub(crate) fn read<S: Scheme, L: LeafSource<S::Key>>(
    shape: &Shape,
    source: &L,
    regions: &[Region<S::Key>],
    changes: &[Change<'_, S::Key>],
) -> Result<Leaves<S>, MerkleError> {
    let fetched = fetch::<S, L>(source, regions)?;
    merge::<S>(shape, fetched, regions, changes)
}

/// What is stored under `regions`; nothing if none of them has entries.
pub(crate) fn fetch<'a, S: Scheme, L: LeafSource<S::Key>>(
    source: &'a L,
    regions: &[Region<S::Key>],
) -> Result<Option<Fetched<'a, S::Key>>, MerkleError> {
    let prefixes: Vec<Prefix<S::Key>> =
        regions.iter().filter(|region| region.old.is_some()).map(|region| region.prefix).collect();
    match prefixes.is_empty() {
        true => Ok(None),
        false => source.fetch(prefixes).map(Some).map_err(MerkleError::Leaves),
    }
}

/// The leaves of `regions` after the changes.
pub(crate) fn merge<S: Scheme>(
    shape: &Shape,
    fetched: Option<Fetched<'_, S::Key>>,
    regions: &[Region<S::Key>],
    changes: &[Change<'_, S::Key>],
) -> Result<Leaves<S>, MerkleError> {
    let mut merge = Merge {
        shape,
        regions,
        changes,
        leaves: Leaves::with_capacity(24 * regions.len()),
        region: 0,
        prefix: 0,
        change: regions.first().map_or(0, |region| region.keys.start),
        last: None,
        error: None,
    };
    if let Some(fetched) = fetched {
        fetched(&mut |at, entry| merge.entry(at, &entry)).map_err(MerkleError::Leaves)?;
    }
    merge.end_regions(regions.len());
    match merge.error {
        None => Ok(merge.leaves),
        Some(error) => Err(error),
    }
}

/// The state of merging entries that were read with changes.
struct Merge<'a, 'c, S: Scheme> {
    shape: &'a Shape,
    regions: &'a [Region<S::Key>],
    changes: &'a [Change<'c, S::Key>],
    leaves: Leaves<S>,
    /// The region that gets leaves.
    region: usize,
    /// How many regions with an entry came before it.
    prefix: usize,
    /// The first change that has not been applied.
    change: usize,
    /// The last key that was read.
    last: Option<S::Key>,
    error: Option<MerkleError>,
}

impl<S: Scheme> Merge<'_, '_, S> {
    /// Takes an entry of the prefix `at`.
    fn entry(&mut self, at: usize, entry: &LeafEntry<'_, S::Key>) {
        while self.region < self.regions.len()
            && (self.prefix < at || self.regions[self.region].old.is_none())
        {
            self.prefix += usize::from(self.regions[self.region].old.is_some());
            self.end_regions(self.region + 1);
        }
        let is_next =
            self.prefix == at && self.last.is_none_or(|last| compare(&last, &entry.key).is_lt());
        let region = self.regions.get(self.region).filter(|_| is_next);
        let Some(region) = region.filter(|region| region.prefix.contains(&entry.key)) else {
            self.fail(at);
            return;
        };
        self.last = Some(entry.key);
        let end = region.keys.end;
        while let Some(change) = self.changes[..end].get(self.change) {
            let order = compare(&change.key, &entry.key);
            if order.is_gt() {
                break;
            }
            self.change += 1;
            self.put(change);
            if order.is_eq() {
                return;
            }
        }
        self.leaves.push(self.shape, &entry.key, entry.value_len, entry.value);
    }

    fn put(&mut self, change: &Change<'_, S::Key>) {
        if let Some(NewValue { len, value }) = change.value {
            self.leaves.push(self.shape, &change.key, len, value);
        }
    }

    /// Applies what is left of the changes of the regions before `to`.
    fn end_regions(&mut self, to: usize) {
        while self.region < to {
            let end = self.regions[self.region].keys.end;
            let changes = self.changes;
            for change in &changes[self.change..end] {
                self.put(change);
            }
            self.change = end;
            self.leaves.ends.push(self.leaves.keys.len());
            self.region += 1;
        }
    }

    fn fail(&mut self, at: usize) {
        let mut regions = self.regions.iter().filter(|region| region.old.is_some());
        let prefix = regions.nth(at).map_or_else(Prefix::empty, |region| region.prefix);
        let mut first_key = [0; 32];
        first_key[..S::Key::LEN].copy_from_slice(prefix.first_key().as_bytes());
        let error = MerkleError::LeafOrder { first_key, prefix_bits: prefix.bits() };
        self.error.get_or_insert(error);
    }
}
