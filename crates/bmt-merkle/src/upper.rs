//! Hashing the branches above the frontier: those of the drafts that are dirty, in one wave.

use crate::bits::{bit_at, index_u32, shared_bits};
use crate::page::cost::{ITEM_COUNT_MAX, Item};
use crate::page::draft::{ChildDraft, PageDraft, Part};
use crate::page::outline::Side;
use crate::threads::Threads;
use bmt_core::wave::{HashCounts, Wave};
use bmt_core::{EMPTY_ROOT, Hash, Key, NodeKind, Scheme};
use std::ops::RangeInclusive;

/// The drafts of a step, children before parents; a draft that was taken apart again is `None`.
pub(crate) type Drafts<K> = Vec<Option<PageDraft<K>>>;

/// Drafts that are hashed in one wave, at most: many enough for full lanes, and tasks for threads.
const DRAFTS_IN_WAVE: usize = 64;

/// Where a hash belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot {
    /// The draft's place in the wave.
    draft: u32,
    /// An item, or behind them a branch.
    place: u32,
}

/// The hash is needed for its parent alone.
const NOWHERE: Slot = Slot { draft: u32::MAX, place: 0 };

/// A wave for the branches of pages.
pub(crate) type UpperWave<S> = Wave<'static, S, Slot>;

/// Computes the dirty hashes of all drafts: those without new children first, then their parents, and
/// so on. Each such level is hashed on all threads.
pub(crate) fn hash_drafts<S: Scheme>(
    threads: &Threads<S>,
    drafts: &mut Drafts<S::Key>,
) -> HashCounts {
    let mut counts = HashCounts::default();
    let mut known = vec![EMPTY_ROOT; drafts.len()];
    for level in levels(drafts) {
        let mut own: Vec<PageDraft<S::Key>> =
            level.iter().filter_map(|index| drafts[*index].take()).collect();
        counts += threads.for_each_chunk(&mut own, DRAFTS_IN_WAVE, |wave, drafts| {
            hash_pages(wave, drafts, &known);
        });
        for (index, draft) in level.into_iter().zip(own) {
            known[index] = draft.hash();
            drafts[index] = Some(draft);
        }
    }
    counts
}

/// The places of drafts by how many levels of new children are below them.
fn levels<K: Key>(drafts: &Drafts<K>) -> Vec<Vec<usize>> {
    let mut levels: Vec<Vec<usize>> = Vec::new();
    let mut level_of = vec![0; drafts.len()];
    for (index, draft) in drafts.iter().enumerate() {
        let Some(draft) = draft else { continue };
        let below = draft.children.iter().filter_map(|child| match child {
            ChildDraft::New(child) => Some(level_of[*child] + 1),
            ChildDraft::Kept(_) => None,
        });
        let level = below.max().unwrap_or_default();
        level_of[index] = level;
        levels.resize_with(levels.len().max(level + 1), Vec::new);
        levels[level].push(index);
    }
    levels
}

/// Computes the dirty hashes of some pages; `known` are those of new children, by place.
pub(crate) fn hash_pages<S: Scheme>(
    wave: &mut UpperWave<S>,
    drafts: &mut [PageDraft<S::Key>],
    known: &[Hash],
) {
    wave.clear();
    for index in 0..drafts.len() {
        Walk { wave: &mut *wave, page: &drafts[index], index, known }.page();
        if wave.is_full() {
            wave.flush(|slot, hash| store(drafts, slot, hash));
        }
    }
    wave.finish(|slot, hash| store(drafts, slot, hash));
}

/// Keeps a hash where it belongs.
fn store<K>(drafts: &mut [PageDraft<K>], slot: Slot, hash: &Hash) {
    let Some(draft) = drafts.get_mut(slot.draft as usize) else { return };
    let place = slot.place as usize;
    match place.checked_sub(ITEM_COUNT_MAX) {
        None => draft.hashes[place] = *hash,
        Some(inner) => draft.inner[inner] = *hash,
    }
}

