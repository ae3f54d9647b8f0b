//! The entries of a version for the trie: [`Leaves`], which also notes what the changed keys had.

use crate::error::{Corruption, ReadError};
use crate::keys::{scheme_key, tree_key, tree_prefix};
use bmt_beatree::{EntryValue, TreeError};
use bmt_core::{Key, LeafValue, Scheme};
use bmt_merkle::{Fetched, LeafEntry, LeafSource, Prefix, SourceError};
use parking_lot::Mutex;
use std::sync::Arc;

/// The entries of a version of the ordered store.
pub(crate) struct Leaves<'a, K> {
    tree: &'a bmt_beatree::Version,
    /// The keys of a step, ascending; none if what they had is not to be noted.
    keys: &'a [K],
    /// What some keys are known to have, ascending by key.
    known: &'a [(K, Option<&'a [u8]>)],
    priors: Mutex<Vec<Priors>>,
}

/// What a key had before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prior {
    Absent,
    /// A short value: where it lies in [`KnownPriors::bytes`].
    Short {
        start: usize,
        len: usize,
    },
    /// A value that was not read, since its hash was at hand: where that lies in [`KnownPriors::bytes`].
    Long {
        start: usize,
    },
}

/// What the keys of a step had before it, found on the way, in one part of the key space.
#[derive(Debug, Default)]
struct Priors {
    /// The first key that may still be met.
    next: usize,
    /// The places of the keys that had a value.
    found: Vec<(usize, Prior)>,
    bytes: Vec<u8>,
}

/// What each key of a step had before it.
pub(crate) struct KnownPriors {
    pub(crate) found: Vec<Prior>,
    pub(crate) bytes: Vec<u8>,
}

impl Priors {
    /// Looks whether a key of the step is met.
    fn entry<K: Key>(&mut self, keys: &[K], key: &K, value: &EntryValue<'_>) {
        if self.found.is_empty() && self.next == 0 {
            self.next = keys.partition_point(|next| next < key);
        }
        while keys.get(self.next).is_some_and(|next| next < key) {
            self.next += 1;
        }
        if keys.get(self.next) != Some(key) {
            return;
        }
        let prior = match value {
            EntryValue::Hash(hash) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(hash);
                Prior::Long { start }
            }
            EntryValue::Bytes(bytes) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(bytes);
                Prior::Short { start, len: bytes.len() }
            }
        };
        self.found.push((self.next, prior));
    }
}

impl KnownPriors {
    /// Whether a prior is this value. A long one is told by its hash.
    pub(crate) fn is<S: Scheme>(&self, prior: Prior, value: Option<&[u8]>) -> bool {
        match (prior, value) {
            (Prior::Absent, value) => value.is_none(),
            (_, None) => false,
            (Prior::Short { start, len }, Some(value)) => {
                self.bytes.get(start..start + len) == Some(value)
            }
            (Prior::Long { start }, Some(value)) => {
                let hash = S::hash_value(value);
                self.bytes.get(start..start + hash.len()) == Some(&hash[..])
            }
        }
    }
}

impl<'a, K: Key> Leaves<'a, K> {
    pub(crate) fn new(tree: &'a bmt_beatree::Version) -> Self {
        Self::noting(tree, &[])
    }

    /// A source that notes what `keys`, ascending, have.
    pub(crate) fn noting(tree: &'a bmt_beatree::Version, keys: &'a [K]) -> Self {
        Self { tree, keys, known: &[], priors: Mutex::default() }
    }

