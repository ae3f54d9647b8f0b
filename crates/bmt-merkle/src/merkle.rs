//! The trie's engine: [`Merkle`].

use crate::bits::Prefix;
use crate::build::freeze::{body_of, freeze, frontier_changes};
use crate::build::{Builder, Edited};
use crate::cache::Cache;
use crate::change::{Change, check_order};
use crate::error::MerkleError;
use crate::frontier::FrontierChange;
use crate::load::Loader;
use crate::page::StepId;
use crate::page::draft::{IndexSet, PageDraft};
use crate::page::handle::PageHandle;
use crate::page::outline::Outline;
use crate::shape::Shape;
use crate::source::{LeafSource, PageSource};
use crate::threads::Threads;
use crate::update::bottom::BottomHasher;
use crate::update::divide::{Piece, Pieces};
use crate::update::locate::{Region, locate};
use crate::update::read::merge;
use crate::upper::hash_drafts;
use crate::version::{Step, Version};
use bmt_core::Scheme;
use bmt_core::wave::HashCounts;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// A trie over pages: makes new versions of old ones, and reads them.
///
/// It holds no version itself. All methods take `&self` and can run side by side.
#[derive(Debug)]
pub struct Merkle<S: Scheme> {
    pub(crate) shape: Shape,
    pub(crate) cache: Cache<S::Key>,
    threads: Threads<S>,
}

/// Edits of the frontier, ascending.
type Edits<K> = Vec<FrontierChange<K>>;

/// How a [`Merkle`] works, apart from what it computes.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct MerkleOptions {
    /// Bytes of pages in memory. Pages that were not written yet, or are in use, may exceed it; a quarter of
    /// it is for written pages in any case.
    pub cache_bytes: usize,
    /// Pages whose prefix has fewer bits are not dropped from memory once they are in it: at most two to this
    /// power, of about 9 KiB each. They count in `cache_bytes`. 0, the default, keeps none.
    pub resident_bits: usize,
    /// Threads that hash; with 1 it is the caller's. What is computed does not depend on it.
    pub threads: usize,
}

impl Default for MerkleOptions {
    fn default() -> Self {
        Self { cache_bytes: 64 << 20, resident_bits: 0, threads: 1 }
    }
}

impl<S: Scheme> Merkle<S> {
    /// An engine for the trie of this shape.
    ///
    /// # Errors
    /// [`MerkleError::Threads`] when threads can't be started.
    pub fn new(shape: Shape, options: MerkleOptions) -> Result<Self, MerkleError> {
        let threads = Threads::new(options.threads)?;
        Ok(Self { shape, cache: Cache::new(options.cache_bytes, options.resident_bits), threads })
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Drops something large, such as a step that is done with, on one of the threads that hash; at once if there
    /// is none but the caller's.
    pub fn drop_aside<T: Send + 'static>(&self, thing: T) {
        self.threads.drop_aside(thing);
    }

    /// The version without entries, of an owner that has none yet.
    #[must_use]
    pub fn empty(&self) -> Version<S> {
        let draft = PageDraft {
            prefix: Prefix::empty(),
            outline: Arc::new(Outline::new(0, Vec::new(), Vec::new())),
            items: Vec::new(),
            hashes: Vec::new(),
            children: Vec::new(),
            dirty_items: IndexSet::default(),
            dirty_inner: IndexSet::default(),
            new_entries: IndexSet::default(),
            merged: Vec::new(),
            items_bytes: 0,
        };
        let body = body_of(draft, &[], self.cache.residency());
        let root = PageHandle::born(Prefix::empty(), StepId::default(), 0, Arc::new(body));
        Version { root }
    }

