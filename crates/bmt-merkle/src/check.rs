//! The consistency check: everything is recomputed from the entries and compared with the pages.

use crate::bits::{Prefix, bit_at};
use crate::error::MerkleError;
use crate::frontier::{FrontierChange, FrontierEntry};
use crate::load::Loader;
use crate::merkle::Merkle;
use crate::page::PageId;
use crate::page::body::Body;
use crate::page::cost::{ITEMS_BYTES_MAX, Item};
use crate::page::draft::{IndexSet, PageDraft};
use crate::page::handle::PageHandle;
use crate::page::outline::Side;
use crate::source::{LeafSource, PageSource};
use crate::update::bottom::BottomHasher;
use crate::update::locate::{Region, locate};
use crate::update::read::read;
use crate::upper::UpperWave;
use crate::version::Version;
use bmt_core::{Hash, Key, NodeKind, Scheme};
use std::sync::Arc;

/// Places whose entries are read in one batch.
const BATCH: usize = 1024;

/// Frontier entries that one difference lists at most.
const COMPUTED_MAX: usize = 16;

/// Something that is not as the entries say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference<K> {
    /// The entries under a prefix make other frontier entries than the one that is stored there.
    Frontier {
        /// Where.
        prefix: Prefix<K>,
        /// What is stored; `None` where nothing should be.
        stored: Option<FrontierEntry<K>>,
        /// What the entries make: the first sixteen.
        computed: Vec<FrontierEntry<K>>,
    },
    /// Frontier entries that weigh little enough to be one.
    NotMaximal {
        /// The prefix of the branch over them.
        prefix: Prefix<K>,
        /// Their weight.
        weight: u64,
    },
    /// A page whose items have another hash than its parent says.
    PageHash {
        /// The page's prefix.
        prefix: Prefix<K>,
        /// In the parent.
        stored: Hash,
        /// Of the items.
        computed: Hash,
    },
    /// A page, not the root, that is less than a quarter full.
    SmallPage {
        /// The page's prefix.
        prefix: Prefix<K>,
        /// Bytes of its items.
        items_bytes: usize,
    },
    /// A page that is missing or damaged. What is below it was not looked at.
    UnreadablePage {
        /// The page's prefix.
        prefix: Prefix<K>,
        /// What it is stored under.
        page: PageId,
        /// What is wrong.
        reason: String,
    },
}

/// What the consistency check found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport<K> {
    /// Pages visited.
    pub page_count: usize,
    /// Frontier entries recomputed.
    pub entry_count: usize,
    /// How many differences were found.
    pub difference_count: u64,
    /// The first [`CheckReport::DIFFERENCES_MAX`] of them; empty if all is well.
    pub differences: Vec<Difference<K>>,
}

impl<K> CheckReport<K> {
    /// Differences that a report lists at most; further ones are only counted.
    pub const DIFFERENCES_MAX: usize = 1000;

    fn new(entry_count: usize) -> Self {
        Self { page_count: 0, entry_count, difference_count: 0, differences: Vec::new() }
    }

    fn add(&mut self, difference: Difference<K>) {
        self.difference_count += 1;
        if self.differences.len() < Self::DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }
}

impl<S: Scheme> Merkle<S> {
    /// Recomputes a version from the entries that `leaves` presents and compares it with the pages:
    /// every frontier entry, every place where no entry should be, every hash of every page. Reads
    /// everything once; holds a batch of it at a time. A page that is missing or damaged is a difference, and
    /// the check goes on beside it.
    ///
    /// # Errors
    /// Those of the sources, but for damage of single pages ([`PageSource::is_damage`]).
    pub fn check<P: PageSource, L: LeafSource<S::Key>>(
        &self,
        version: &Version<S>,
        pages: &P,
        leaves: &L,
    ) -> Result<CheckReport<S::Key>, MerkleError> {
        let loader: Loader<'_, S, P> = self.loader(pages);
        let report = CheckReport::new(0);
        let mut checker = Checker::<S, L> { merkle: self, leaves, places: Vec::new(), report };
        let walked = checker.walk(&loader, &version.root, 1).and_then(|()| checker.compare());
        self.cache.evict();
        walked.map(|()| checker.report)
    }
}

