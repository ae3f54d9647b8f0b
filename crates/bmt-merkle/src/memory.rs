//! Sources over maps, for tests and examples.

use crate::bits::Prefix;
use crate::page::PageId;
use crate::source::{LeafEntry, LeafSource, PageSource, SourceError};
use crate::version::PageImage;
use bmt_core::{Key, LeafValue};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Page images in a map.
#[derive(Debug, Clone, Default)]
pub struct MemoryPages {
    images: HashMap<PageId, Vec<u8>>,
}

impl MemoryPages {
    /// Keeps an image.
    pub fn put(&mut self, image: PageImage) {
        self.images.insert(image.id, image.bytes);
    }

    /// Forgets an image; whether it was there.
    pub fn remove(&mut self, id: &PageId) -> bool {
        self.images.remove(id).is_some()
    }

    /// Forgets all images but those of these ids.
    pub fn retain(&mut self, is_kept: impl Fn(&PageId) -> bool) {
        self.images.retain(|id, _| is_kept(id));
    }

    /// An image, to look at it or to damage it.
    pub fn image_mut(&mut self, id: &PageId) -> Option<&mut Vec<u8>> {
        self.images.get_mut(id)
    }

    /// How many images there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.images.len()
    }
}

impl PageSource for MemoryPages {
    fn pages(&self, ids: &[PageId], mut each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        for (at, id) in ids.iter().enumerate() {
            if let Some(image) = self.images.get(id) {
                each(at, image);
            }
        }
        Ok(())
    }
}

/// The entries of a state in a map.
#[derive(Debug, Clone)]
pub struct MemoryLeaves<K> {
    /// Key and value of each entry.
    pub entries: BTreeMap<K, Arc<[u8]>>,
}

impl<K> Default for MemoryLeaves<K> {
    fn default() -> Self {
        Self { entries: BTreeMap::new() }
    }
}

impl<K: Key> LeafSource<K> for MemoryLeaves<K> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<K>],
        mut each: impl FnMut(usize, LeafEntry<'_, K>),
    ) -> Result<(), SourceError> {
        for (at, prefix) in prefixes.iter().enumerate() {
            let below = self.entries.range(*prefix.first_key()..);
            for (key, value) in below.take_while(|(key, _)| prefix.contains(key)) {
                let value_len = value.len();
                each(at, LeafEntry { key: *key, value_len, value: LeafValue::Bytes(value) });
            }
        }
        Ok(())
    }

    fn values(&self, keys: &[K]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        Ok(keys.iter().map(|key| self.entries.get(key).cloned()).collect())
    }
}
