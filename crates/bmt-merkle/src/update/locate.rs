//! Finding the bottom subtries that sorted keys belong to, page by page, a level at a time.

use crate::bits::{Prefix, bit_at, shared_bits};
use crate::error::MerkleError;
use crate::frontier::FrontierEntry;
use crate::load::Loader;
use crate::page::body::Body;
use crate::page::cost::Item;
use crate::page::handle::PageHandle;
use crate::source::PageSource;
use crate::update::divide::KEYS_MAX;
use bmt_core::{Key, Scheme};
use std::ops::Range;
use std::sync::Arc;

/// Regions that memory is set aside for at first.
const REGIONS_AT_ONCE: usize = 1 << 15;

/// A place of the trie that no page divides, and the keys that belong there.
#[derive(Debug, Clone)]
pub(crate) struct Region<K> {
    /// The prefix of a frontier entry, or of an empty subtrie.
    pub(crate) prefix: Prefix<K>,
    /// The entry, if there is one.
    pub(crate) old: Option<FrontierEntry<K>>,
    /// The keys, by place.
    pub(crate) keys: Range<usize>,
}

/// Something with a key, in ascending order.
pub(crate) trait Keyed<K> {
    fn key(&self) -> &K;
}

impl<K> Keyed<K> for K {
    fn key(&self) -> &K {
        self
    }
}

impl<K> Keyed<K> for crate::change::Change<'_, K> {
    fn key(&self) -> &K {
        &self.key
    }
}

/// The regions of all keys, ascending. Loads the pages on their paths, one batch a level.
pub(crate) fn locate<S: Scheme, P: PageSource, C: Keyed<S::Key>>(
    loader: &Loader<'_, S, P>,
    root: &Arc<PageHandle<S::Key>>,
    keys: &[C],
) -> Result<Vec<Region<S::Key>>, MerkleError> {
    let mut regions = Vec::with_capacity(keys.len().min(REGIONS_AT_ONCE));
    let mut level = vec![(Arc::clone(root), 0..keys.len())];
    while !level.is_empty() {
        let pages: Vec<_> = level.iter().map(|(page, _)| Arc::clone(page)).collect();
        loader.load(&pages)?;
        let mut below = Vec::new();
        for (page, range) in level {
            let body = loader.body(&page)?;
            let mut place = Place { body: &body, regions: &mut regions, below: &mut below };
            place.keys(page.prefix().bits(), keys, range);
        }
        level = below;
    }
    if !regions.is_sorted_by_key(|region| region.keys.start) {
        regions.sort_unstable_by_key(|region| region.keys.start);
    }
    Ok(regions)
}

/// A page, and where to put what is found in it.
struct Place<'a, K> {
    body: &'a Body<K>,
    regions: &'a mut Vec<Region<K>>,
    below: &'a mut Vec<(Arc<PageHandle<K>>, Range<usize>)>,
}

impl<K: Key> Place<'_, K> {
    fn keys<C: Keyed<K>>(&mut self, page_bits: usize, keys: &[C], range: Range<usize>) {
        let (places, bits) = (&self.body.outline.keys, &self.body.outline.bits);
        let mut next = range.start;
        while next < range.end {
            let key = *keys[next].key();
            let after = self.body.outline.count_to(&key);
            let item = after.checked_sub(1);
            let rest = &keys[next..range.end];
            let is_below =
                |item: usize, key: &K| shared_bits(&places[item], key) >= usize::from(bits[item]);
            if let Some(item) = item.filter(|item| is_below(*item, &key)) {
                let others =
                    rest[1..].iter().take_while(|other| is_below(item, Keyed::<K>::key(*other)));
                let count = 1 + others.count();
                self.item(item, next..next + count);
                next += count;
                continue;
            }
            let shared = |item: Option<usize>| {
                item.and_then(|item| places.get(item)).map(|place| shared_bits(place, &key) + 1)
            };
            let bits = shared(item).max(shared(Some(after))).unwrap_or(page_bits);
            let prefix = Prefix::new(&key, bits);
            let count =
                rest.iter().take_while(|key| prefix.contains(Keyed::<K>::key(*key))).count();
            self.empty(prefix, keys, next..next + count);
            next += count;
        }
    }

    fn item(&mut self, item: usize, keys: Range<usize>) {
        match self.body.items[item] {
            Item::Page { .. } => {
                self.below.extend(self.body.child(item).map(|page| (Arc::clone(page), keys)));
            }
            Item::Entry { kind, weight } => {
                let (prefix, hash) = (self.body.prefix(item), self.body.hashes[item]);
                let old = Some(FrontierEntry { prefix, kind, weight, hash });
                self.regions.push(Region { prefix, old, keys });
            }
        }
    }

    /// An empty subtrie; cut where many keys part, so that they can be hashed side by side.
    fn empty<C: Keyed<K>>(&mut self, prefix: Prefix<K>, keys: &[C], range: Range<usize>) {
        if range.len() <= KEYS_MAX {
            self.regions.push(Region { prefix, old: None, keys: range });
            return;
        }
        let (first, last) = (keys[range.start].key(), keys[range.end - 1].key());
        let split = shared_bits(first, last);
        let part = &keys[range.clone()];
        let ones = part.partition_point(|key| !bit_at(key.key().as_bytes(), split));
        let middle = range.start + ones;
        let (left, right) = (Prefix::new(first, split + 1), Prefix::new(last, split + 1));
        self.empty(left, keys, range.start..middle);
        self.empty(right, keys, middle..range.end);
    }
}