    /// A source that reads no values of keys whose values are known, ascending by key.
    pub(crate) fn knowing(
        tree: &'a bmt_beatree::Version,
        known: &'a [(K, Option<&'a [u8]>)],
    ) -> Self {
        Self { tree, keys: &[], known, priors: Mutex::default() }
    }

    /// What the keys have, after an update has read all places where they may be.
    pub(crate) fn into_priors(self) -> KnownPriors {
        let mut known =
            KnownPriors { found: vec![Prior::Absent; self.keys.len()], bytes: Vec::new() };
        for part in self.priors.into_inner() {
            let before = known.bytes.len();
            known.bytes.extend_from_slice(&part.bytes);
            for (at, prior) in part.found {
                let prior = match prior {
                    Prior::Short { start, len } => Prior::Short { start: before + start, len },
                    Prior::Long { start } => Prior::Long { start: before + start },
                    Prior::Absent => Prior::Absent,
                };
                if let Some(slot) = known.found.get_mut(at) {
                    *slot = prior;
                }
            }
        }
        known
    }

    /// Hands over entries of the ordered store as the trie wants them.
    fn hand_over(
        &self,
        entries: impl FnOnce(&mut dyn FnMut(usize, bmt_beatree::LeafEntry<'_>)) -> Result<(), TreeError>,
        each: &mut dyn FnMut(usize, LeafEntry<'_, K>),
    ) -> Result<(), SourceError> {
        let mut priors = Priors::default();
        let mut has_strange_key = false;
        let read = entries(&mut |at, entry| {
            let Some(key) = scheme_key::<K>(&entry.key) else {
                has_strange_key = true;
                return;
            };
            if !self.keys.is_empty() {
                priors.entry(self.keys, &key, &entry.value);
            }
            let value = match &entry.value {
                EntryValue::Bytes(bytes) => LeafValue::Bytes(bytes),
                EntryValue::Hash(hash) => LeafValue::Hashed(hash),
            };
            each(at, LeafEntry { key, value_len: entry.value_len, value });
        });
        read.map_err(ReadError::from)?;
        if !priors.found.is_empty() {
            self.priors.lock().push(priors);
        }
        match has_strange_key {
            true => Err(strange_key().into()),
            false => Ok(()),
        }
    }
}

impl<K: Key> LeafSource<K> for Leaves<'_, K> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<K>],
        mut each: impl FnMut(usize, LeafEntry<'_, K>),
    ) -> Result<(), SourceError> {
        let prefixes: Vec<bmt_beatree::Prefix> = prefixes.iter().map(tree_prefix).collect();
        self.hand_over(|entry| self.tree.leaf_entries(&prefixes, entry), &mut each)
    }

    fn fetch<'a>(&'a self, prefixes: Vec<Prefix<K>>) -> Result<Fetched<'a, K>, SourceError>
    where
        K: 'a,
    {
        let prefixes: Vec<bmt_beatree::Prefix> = prefixes.iter().map(tree_prefix).collect();
        let fetched = self.tree.fetch_leaves(&prefixes).map_err(ReadError::from)?;
        Ok(Box::new(move |each| self.hand_over(|entry| fetched.entries(entry), each)))
    }

    fn values(&self, keys: &[K]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        let known = |key: &K| {
            let at = self.known.binary_search_by_key(key, |(known, _)| *known).ok()?;
            self.known.get(at).map(|(_, value)| value.map(Arc::from))
        };
        let mut values: Vec<Option<Option<Arc<[u8]>>>> = keys.iter().map(known).collect();
        let unknown = keys.iter().zip(&values).filter(|(_, value)| value.is_none());
        let unknown: Vec<bmt_beatree::Key> = unknown.map(|(key, _)| tree_key(key)).collect();
        let mut read = self.tree.get_many(&unknown).map_err(ReadError::from)?.into_iter();
        for value in values.iter_mut().filter(|value| value.is_none()) {
            *value = Some(read.next().flatten().map(|value| Arc::from(&*value)));
        }
        Ok(values.into_iter().map(Option::flatten).collect())
    }
}

/// A key in the ordered store that no scheme's key gives.
pub(crate) fn strange_key() -> ReadError {
    Corruption::new(crate::layout::TREE_FILE, 0, "a key is longer than the scheme's keys").into()
}
