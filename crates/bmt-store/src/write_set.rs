//! Changes by key, written in any order and read in the order of keys: [`WriteSet`].

use crate::pending::{Changes, Content};
use crate::step::Change;
use bmt_core::{Key, Scheme};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Values of at most so many bytes lie beside their keys.
const INLINE_BYTES_MAX: usize = 38;

/// The newest change of each key; a deletion is a change.
///
/// A write costs one look-up in a hash table. Sorting is left for the end.
pub(crate) struct WriteSet<S: Scheme> {
    /// Where in `entries` a key is.
    places: HashMap<S::Key, u32>,
    entries: Vec<(S::Key, Stored)>,
}

/// A value or its absence.
enum Stored {
    Deleted,
    Inline { bytes: [u8; INLINE_BYTES_MAX], len: u8 },
    Heap(Arc<[u8]>),
}

impl Stored {
    fn new(value: Option<&[u8]>) -> Self {
        let Some(value) = value else { return Self::Deleted };
        let len = u8::try_from(value.len()).unwrap_or(u8::MAX);
        let mut bytes = [0; INLINE_BYTES_MAX];
        match bytes.get_mut(..value.len()) {
            Some(place) => place.copy_from_slice(value),
            None => return Self::Heap(value.into()),
        }
        Self::Inline { bytes, len }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Deleted => None,
            Self::Inline { bytes, len } => bytes.get(..usize::from(*len)),
            Self::Heap(bytes) => Some(bytes),
        }
    }

    fn content(&self) -> Content {
        match self {
            Self::Heap(bytes) => Some(Arc::clone(bytes)),
            short => short.bytes().map(Arc::from),
        }
    }
}

impl<S: Scheme> WriteSet<S> {
    pub(crate) fn new() -> Self {
        Self { places: HashMap::new(), entries: Vec::new() }
    }

    /// Sets a key's value, or deletes it.
    pub(crate) fn write(&mut self, key: S::Key, value: Option<&[u8]>) {
        let stored = Stored::new(value);
        match self.places.entry(key) {
            Entry::Vacant(place) => {
                let at = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
                assert_ne!(at, u32::MAX, "a record of 4 GiB has fewer changes");
                place.insert(at);
                self.entries.push((key, stored));
            }
            Entry::Occupied(place) => {
                if let Some(entry) = self.entries.get_mut(*place.get() as usize) {
                    entry.1 = stored;
                }
            }
        }
    }

    /// The change of a key: `None` if there is none, `Some(None)` if it is deleted.
    pub(crate) fn get(&self, key: &S::Key) -> Option<Content> {
        let at = self.places.get(key)?;
        self.entries.get(*at as usize).map(|(_, stored)| stored.content())
    }

    pub(crate) fn contains(&self, key: &S::Key) -> bool {
        self.places.contains_key(key)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The keys, in the order of their first writes.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &S::Key> {
        self.entries.iter().map(|(key, _)| key)
    }

    /// The new values, in no order.
    pub(crate) fn values(&self) -> impl Iterator<Item = Option<&[u8]>> {
        self.entries.iter().map(|(_, stored)| stored.bytes())
    }

    /// All changes in ascending order of their keys.
    pub(crate) fn sorted(&self) -> Vec<Change<'_, S>> {
        // By the first eight bytes at once, which mostly suffice.
        let head = |key: &S::Key| key.as_bytes().first_chunk().copied().map(u64::from_be_bytes);
        let mut order: Vec<_> = self.entries.iter().map(|entry| (head(&entry.0), entry)).collect();
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.0.cmp(&b.1.0)));
        order.into_iter().map(|(_, (key, stored))| (*key, stored.bytes())).collect()
    }

    /// Puts these changes over others.
    pub(crate) fn add_to(&self, changes: &mut Changes<S>) {
        changes.extend(self.entries.iter().map(|(key, stored)| (*key, stored.content())));
    }

    /// Puts other changes over these.
    pub(crate) fn extend(&mut self, newer: Self) {
        for (key, stored) in newer.entries {
            match self.places.get(&key).and_then(|at| self.entries.get_mut(*at as usize)) {
                Some(entry) => entry.1 = stored,
                None => self.write(key, stored.bytes()),
            }
        }
    }
}