impl<S: Scheme> Merkle<S> {
    /// Recomputes only the bottom subtries, or empty places, that these keys, ascending, belong to:
    /// a sample of what [`Merkle::check`] does. Pages are verified as they are loaded, not counted.
    ///
    /// # Errors
    /// As [`Merkle::check`].
    pub fn check_at<P: PageSource, L: LeafSource<S::Key>>(
        &self,
        version: &Version<S>,
        keys: &[S::Key],
        pages: &P,
        leaves: &L,
    ) -> Result<CheckReport<S::Key>, MerkleError> {
        let loader: Loader<'_, S, P> = self.loader(pages);
        let regions = locate(&loader, &version.root, keys)?;
        let places: Vec<_> = regions.iter().map(|region| (region.prefix, region.old)).collect();
        let entry_count = regions.iter().filter(|region| region.old.is_some()).count();
        let report = CheckReport::new(entry_count);
        let mut checker = Checker::<S, L> { merkle: self, leaves, places, report };
        checker.compare()?;
        Ok(checker.report)
    }
}

/// A prefix and the frontier entry that is stored there.
type StoredAt<K> = (Prefix<K>, Option<FrontierEntry<K>>);

struct Checker<'a, S: Scheme, L> {
    merkle: &'a Merkle<S>,
    leaves: &'a L,
    /// Prefixes to be compared, each with the entry there.
    places: Vec<StoredAt<S::Key>>,
    report: CheckReport<S::Key>,
}

