//! Dividing an update into what one thread merges and hashes at a time.
//!
//! Some hundred touched bottom subtries make a piece, or fewer if many keys are new. So do parts of a single one
//! that gets more keys than that: it is merged where it was read, since the place of its parts is not known before.
//! The division depends on the changes alone, not on threads.

use super::locate::Region;
use super::read::{Leaves, fetch, merge};
use crate::bits::{Prefix, bit_at, shared_bits};
use crate::change::Change;
use crate::error::MerkleError;
use crate::shape::Shape;
use crate::source::{Fetched, LeafSource};
use bmt_core::{Key, Scheme};
use std::collections::VecDeque;
use std::ops::Range;

/// Touched bottom subtries whose leaves are read in one batch.
const REGIONS_MAX: usize = 512;

/// Changed keys in a piece, unless it is a region with an entry.
pub(crate) const KEYS_MAX: usize = 4096;

/// What one thread does at a time.
pub(crate) enum Piece<'a, S: Scheme> {
    /// Regions, and what is stored under them.
    Fetched(&'a [Region<S::Key>], Option<Fetched<'a, S::Key>>),
    /// A part of a region, with its leaves after the changes.
    Merged(Region<S::Key>, Leaves<S>),
    /// The entry of a region that was divided is gone.
    Removed(Prefix<S::Key>),
}

/// The pieces of an update, in ascending order.
pub(crate) struct Pieces<'a, S: Scheme, L> {
    pub(crate) shape: &'a Shape,
    pub(crate) source: &'a L,
    pub(crate) changes: &'a [Change<'a, S::Key>],
    /// Those that are left.
    pub(crate) regions: &'a [Region<S::Key>],
    /// Of a region that was divided.
    pub(crate) ready: VecDeque<Piece<'a, S>>,
}

impl<'a, S: Scheme, L: LeafSource<S::Key>> Pieces<'a, S, L> {
    /// Reads what the next piece needs, in one batch.
    pub(crate) fn next(&mut self) -> Result<Option<Piece<'a, S>>, MerkleError> {
        if let Some(piece) = self.ready.pop_front() {
            return Ok(Some(piece));
        }
        if self.regions.is_empty() {
            return Ok(None);
        }
        let (piece, rest) = self.regions.split_at(region_count(self.regions));
        self.regions = rest;
        let fetched = fetch::<S, L>(self.source, piece)?;
        let [region] = piece else { return Ok(Some(Piece::Fetched(piece, fetched))) };
        let Some(old) = region.old.filter(|_| region.keys.len() > KEYS_MAX) else {
            return Ok(Some(Piece::Fetched(piece, fetched)));
        };
        let leaves = merge::<S>(self.shape, fetched, piece, self.changes)?;
        if leaves.keys.len() <= KEYS_MAX {
            return Ok(Some(Piece::Merged(region.clone(), leaves)));
        }
        let mut parts = Vec::new();
        divide(&leaves.keys, 0..leaves.keys.len(), region.prefix, &mut parts);
        self.ready.extend(parts.into_iter().map(|(prefix, range)| {
            let part = Region { prefix, old: None, keys: 0..0 };
            Piece::Merged(part, leaves.part(range))
        }));
        Ok(Some(Piece::Removed(old.prefix)))
    }
}

/// How many of the first regions make a piece: one at least.
fn region_count<K>(regions: &[Region<K>]) -> usize {
    let regions = &regions[..regions.len().min(REGIONS_MAX)];
    let (Some(first), Some(last)) = (regions.first(), regions.last()) else { return 0 };
    let fits = |region: &Region<K>| region.keys.end - first.keys.start <= KEYS_MAX;
    if fits(last) { regions.len() } else { regions.partition_point(fits).max(1) }
}

/// The parts of `range`, each with the prefix of which it has all keys.
fn divide<K: Key>(
    keys: &[K],
    range: Range<usize>,
    prefix: Prefix<K>,
    parts: &mut Vec<(Prefix<K>, Range<usize>)>,
) {
    if range.len() <= KEYS_MAX {
        parts.push((prefix, range));
        return;
    }
    let part = &keys[range.clone()];
    let (first, last) = (&part[0], &part[part.len() - 1]);
    let split = shared_bits(first, last);
    let middle = range.start + part.partition_point(|key| !bit_at(key.as_bytes(), split));
    divide(keys, range.start..middle, Prefix::new(first, split + 1), parts);
    divide(keys, middle..range.end, Prefix::new(last, split + 1), parts);
}

#[cfg(test)]
mod tests;
