//! Leading edits to the items that they belong to.

use super::{Builder, Edited};
use crate::bits::stored_bits;
use crate::error::MerkleError;
use crate::frontier::{FrontierChange, FrontierEntry};
use crate::page::body::Body;
use crate::page::cost::{Item, entry_fixed_bytes};
use crate::page::draft::{ChildDraft, IndexSet, PageDraft};
use bmt_core::Key;

/// What is to be done to a page besides replacing items one by one.
pub(super) struct Reshaping<K> {
    /// Items that are gone.
    pub(super) removed: IndexSet,
    /// New entries, each with the number of items before it.
    pub(super) inserted: Vec<(usize, FrontierEntry<K>)>,
}

/// The error that an edit does not fit.
pub(super) fn mismatch<K: Key>(change: &crate::bits::Prefix<K>) -> MerkleError {
    let mut first_key = [0; 32];
    first_key[..K::LEN].copy_from_slice(change.first_key().as_bytes());
    MerkleError::FrontierMismatch { first_key, prefix_bits: change.bits() }
}

impl<K: Key> Builder<'_, K> {
    /// Carries out the edits on a draft of the page as far as its outline stays; the others are
    /// returned, if there are any or if entries or children may have to be merged.
    pub(super) fn route(
        &mut self,
        draft: &mut PageDraft<K>,
        body: &Body<K>,
        edits: &[FrontierChange<K>],
    ) -> Result<Option<Reshaping<K>>, MerkleError> {
        let mut reshaping = Reshaping { removed: IndexSet::default(), inserted: Vec::new() };
        let mut reshapes = false;
        let mut lighter = IndexSet::default();
        let outline = &*body.outline;
        let keys = &outline.keys;
        let mut made = self.children_side_by_side(body, edits)?;
        let mut rest = edits;
        while let Some((edit, others)) = rest.split_first() {
            let prefix = edit.prefix();
            let after = outline.count_to(prefix.first_key());
            let item = after.checked_sub(1);
            if let Some((item, child)) = item.and_then(|at| Some((at, body.child(at)?)))
                && child.prefix().contains_prefix(prefix)
            {
                let own =
                    rest.partition_point(|edit| child.prefix().contains_prefix(edit.prefix()));
                let (own, others) = rest.split_at(own);
                let index = match made.pop_front() {
                    Some(index) => index,
                    None => self.page(child, own)?,
                };
                reshapes |=
                    self.is_small(index) || self.draft(index).items_bytes != child.items_bytes();
                replace_child(draft, item, index);
                rest = others;
                continue;
            }
            let bits = stored_bits(prefix.bits());
            let is_there =
                |item: &usize| outline.bits[*item] == bits && keys[*item] == *prefix.first_key();
            let place = item.filter(is_there);
            match (edit, place) {
                (FrontierChange::Set(entry), Some(item)) => match set_entry(draft, item, entry) {
                    Replaced::InPlace => {}
                    Replaced::Lighter => lighter.insert(item),
                    Replaced::Resized => reshapes = true,
                },
                (FrontierChange::Set(entry), None) => reshaping.inserted.push((after, *entry)),
                (FrontierChange::Remove(prefix), Some(item)) => {
                    reshaping.removed.insert(item);
                    self.removed.push(*prefix);
                }
                (FrontierChange::Remove(_), None) if self.edited == Edited::BySteps => {
                    rest = others;
                    continue;
                }
                (FrontierChange::Remove(prefix), None) => return Err(mismatch(prefix)),
            }
            reshapes |= place.is_none() || matches!(edit, FrontierChange::Remove(_));
            rest = others;
        }
        // After all edits, as a neighbour may have grown.
        let weight_max = u64::from(self.shape.weight_max());
        reshapes = reshapes || lighter.iter().any(|item| can_join(draft, item, weight_max));
        Ok(reshapes.then_some(reshaping))
    }
}

fn replace_child<K: Key>(draft: &mut PageDraft<K>, item: usize, index: usize) {
    draft.dirty_items.insert(item);
    if let Item::Page { child } = draft.items[item] {
        draft.children[child as usize] = ChildDraft::New(index);
    }
}

/// What replacing an entry in its place means for the page.
enum Replaced {
    InPlace,
    /// It may now be joined with its neighbour.
    Lighter,
    /// The page takes other room, or the item was no entry.
    Resized,
}

/// Replaces an entry in its place.
fn set_entry<K: Key>(draft: &mut PageDraft<K>, item: usize, entry: &FrontierEntry<K>) -> Replaced {
    let Item::Entry { kind, weight } = draft.items[item] else { return Replaced::Resized };
    draft.items[item] = Item::Entry { kind: entry.kind, weight: entry.weight };
    draft.hashes[item] = entry.hash;
    draft.dirty_items.insert(item);
    if entry_fixed_bytes(kind, weight) != entry_fixed_bytes(entry.kind, entry.weight) {
        return Replaced::Resized;
    }
    if entry.weight < weight { Replaced::Lighter } else { Replaced::InPlace }
}

/// Whether an entry and what stands beside it have become light enough to be one entry. If that is a branch, its
/// own items tell: it was too heavy before, and so are all branches over one that still is.
fn can_join<K: Key>(draft: &PageDraft<K>, item: usize, weight_max: u64) -> bool {
    let weight = |item: usize| match draft.items[item] {
        Item::Entry { weight, .. } => Some(u64::from(weight)),
        Item::Page { .. } => None,
    };
    let beside = draft.outline.tree.beside(item).and_then(weight);
    weight(item).zip(beside).is_some_and(|(one, other)| one + other <= weight_max)
}
