//! Hashing the branches above the frontier: those of the drafts that are dirty, in waves.
//!
//! The hashes of a page, of items and of branches, lie in one array. A wave notes which of them are to be
//! computed and of which others, by depth; then it computes them deepest first, full lanes at a time, from
//! the array and into it. A one-sided branch takes the place of what is below it.

use crate::bits::{bit_at, index_u32, shared_bits};
use crate::page::cost::{ITEM_COUNT_MAX, Item};
use crate::page::draft::{ChildDraft, PageDraft, Part};
use crate::page::outline::{Side, hash_count};
use crate::threads::Threads;
use bmt_core::wave::{HashCounts, Wave};
use bmt_core::{EMPTY_ROOT, Hash, Key, NodeKind, Scheme};
use std::ops::Range;

/// The drafts of a step, children before parents; a draft that was taken apart again is `None`.
pub(crate) type Drafts<K> = Vec<Option<PageDraft<K>>>;

/// Drafts that are hashed in one wave, at most: many enough for full lanes, and tasks for threads.
const DRAFTS_IN_WAVE: usize = 64;
/// Branches hashed in one call.
const BATCH: usize = 64;

/// A branch that is to be hashed: which hashes of a draft it is made of, and which one it becomes.
#[derive(Debug, Clone, Copy)]
struct Branch {
    draft: u32,
    place: u8,
    sides: [u8; 2],
}

/// In the place of a side: there is nothing.
const NOTHING: u8 = u8::MAX;
const _: () = assert!(2 * ITEM_COUNT_MAX - 1 <= NOTHING as usize);

/// The branches of pages that wait to be hashed.
#[derive(Debug)]
pub(crate) struct UpperWave<S: Scheme> {
    /// By depth.
    levels: Vec<Vec<Branch>>,
    /// No level from here on has a branch.
    end: usize,
    preimages: Vec<[u8; 64]>,
    /// For entries that are made of former ones, of which the hashes are in no page.
    merged: Wave<'static, S>,
    counts: HashCounts,
}

impl<S: Scheme> Default for UpperWave<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Scheme> UpperWave<S> {
    pub(crate) fn new() -> Self {
        Self {
            levels: vec![Vec::new(); 8 * S::Key::LEN],
            end: 0,
            preimages: vec![[0; 64]; BATCH],
            merged: Wave::new(),
            counts: HashCounts::default(),
        }
    }

    /// What was hashed so far.
    pub(crate) fn counts(&self) -> HashCounts {
        let mut counts = self.counts;
        counts += self.merged.counts();
        counts
    }

    /// Computes the dirty hashes of some pages; `known` are those of new children, by place.
    pub(crate) fn hash_pages(&mut self, drafts: &mut [PageDraft<S::Key>], known: &[Hash]) {
        for draft in &mut *drafts {
            put_children(draft, known);
        }
        self.hash_merged(drafts);
        for (index, draft) in drafts.iter().enumerate() {
            if let Some(last) = draft.items.len().checked_sub(1) {
                let top = draft.prefix.bits();
                let mut walk = Walk { wave: &mut *self, draft, index: index_u32(index) };
                walk.side(draft.outline.tree.root(), top, 0..last + 1);
            }
        }
        for depth in (0..self.end).rev() {
            let mut level = std::mem::take(&mut self.levels[depth]);
            level.chunks(BATCH).for_each(|branches| self.hash_branches(drafts, branches));
            let lane_count = S::lane_count().max(1);
            self.counts.nodes += level.len() as u64;
            self.counts.nodes_in_full_lanes += (level.len() - level.len() % lane_count) as u64;
            level.clear();
            self.levels[depth] = level;
        }
        self.end = 0;
    }

    /// Hashes entries that are made of former ones.
    fn hash_merged(&mut self, drafts: &mut [PageDraft<S::Key>]) {
        let all = || drafts.iter().flat_map(|draft| draft.merged.iter().map(move |it| (draft, it)));
        if all().next().is_none() {
            return;
        }
        self.merged.clear();
        for (draft, (item, parts)) in all() {
            let top = usize::from(draft.outline.bits[*item]);
            self.merged.begin(top);
            add_parts(&mut self.merged, top, parts);
            if self.merged.is_full() {
                self.merged.flush(|(), _| {});
            }
        }
        let mut roots = self.merged.finish(|(), _| {}).iter();
        for draft in drafts {
            for (item, _) in &draft.merged {
                draft.hashes[*item] = roots.next().copied().unwrap_or(EMPTY_ROOT);
            }
        }
    }