/// Adds the dirty branches of one page.
struct Walk<'a, S: Scheme> {
    wave: &'a mut UpperWave<S>,
    page: &'a PageDraft<S::Key>,
    /// The page's place in the wave.
    index: usize,
    known: &'a [Hash],
}

impl<S: Scheme> Walk<'_, S> {
    fn page(&mut self) {
        let top = self.page.prefix.bits();
        self.wave.begin(top);
        if let Some(last) = self.page.items.len().checked_sub(1) {
            self.side(self.page.outline.tree.root(), top, 0..=last);
        }
    }

    /// The side of a branch over the items of `range`, its top at depth `top`.
    fn side(&mut self, side: Side, top: usize, range: RangeInclusive<usize>) {
        let inner = match side {
            Side::Item(item) => return self.item(item, top),
            Side::Inner(inner) => inner,
        };
        let page = self.page;
        let key = &page.outline.keys[inner];
        if !page.is_dirty(&range) {
            self.wave.known(key, top, &page.inner[inner]);
            return;
        }
        let split = page.outline.tree.split(inner);
        let [left, right] = page.outline.tree.sides(inner);
        let slot = self.slot(ITEM_COUNT_MAX + inner);
        add_branches(self.wave, key, top..=split, slot);
        self.side(left, split + 1, *range.start()..=inner);
        self.side(right, split + 1, inner + 1..=*range.end());
    }

    fn item(&mut self, item: usize, top: usize) {
        let page = self.page;
        let (key, hash) = (&page.outline.keys[item], &page.hashes[item]);
        if !page.dirty_items.has(item) {
            self.wave.known(key, top, hash);
            return;
        }
        let slot = self.slot(item);
        let Item::Page { child } = page.items[item] else {
            match page.merged.iter().find(|(merged, _)| *merged == item) {
                Some((_, parts)) => add_parts(self.wave, top, parts, slot),
                None => self.wave.known(key, top, hash),
            }
            return;
        };
        let bits = usize::from(page.outline.bits[item]);
        if top < bits {
            add_branches(self.wave, key, top..=bits - 1, slot);
        }
        let hash = match &page.children[child as usize] {
            ChildDraft::Kept(page) => page.hash(),
            ChildDraft::New(index) => &self.known[*index],
        };
        self.wave.known(key, bits, hash);
    }

    fn slot(&self, place: usize) -> Slot {
        Slot { draft: index_u32(self.index), place: index_u32(place) }
    }
}

/// Branches on `key`'s path, of which the first has the hash that belongs to `slot`.
fn add_branches<S: Scheme>(
    wave: &mut UpperWave<S>,
    key: &S::Key,
    depths: RangeInclusive<usize>,
    slot: Slot,
) {
    let mut slot = slot;
    for depth in depths {
        wave.branch(key, depth, slot);
        slot = NOWHERE;
    }
}

/// The subtrie over former frontier entries, its top at depth `top`.
fn add_parts<S: Scheme>(wave: &mut UpperWave<S>, top: usize, parts: &[Part<S::Key>], slot: Slot) {
    let [first, .., last] = parts else {
        let [part] = parts else { return };
        let key = part.prefix.first_key();
        let bits = if part.kind == NodeKind::Leaf { top } else { part.prefix.bits() };
        if top < bits {
            add_branches(wave, key, top..=bits - 1, slot);
        }
        wave.known(key, bits, &part.hash);
        return;
    };
    let key = first.prefix.first_key();
    let split = shared_bits(key, last.prefix.first_key());
    add_branches(wave, key, top..=split, slot);
    let middle = parts.partition_point(|part| !bit_at(part.prefix.first_key().as_bytes(), split));
    let (left, right) = parts.split_at(middle);
    add_parts(wave, split + 1, left, NOWHERE);
    add_parts(wave, split + 1, right, NOWHERE);
}
