//! Making pages of drafts whose hashes are computed.

use crate::bits::Prefix;
use crate::frontier::{FrontierChange, FrontierEntry};
use crate::page::StepId;
use crate::page::body::Body;
use crate::page::cost::Item;
use crate::page::draft::{ChildDraft, PageDraft};
use crate::page::handle::PageHandle;
use crate::residency::Residency;
use crate::upper::Drafts;
use bmt_core::Key;
use std::sync::Arc;

/// The body of a draft, whose new children are already pages; `pages` has them by place.
pub(crate) fn body_of<K: Key>(
    mut draft: PageDraft<K>,
    pages: &[Option<Arc<PageHandle<K>>>],
    residency: &Arc<Residency>,
) -> Body<K> {
    let children: Vec<Arc<PageHandle<K>>> = draft
        .children
        .into_iter()
        .map(|child| match child {
            ChildDraft::Kept(page) => page,
            ChildDraft::New(index) => match pages.get(index) {
                Some(Some(page)) => Arc::clone(page),
                _ => unreachable!("children are made before their parents"),
            },
        })
        .collect();
    let tree = &draft.outline.tree;
    let items = if children.is_empty() { &[] } else { draft.items.as_slice() };
    for (at, item) in items.iter().enumerate() {
        if let Item::Page { child } = item {
            let page = &children[*child as usize];
            if page.prefix().bits() == tree.item_top(at, draft.prefix.bits()) {
                draft.hashes[at] = *page.hash();
            }
        }
    }
    Body::new(draft.outline, draft.items, draft.hashes, children, residency)
}

/// The pages of all drafts, by the drafts' places.
pub(crate) fn freeze<K: Key>(
    drafts: Drafts<K>,
    birth: StepId,
    residency: &Arc<Residency>,
) -> Vec<Option<Arc<PageHandle<K>>>> {
    let mut pages: Vec<Option<Arc<PageHandle<K>>>> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let page = draft.map(|draft| {
            let (prefix, items_bytes) = (draft.prefix, draft.items_bytes);
            let body = body_of(draft, &pages, residency);
            PageHandle::born(prefix, birth, items_bytes, Arc::new(body))
        });
        pages.push(page);
    }
    pages
}

/// What the drafts, whose hashes are computed, change in the frontier; `removed` are prefixes that are
/// gone, unless an entry took the place again.
pub(crate) fn frontier_changes<K: Key>(
    drafts: &Drafts<K>,
    removed: Vec<Prefix<K>>,
) -> Vec<FrontierChange<K>> {
    let mut changes: Vec<FrontierChange<K>> =
        removed.into_iter().map(FrontierChange::Remove).collect();
    for draft in drafts.iter().flatten() {
        for at in draft.dirty_items.iter() {
            if let Item::Entry { kind, weight } = draft.items[at] {
                let entry = FrontierEntry {
                    prefix: draft.item_prefix(at),
                    kind,
                    weight,
                    hash: draft.hashes[at],
                };
                changes.push(FrontierChange::Set(entry));
            }
        }
    }
    let is_removal = |change: &FrontierChange<K>| matches!(change, FrontierChange::Remove(_));
    // Long runs are sorted already, and the stable sort uses them.
    changes.sort_by(|a, b| a.prefix().cmp(b.prefix()).then(is_removal(a).cmp(&is_removal(b))));
    changes.dedup_by(|next, kept| next.prefix() == kept.prefix());
    changes
}