    fn hash_branches(&mut self, drafts: &mut [PageDraft<S::Key>], branches: &[Branch]) {
        for (preimage, branch) in self.preimages.iter_mut().zip(branches) {
            let hashes = &drafts[branch.draft as usize].hashes;
            let (halves, _) = preimage.as_chunks_mut::<32>();
            for (half, side) in halves.iter_mut().zip(branch.sides) {
                *half = if side == NOTHING { EMPTY_ROOT } else { hashes[usize::from(side)] };
            }
            preimage[0] &= S::LEFT_FIRST_BYTE_MASK;
        }
        let mut hashes = [EMPTY_ROOT; BATCH];
        let hashes = &mut hashes[..branches.len()];
        S::hash64_many(&self.preimages[..branches.len()], hashes);
        for (hash, branch) in hashes.iter().zip(branches) {
            let place = &mut drafts[branch.draft as usize].hashes[usize::from(branch.place)];
            *place = S::label(NodeKind::Branch, *hash);
        }
    }
}

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
            wave.hash_pages(drafts, &known);
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

/// Puts the hashes of dirty children, at their own prefixes, into the places of their items.
fn put_children<K: Key>(draft: &mut PageDraft<K>, known: &[Hash]) {
    if draft.children.is_empty() {
        return;
    }
    for item in draft.dirty_items.iter() {
        if let Item::Page { child } = draft.items[item] {
            draft.hashes[item] = match &draft.children[child as usize] {
                ChildDraft::Kept(page) => *page.hash(),
                ChildDraft::New(index) => known[*index],
            };
        }
    }
}

/// Notes the dirty branches of one page.
struct Walk<'a, S: Scheme> {
    wave: &'a mut UpperWave<S>,
    draft: &'a PageDraft<S::Key>,
    index: u32,
}

impl<S: Scheme> Walk<'_, S> {
    /// The side of a branch over the items of `range`, its top at depth `top`.
    fn side(&mut self, side: Side, top: usize, range: Range<usize>) {
        let draft = self.draft;
        if !draft.is_dirty(&range) {
            return;
        }
        let place = side.place(draft.items.len());
        let (key, bits) = match side {
            Side::Inner(inner) => (&draft.outline.keys[inner], draft.outline.tree.split(inner)),
            Side::Item(item) => (&draft.outline.keys[item], usize::from(draft.outline.bits[item])),
        };
        for depth in top..bits {
            let sides = match bit_at(key.as_bytes(), depth) {
                false => [stored(place), NOTHING],
                true => [NOTHING, stored(place)],
            };
            self.note(depth, place, sides);
        }
        if let Side::Inner(inner) = side {
            let [left, right] = draft.outline.tree.sides(inner);
            let sides = [left, right].map(|side| stored(side.place(draft.items.len())));
            self.note(bits, place, sides);
            self.side(left, bits + 1, range.start..inner + 1);
            self.side(right, bits + 1, inner + 1..range.end);
        }
    }

    fn note(&mut self, depth: usize, place: usize, sides: [u8; 2]) {
        debug_assert!(place < hash_count(self.draft.items.len()), "a hash of the page");
        self.wave.levels[depth].push(Branch { draft: self.index, place: stored(place), sides });
        self.wave.end = self.wave.end.max(depth + 1);
    }
}

/// A place among the hashes of a page.
fn stored(place: usize) -> u8 {
    match u8::try_from(place) {
        Ok(place) => place,
        Err(_) => unreachable!("a page has fewer than 256 hashes"),
    }
}

/// Branches on `key`'s path.
fn add_branches<S: Scheme>(wave: &mut Wave<'static, S>, key: &S::Key, depths: Range<usize>) {
    for depth in depths {
        wave.branch(key, depth, ());
    }
}

/// The subtrie over former frontier entries, its top at depth `top`.
fn add_parts<S: Scheme>(wave: &mut Wave<'static, S>, top: usize, parts: &[Part<S::Key>]) {
    let [first, .., last] = parts else {
        let [part] = parts else { return };
        let key = part.prefix.first_key();
        let bits = if part.kind == NodeKind::Leaf { top } else { part.prefix.bits() };
        add_branches(wave, key, top..bits);
        wave.known(key, bits, &part.hash);
        return;
    };
    let key = first.prefix.first_key();
    let split = shared_bits(key, last.prefix.first_key());
    add_branches(wave, key, top..split + 1);
    let middle = parts.partition_point(|part| !bit_at(part.prefix.first_key().as_bytes(), split));
    let (left, right) = parts.split_at(middle);
    add_parts(wave, split + 1, left);
    add_parts(wave, split + 1, right);
}