impl<S: Scheme, L: LeafSource<S::Key>> Checker<'_, S, L> {
    /// Visits the pages of a subtree of pages, a page before its children.
    fn walk<P: PageSource>(
        &mut self,
        loader: &Loader<'_, S, P>,
        page: &Arc<PageHandle<S::Key>>,
        depth: usize,
    ) -> Result<(), MerkleError> {
        let body = match loader.body(page) {
            Ok(body) => body,
            Err(error) if is_of_pages(loader.source, &error) => {
                let (prefix, page) = (*page.prefix(), page.id(self.merkle.shape.trie_id()));
                let reason = error.to_string();
                self.report.add(Difference::UnreadablePage { prefix, page, reason });
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.page(page, &body, depth);
        if self.places.len() >= BATCH {
            self.compare()?;
        }
        match loader.load(&body.children) {
            // One by one it will be seen which of them it is.
            Err(error) if !is_of_pages(loader.source, &error) => return Err(error),
            Ok(()) | Err(_) => {}
        }
        body.children.iter().try_for_each(|child| self.walk(loader, child, depth + 1))
    }

    fn page(&mut self, page: &PageHandle<S::Key>, body: &Body<S::Key>, depth: usize) {
        self.report.page_count += 1;
        let prefix = *page.prefix();
        let items_bytes = usize::from(page.items_bytes());
        if depth > 1 && 4 * items_bytes < ITEMS_BYTES_MAX {
            self.report.add(Difference::SmallPage { prefix, items_bytes });
        }
        let computed = recomputed::<S>(page, body);
        if computed != *page.hash() {
            let stored = *page.hash();
            self.report.add(Difference::PageHash { prefix, stored, computed });
        }
        if body.items.is_empty() {
            self.places.push((prefix, None));
            return;
        }
        self.side(body, body.outline.tree.root(), prefix.bits());
    }

    /// Notes the places of a side, and returns its weight if there is no page below it.
    fn side(&mut self, body: &Body<S::Key>, side: Side, top: usize) -> Option<u64> {
        match side {
            Side::Item(at) => {
                let prefix = body.prefix(at);
                let Item::Entry { kind, weight } = body.items[at] else {
                    self.run(prefix.first_key(), top, prefix.bits());
                    return None;
                };
                let entry = FrontierEntry { prefix, kind, weight, hash: body.hashes[at] };
                self.report.entry_count += 1;
                self.places.push((prefix, Some(entry)));
                Some(u64::from(weight))
            }
            Side::Inner(inner) => {
                let split = body.outline.tree.split(inner);
                let key = &body.outline.keys[inner];
                self.run(key, top, split);
                let [left, right] = body.outline.tree.sides(inner);
                let left = self.side(body, left, split + 1);
                let right = self.side(body, right, split + 1);
                let weight = left? + right?;
                if weight <= u64::from(self.merkle.shape.weight_max()) {
                    let prefix = Prefix::new(key, split);
                    self.report.add(Difference::NotMaximal { prefix, weight });
                }
                Some(weight)
            }
        }
    }

    /// The empty sides of one-sided branches on `key`'s path.
    fn run(&mut self, key: &S::Key, from: usize, to: usize) {
        for bit in from..to {
            let mut bytes = [0; 32];
            bytes[..S::Key::LEN].copy_from_slice(key.as_bytes());
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
            let other: S::Key = crate::bits::key_of(&bytes);
            debug_assert!(bit_at(other.as_bytes(), bit) != bit_at(key.as_bytes(), bit));
            self.places.push((Prefix::new(&other, bit + 1), None));
        }
    }

    /// Reads the entries of all places and compares what they make.
    fn compare(&mut self) -> Result<(), MerkleError> {
        let mut places = std::mem::take(&mut self.places);
        places.sort_unstable_by_key(|(prefix, _)| *prefix);
        let shape = &self.merkle.shape;
        let mut hasher = BottomHasher::<S>::new(shape.weight_max());
        for batch in places.chunks(BATCH) {
            let regions: Vec<Region<S::Key>> = batch
                .iter()
                .map(|(prefix, _)| Region { prefix: *prefix, old: Some(none(*prefix)), keys: 0..0 })
                .collect();
            let leaves = read::<S, L>(shape, self.leaves, &regions, &[])?;
            let mut edits = Vec::new();
            hasher.edits(&regions, leaves, &mut edits);
            compare_places(batch, &edits, &mut self.report);
        }
        Ok(())
    }
}

/// An entry that no entries make.
fn none<K: Key>(prefix: Prefix<K>) -> FrontierEntry<K> {
    FrontierEntry { prefix, kind: NodeKind::Leaf, weight: u32::MAX, hash: [0; 32] }
}

/// Whether an error is that of pages, and others can still be read.
fn is_of_pages<P: PageSource>(source: &P, error: &MerkleError) -> bool {
    match error {
        MerkleError::MissingPage { .. } | MerkleError::DamagedPage { .. } => true,
        MerkleError::Pages(error) => source.is_damage(error),
        _ => false,
    }
}

fn compare_places<K: Key>(
    places: &[StoredAt<K>],
    edits: &[FrontierChange<K>],
    report: &mut CheckReport<K>,
) {
    let mut edits = edits.iter().peekable();
    for (prefix, stored) in places {
        let mut computed = Vec::new();
        while let Some(edit) = edits.next_if(|edit| prefix.contains_prefix(edit.prefix())) {
            if let FrontierChange::Set(entry) = edit {
                computed.push(*entry);
            }
        }
        if computed.iter().ne(stored.iter()) {
            computed.truncate(COMPUTED_MAX);
            report.add(Difference::Frontier { prefix: *prefix, stored: *stored, computed });
        }
    }
}

/// The hash of a page's items.
fn recomputed<S: Scheme>(page: &PageHandle<S::Key>, body: &Body<S::Key>) -> Hash {
    let mut draft = PageDraft::of(page, body);
    let mut all = IndexSet::default();
    (0..body.items.len().saturating_sub(1)).for_each(|inner| all.insert(inner));
    draft.dirty_inner = all;
    for (at, item) in body.items.iter().enumerate() {
        if matches!(item, Item::Page { .. }) {
            draft.dirty_items.insert(at);
        }
    }
    let mut drafts = [draft];
    UpperWave::<S>::new().hash_pages(&mut drafts, &[]);
    drafts[0].hash()
}
