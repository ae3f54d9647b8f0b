//! The entries of a version for the trie: [`Leaves`], which also notes what the changed keys had.

use crate::error::{Corruption, ReadError};
use crate::keys::{scheme_key, tree_key, tree_prefix};
use bmt_beatree::EntryValue;
use bmt_core::{Key, LeafValue};
use bmt_merkle::{LeafEntry, LeafSource, Prefix, SourceError};
use parking_lot::Mutex;
use std::sync::Arc;

/// The entries of a version of the ordered store.
pub(crate) struct Leaves<'a, K> {
    tree: &'a bmt_beatree::Version,
    priors: Option<Mutex<Priors<'a, K>>>,
}

/// What a key had before a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prior {
    Absent,
    /// A short value: where it lies in [`Priors::bytes`].
    Short {
        start: usize,
        len: usize,
    },
    /// A value that was not read, since its hash was at hand.
    Long,
}

/// What the keys of a step had before it, found on the way.
pub(crate) struct Priors<'a, K> {
    keys: &'a [K],
    /// The first key that may still be met.
    next: usize,
    pub(crate) found: Vec<Prior>,
    pub(crate) bytes: Vec<u8>,
}

impl<'a, K: Key> Priors<'a, K> {
    fn entry(&mut self, key: &K, value: &EntryValue<'_>) {
        while self.keys.get(self.next).is_some_and(|next| next < key) {
            self.next += 1;
        }
        if self.keys.get(self.next) != Some(key) {
            return;
        }
        let prior = match value {
            EntryValue::Hash(_) => Prior::Long,
            EntryValue::Bytes(bytes) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(bytes);
                Prior::Short { start, len: bytes.len() }
            }
        };
        if let Some(slot) = self.found.get_mut(self.next) {
            *slot = prior;
        }
    }
}

impl<'a, K: Key> Leaves<'a, K> {
    pub(crate) fn new(tree: &'a bmt_beatree::Version) -> Self {
        Self { tree, priors: None }
    }

    /// A source that notes what `keys`, ascending, have.
    pub(crate) fn noting(tree: &'a bmt_beatree::Version, keys: &'a [K]) -> Self {
        let found = vec![Prior::Absent; keys.len()];
        let priors = Priors { keys, next: 0, found, bytes: Vec::with_capacity(32 * keys.len()) };
        Self { tree, priors: Some(Mutex::new(priors)) }
    }

    pub(crate) fn into_priors(self) -> Option<Priors<'a, K>> {
        self.priors.map(Mutex::into_inner)
    }
}

impl<K: Key> LeafSource<K> for Leaves<'_, K> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<K>],
        mut each: impl FnMut(usize, LeafEntry<'_, K>),
    ) -> Result<(), SourceError> {
        let prefixes: Vec<bmt_beatree::Prefix> = prefixes.iter().map(tree_prefix).collect();
        let mut priors = self.priors.as_ref().map(Mutex::lock);
        let mut has_strange_key = false;
        let read = self.tree.leaf_entries(&prefixes, |at, entry| {
            let Some(key) = scheme_key::<K>(&entry.key) else {
                has_strange_key = true;
                return;
            };
            if let Some(priors) = priors.as_mut() {
                priors.entry(&key, &entry.value);
            }
            let value = match &entry.value {
                EntryValue::Bytes(bytes) => LeafValue::Bytes(bytes),
                EntryValue::Hash(hash) => LeafValue::Hashed(hash),
            };
            each(at, LeafEntry { key, value_len: entry.value_len, value });
        });
        read.map_err(ReadError::from)?;
        match has_strange_key {
            true => Err(strange_key().into()),
            false => Ok(()),
        }
    }

    fn values(&self, keys: &[K]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        let keys: Vec<bmt_beatree::Key> = keys.iter().map(tree_key).collect();
        let values = self.tree.get_many(&keys).map_err(ReadError::from)?;
        Ok(values.into_iter().map(|value| value.map(|value| Arc::from(&*value))).collect())
    }
}

/// A key in the ordered store that no scheme's key gives.
pub(crate) fn strange_key() -> ReadError {
    Corruption::new(crate::layout::TREE_FILE, 0, "a key is longer than the scheme's keys").into()
}
