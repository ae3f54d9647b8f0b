//! Items of pages on their own, so that they can be joined, inserted, and moved between pages.

use super::route::{Reshaping, mismatch};
use super::{Builder, Load};
use crate::bits::{Prefix, shared_bits, stored_bits};
use crate::error::MerkleError;
use crate::frontier::FrontierEntry;
use crate::page::cost::{ITEM_COUNT_MAX, Item, entry_fixed_bytes, page_fixed_bytes, prefix_bytes};
use crate::page::draft::{ChildDraft, IndexSet, PageDraft, Part};
use crate::page::outline::{Outline, hash_count};
use bmt_core::{EMPTY_ROOT, Hash, Key, NodeKind};
use std::sync::Arc;

/// A hash that was right at some depth.
#[derive(Debug, Clone, Copy)]
pub(super) struct HashAt {
    pub(super) hash: Hash,
    pub(super) top: u16,
}

/// An item of a page.
#[derive(Debug)]
pub(super) struct Element<K> {
    pub(super) prefix: Prefix<K>,
    pub(super) content: Content<K>,
    /// The frontier had an entry with this prefix before the step.
    pub(super) was_there: bool,
    /// The hash of the branch that parts it from the element before, if both were neighbours.
    pub(super) branch: Option<HashAt>,
}

#[derive(Debug)]
pub(super) enum Content<K> {
    Entry {
        kind: NodeKind,
        weight: u32,
        hash: Hash,
        is_dirty: bool,
    },
    /// An entry made of others.
    Merged {
        weight: u32,
        parts: Vec<Part<K>>,
    },
    Page {
        child: ChildDraft<K>,
        items_bytes: u16,
        known: Option<HashAt>,
    },
}

impl<K: Key> Element<K> {
    pub(super) fn entry(entry: &FrontierEntry<K>) -> Self {
        let FrontierEntry { prefix, kind, weight, hash } = *entry;
        let content = Content::Entry { kind, weight, hash, is_dirty: true };
        Self { prefix, content, was_there: false, branch: None }
    }

    /// Bytes in the image of a page that begins at depth `page_bits`.
    pub(super) fn bytes(&self, page_bits: usize, before: Option<&Self>) -> usize {
        let fixed = match &self.content {
            Content::Entry { kind, weight, .. } => entry_fixed_bytes(*kind, *weight),
            Content::Merged { weight, .. } => entry_fixed_bytes(NodeKind::Branch, *weight),
            Content::Page { items_bytes, .. } => page_fixed_bytes(*items_bytes),
        };
        fixed + prefix_bytes(page_bits, before.map(|before| &before.prefix), &self.prefix)
    }
}

/// The bytes that each element takes, in a page at `page_bits`.
pub(super) fn sizes<K: Key>(page_bits: usize, elements: &[Element<K>]) -> Vec<usize> {
    let before = std::iter::once(None).chain(elements.iter().map(Some));
    elements.iter().zip(before).map(|(element, before)| element.bytes(page_bits, before)).collect()
}

/// The bits at which neighbours part.
pub(super) fn splits<K: Key>(elements: &[Element<K>]) -> Vec<u16> {
    let shared = |pair: &[Element<K>]| {
        stored_bits(shared_bits(pair[0].prefix.first_key(), pair[1].prefix.first_key()))
    };
    elements.windows(2).map(shared).collect()
}

/// No prefix may begin with another, and all must ascend.
pub(super) fn check_order<K: Key>(elements: &[Element<K>]) -> Result<(), MerkleError> {
    for pair in elements.windows(2) {
        let (low, high) = (&pair[0].prefix, &pair[1].prefix);
        let shared = shared_bits(low.first_key(), high.first_key());
        if low >= high || shared >= low.bits().min(high.bits()) {
            return Err(mismatch(high));
        }
    }
    Ok(())
}

/// A draft as elements.
pub(super) fn of_draft<K: Key>(draft: PageDraft<K>) -> Vec<Element<K>> {
    let page_bits = draft.prefix.bits();
    let tops = draft.outline.tree.tops(page_bits);
    let mut merged = draft.merged;
    let mut elements = Vec::with_capacity(draft.items.len());
    for (at, item) in draft.items.iter().enumerate() {
        let branch = at.checked_sub(1).filter(|inner| !draft.dirty_inner.has(*inner));
        let branch = branch.map(|inner| HashAt {
            hash: draft.hashes[draft.items.len() + inner],
            top: tops[inner],
        });
        let is_dirty = draft.dirty_items.has(at);
        let hash = draft.hashes[at];
        let content = match *item {
            Item::Entry { kind, weight } => match merged.iter_mut().find(|(item, _)| *item == at) {
                Some((_, parts)) => Content::Merged { weight, parts: std::mem::take(parts) },
                None => Content::Entry { kind, weight, hash, is_dirty },
            },
            Item::Page { child } => {
                let top = stored_bits(draft.outline.tree.item_top(at, page_bits));
                let child = draft.children[child as usize].clone();
                // The sizes of new drafts are looked up by the builder.
                let items_bytes = match &child {
                    ChildDraft::Kept(page) => page.items_bytes(),
                    ChildDraft::New(_) => 0,
                };
                let known = (!is_dirty).then_some(HashAt { hash, top });
                Content::Page { child, items_bytes, known }
            }
        };
        let was_there = matches!(item, Item::Entry { .. }) && !draft.new_entries.has(at);
        let prefix = Prefix::of_parts(draft.outline.keys[at], draft.outline.bits[at]);
        elements.push(Element { prefix, content, was_there, branch });
    }
    elements
}

