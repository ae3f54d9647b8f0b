//! What a compact proof is asked for.

use crate::key::{Key, StateKey};
use crate::outline::Position;
use alloc::vec::Vec;

/// Listed keys and disjoint ranges, both ascending; no listed key is in a range.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query {
    keys: Vec<StateKey>,
    ranges: Vec<(StateKey, StateKey)>,
}

/// Why some keys and ranges are not a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QueryError {
    /// Listed keys are not in strictly ascending order.
    #[error("listed key {index} is not greater than the one before")]
    UnsortedKeys {
        /// The first key that is out of order.
        index: usize,
    },
    /// A bound of a range has more bytes than a key.
    #[error("a bound of range {index} has more than 31 bytes")]
    LongBound {
        /// The range.
        index: usize,
    },
    /// A range ends before it begins, or does not begin after the one before.
    #[error("range {index} ends before it begins, or overlaps the one before")]
    UnsortedRanges {
        /// The range.
        index: usize,
    },
    /// A listed key is in a range.
    #[error("listed key {index} is in a range")]
    ListedInRange {
        /// The key.
        index: usize,
    },
}

impl Query {
    /// A query for `keys`, and for all keys from the first through the second bound of each range.
    /// A bound is a prefix of up to 31 bytes: the first one is filled up with zeros, the second one
    /// with ones.
    ///
    /// # Errors
    /// A [`QueryError`] when keys or ranges are out of order or overlap.
    pub fn new(keys: Vec<StateKey>, ranges: &[(&[u8], &[u8])]) -> Result<Self, QueryError> {
        if let Some(at) = keys.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(QueryError::UnsortedKeys { index: at + 1 });
        }
        let mut padded: Vec<(StateKey, StateKey)> = Vec::with_capacity(ranges.len());
        for (index, (first, last)) in ranges.iter().enumerate() {
            let long = QueryError::LongBound { index };
            let first = fill(first, 0).ok_or(long)?;
            let last = fill(last, 0xff).ok_or(long)?;
            let after_previous = padded.last().is_none_or(|(_, previous)| *previous < first);
            if first > last || !after_previous {
                return Err(QueryError::UnsortedRanges { index });
            }
            padded.push((first, last));
        }
        let query = Self { keys, ranges: padded };
        match query.keys.iter().position(|key| query.in_range(key)) {
            Some(index) => Err(QueryError::ListedInRange { index }),
            None => Ok(query),
        }
    }

    /// The listed keys.
    #[must_use]
    pub fn keys(&self) -> &[StateKey] {
        &self.keys
    }

    /// The first and the last key of each range.
    #[must_use]
    pub fn ranges(&self) -> &[(StateKey, StateKey)] {
        &self.ranges
    }

    /// Whether `key` is listed or in a range.
    #[must_use]
    pub fn asks_for(&self, key: &StateKey) -> bool {
        self.keys.binary_search(key).is_ok() || self.in_range(key)
    }

    fn in_range(&self, key: &StateKey) -> bool {
        let index = self.ranges.partition_point(|(_, last)| last < key);
        self.ranges.get(index).is_some_and(|(first, _)| first <= key)
    }

    /// Whether any key below `position`, present or not, is asked for.
    pub(super) fn touches(&self, position: &Position) -> bool {
        let (low, high) = key_bounds(position);
        let listed = self.keys.partition_point(|key| *key < low);
        let range = self.ranges.partition_point(|(_, last)| *last < low);
        self.keys.get(listed).is_some_and(|key| *key <= high)
            || self.ranges.get(range).is_some_and(|(first, _)| *first <= high)
    }

    /// Whether one range has all keys below `position`.
    pub(super) fn has_all(&self, position: &Position) -> bool {
        let (low, high) = key_bounds(position);
        let range = self.ranges.partition_point(|(_, last)| *last < low);
        self.ranges.get(range).is_some_and(|(first, last)| *first <= low && high <= *last)
    }
}

fn key_bounds(position: &Position) -> (StateKey, StateKey) {
    (StateKey::truncate(position.low()), StateKey::truncate(position.high(StateKey::LEN)))
}

fn fill(bound: &[u8], with: u8) -> Option<StateKey> {
    let mut bytes = [with; 31];
    bytes.get_mut(..bound.len())?.copy_from_slice(bound);
    Some(StateKey::new(bytes))
}