    /// The state that `changes`, ascending by key, make of `base`.
    ///
    /// `leaves` presents the state of `base`. Reads one leaf range for each bottom subtrie that the
    /// changes touch; computes their nodes and the branches above them, each once. A batch that changes
    /// nothing gives the base's version again.
    ///
    /// # Errors
    /// Those of the sources, a page that is missing or damaged, and
    /// [`MerkleError::UnsortedChanges`]. Nothing has happened then.
    pub fn update<P: PageSource, L: LeafSource<S::Key>>(
        &self,
        base: &Version<S>,
        birth: StepId,
        changes: &[Change<'_, S::Key>],
        pages: &P,
        leaves: &L,
    ) -> Result<Step<S>, MerkleError> {
        check_order(changes)?;
        let loader = self.loader(pages);
        let regions = locate(&loader, &base.root, changes)?;
        let (edits, counts) = self.bottom_edits(&regions, changes, leaves)?;
        self.build(base, birth, edits, &loader, (Edited::Once, counts))
    }

    /// The state that a step's frontier changes make of the version it stood on, without reading
    /// leaves: what [`Merkle::update`] does after hashing the bottom subtries.
    ///
    /// # Errors
    /// Those of the page source, and [`MerkleError::FrontierMismatch`] when the changes are of another
    /// version. The root tells whether they were the right ones.
    pub fn apply_frontier<P: PageSource>(
        &self,
        base: &Version<S>,
        birth: StepId,
        changes: &[FrontierChange<S::Key>],
        pages: &P,
    ) -> Result<Step<S>, MerkleError> {
        if let Some(at) = changes.windows(2).position(|pair| pair[0].prefix() >= pair[1].prefix()) {
            return Err(MerkleError::UnsortedChanges { index: at + 1 });
        }
        let loader = self.loader(pages);
        let keys: Vec<S::Key> = changes.iter().map(|edit| *edit.prefix().first_key()).collect();
        locate(&loader, &base.root, &keys)?;
        self.build(base, birth, changes.to_vec(), &loader, (Edited::Once, HashCounts::default()))
    }

    /// The state that the frontier changes of several steps, one after another, make of the version that the first
    /// stood on: that of [`Merkle::apply_frontier`] step by step, with each page built once. `changes` has them in
    /// the order of the steps; the last one of a prefix counts. The result names no frontier changes.
    ///
    /// # Errors
    /// As [`Merkle::apply_frontier`]; but what a change removes need not be there, as an earlier one may have made it.
    pub fn apply_frontiers<P: PageSource>(
        &self,
        base: &Version<S>,
        birth: StepId,
        mut changes: Vec<FrontierChange<S::Key>>,
        pages: &P,
    ) -> Result<Step<S>, MerkleError> {
        // The sort is stable, so the newest change of a prefix is the first from behind.
        changes.sort_by(|a, b| a.prefix().cmp(b.prefix()));
        changes.reverse();
        changes.dedup_by(|older, newer| older.prefix() == newer.prefix());
        changes.reverse();
        let loader = self.loader(pages);
        let keys: Vec<S::Key> = changes.iter().map(|edit| *edit.prefix().first_key()).collect();
        locate(&loader, &base.root, &keys)?;
        self.build(base, birth, changes, &loader, (Edited::BySteps, HashCounts::default()))
    }

    /// Hashes the bottom subtries of `regions` after `changes`. This thread reads; the pool goes through what was
    /// read, and hashes.
    fn bottom_edits<L: LeafSource<S::Key>>(
        &self,
        regions: &[Region<S::Key>],
        changes: &[Change<'_, S::Key>],
        leaves: &L,
    ) -> Result<(Edits<S::Key>, HashCounts), MerkleError> {
        let (shape, ready) = (&self.shape, VecDeque::new());
        let mut pieces = Pieces { shape, source: leaves, changes, regions, ready };
        let mut number = 0;
        let done: Mutex<Vec<(usize, Edits<S::Key>)>> = Mutex::default();
        let failed = Mutex::new(None);
        let counts = self.threads.pipe(
            || {
                number += 1;
                Ok::<_, MerkleError>(pieces.next()?.map(|piece| (number, piece)))
            },
            |hasher, (number, piece)| {
                let mut edits = Edits::new();
                match piece {
                    Piece::Removed(prefix) => edits.push(FrontierChange::Remove(prefix)),
                    Piece::Merged(region, leaves) => hasher.edits(&[region], leaves, &mut edits),
                    Piece::Fetched(regions, fetched) => {
                        match merge::<S>(shape, fetched, regions, changes) {
                            Ok(leaves) => hasher.edits(regions, leaves, &mut edits),
                            Err(error) => drop(failed.lock().get_or_insert(error)),
                        }
                    }
                }
                done.lock().push((number, edits));
            },
            || BottomHasher::new(self.shape.weight_max()),
        )?;
        if let Some(error) = failed.into_inner() {
            return Err(error);
        }
        let mut done = done.into_inner();
        done.sort_unstable_by_key(|(number, _)| *number);
        let done: Vec<Edits<S::Key>> = done.into_iter().map(|(_, edits)| edits).collect();
        Ok((done.concat(), counts))
    }

    /// Carries out edits of the frontier.
    fn build<P: PageSource>(
        &self,
        base: &Version<S>,
        birth: StepId,
        edits: Edits<S::Key>,
        loader: &Loader<'_, S, P>,
        (edited, mut hash_counts): (Edited, HashCounts),
    ) -> Result<Step<S>, MerkleError> {
        let unchanged = |hash_counts| Step {
            version: base.clone(),
            frontier_changes: Vec::new(),
            new_pages: Vec::new(),
            replaced_pages: Vec::new(),
            hash_counts,
            load_counts: *loader.counts.lock(),
        };
        if edits.is_empty() {
            return Ok(unchanged(hash_counts));
        }
        let load = |page: &Arc<PageHandle<S::Key>>| loader.body(page);
        let mut builder = Builder::new(&self.shape, &load, self.threads.pool());
        builder.edited = edited;
        let root = builder.page(&base.root, &edits)?;
        let Builder { mut drafts, replaced, removed, is_reshaped, .. } = builder;
        hash_counts += hash_drafts(&self.threads, &mut drafts);
        // Entries that only took the place of others are what the edits say.
        let frontier_changes = match edited {
            Edited::Once if is_reshaped => frontier_changes(&drafts, removed),
            Edited::Once => edits,
            Edited::BySteps => Vec::new(),
        };
        let mut pages = freeze(drafts, birth, self.cache.residency());
        let Some(Some(root)) = pages.get(root).cloned() else {
            unreachable!("the root's draft became a page")
        };
        self.cache.evict();
        let load_counts = *loader.counts.lock();
        Ok(Step {
            version: Version { root },
            frontier_changes,
            new_pages: pages.drain(..).flatten().collect(),
            replaced_pages: replaced,
            hash_counts,
            load_counts,
        })
    }
}