/// A draft of elements, whose entries stand right below branches and which fit a page.
pub(super) fn into_draft<K: Key>(prefix: Prefix<K>, elements: Vec<Element<K>>) -> PageDraft<K> {
    assert!(elements.len() <= ITEM_COUNT_MAX, "the items of a page fit its image");
    let items_bytes: usize = sizes(prefix.bits(), &elements).iter().sum();
    let (keys, bits) =
        elements.iter().map(|e| (*e.prefix.first_key(), stored_bits(e.prefix.bits()))).unzip();
    let outline = Outline::new(prefix.bits(), keys, bits);
    let tops = outline.tree.tops(prefix.bits());
    let mut draft = PageDraft {
        prefix,
        items: Vec::with_capacity(elements.len()),
        hashes: vec![EMPTY_ROOT; hash_count(elements.len())],
        children: Vec::new(),
        dirty_items: IndexSet::default(),
        dirty_inner: IndexSet::default(),
        new_entries: IndexSet::default(),
        merged: Vec::new(),
        items_bytes: match u16::try_from(items_bytes) {
            Ok(bytes) => bytes,
            Err(_) => unreachable!("the items of a page fit its image"),
        },
        outline: Arc::new(outline),
    };
    let item_count = elements.len();
    for (at, element) in elements.into_iter().enumerate() {
        if let Some(inner) = at.checked_sub(1) {
            match element.branch.filter(|branch| branch.top == tops[inner]) {
                Some(branch) => draft.hashes[item_count + inner] = branch.hash,
                None => draft.dirty_inner.insert(inner),
            }
        }
        if !element.was_there {
            draft.new_entries.insert(at);
        }
        put(&mut draft, at, element.content);
    }
    draft
}

/// Puts the content of the item with the index `at`, the next one, into a draft.
fn put<K: Key>(draft: &mut PageDraft<K>, at: usize, content: Content<K>) {
    let top = draft.outline.tree.item_top(at, draft.prefix.bits());
    let bits = usize::from(draft.outline.bits[at]);
    match content {
        Content::Entry { kind, weight, hash, is_dirty } => {
            assert_eq!(bits, top, "an entry stands right below a branch");
            draft.items.push(Item::Entry { kind, weight });
            draft.hashes[at] = hash;
            if is_dirty {
                draft.dirty_items.insert(at);
            }
        }
        Content::Merged { weight, parts } => {
            draft.items.push(Item::Entry { kind: NodeKind::Branch, weight });
            draft.dirty_items.insert(at);
            draft.merged.push((at, parts));
        }
        Content::Page { child, known, .. } => {
            let known = known.filter(|known| usize::from(known.top) == top);
            let kept = match &child {
                ChildDraft::Kept(page) if bits == top => Some(*page.hash()),
                ChildDraft::Kept(_) => known.map(|known| known.hash),
                ChildDraft::New(_) => None,
            };
            match kept {
                Some(hash) => draft.hashes[at] = hash,
                None => draft.dirty_items.insert(at),
            }
            draft.items.push(Item::Page { child: crate::bits::index_u32(draft.children.len()) });
            draft.children.push(child);
        }
    }
}

impl<K: Key> Builder<'_, K> {
    /// The elements of a draft with items removed and inserted; small new children are opened.
    pub(super) fn elements(
        &mut self,
        draft: PageDraft<K>,
        reshaping: &Reshaping<K>,
    ) -> Vec<Element<K>> {
        let mut inserted = reshaping.inserted.iter().peekable();
        let mut out = Vec::with_capacity(draft.items.len() + reshaping.inserted.len());
        let mut is_neighbour = true;
        for (at, mut element) in of_draft(draft).into_iter().enumerate() {
            while let Some((_, entry)) = inserted.next_if(|(place, _)| *place <= at) {
                out.push(Element::entry(entry));
                is_neighbour = false;
            }
            if reshaping.removed.has(at) {
                is_neighbour = false;
                continue;
            }
            if !is_neighbour {
                element.branch = None;
            }
            is_neighbour = self.push_opened(element, &mut out);
        }
        out.extend(inserted.map(|(_, entry)| Element::entry(entry)));
        out
    }

    /// Pushes an element, or the contents of a small new page; whether there is anything.
    fn push_opened(&mut self, mut element: Element<K>, out: &mut Vec<Element<K>>) -> bool {
        if let Content::Page { child: ChildDraft::New(index), items_bytes, .. } =
            &mut element.content
        {
            if self.is_small(*index) {
                let draft = self.take(*index);
                return splice(of_draft(draft), element.branch, self, out);
            }
            *items_bytes = self.draft(*index).items_bytes;
        }
        out.push(element);
        true
    }

    /// Pushes the contents of a page in its place.
    pub(super) fn open(
        &mut self,
        child: ChildDraft<K>,
        branch: Option<HashAt>,
        out: &mut Vec<Element<K>>,
    ) -> Result<(), MerkleError> {
        let draft = match child {
            ChildDraft::New(index) => self.take(index),
            ChildDraft::Kept(page) => {
                let load: Load<'_, K> = self.load;
                let draft = PageDraft::of(&page, &*load(&page)?);
                self.replaced.push(page);
                draft
            }
        };
        splice(of_draft(draft), branch, self, out);
        Ok(())
    }
}

/// Pushes what was in a page; the branch before the page is the one before its first element.
fn splice<K: Key>(
    mut elements: Vec<Element<K>>,
    branch: Option<HashAt>,
    builder: &Builder<'_, K>,
    out: &mut Vec<Element<K>>,
) -> bool {
    if let Some(first) = elements.first_mut() {
        first.branch = branch;
    }
    for element in &mut elements {
        if let Content::Page { child: ChildDraft::New(index), items_bytes, .. } =
            &mut element.content
        {
            *items_bytes = builder.draft(*index).items_bytes;
        }
    }
    let is_any = !elements.is_empty();
    out.append(&mut elements);
    is_any
}
