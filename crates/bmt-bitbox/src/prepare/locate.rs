//! Finding the pages that a batch replaces or deletes.

use crate::PageId;
use crate::batch::{Batch, Old};
use crate::core::Core;
use crate::error::TableError;
use crate::lookup::{Sighting, find_each};
use crate::page::Place;
use crate::probe::Fingerprint;
use std::collections::HashSet;

/// Where each changed page lies now, in order of the batch; `None` for those that are new.
///
/// A page is read to know that it is the one, unless the caller knows more. A damaged page is the one if its id
/// is whole; one that can't be told is an error, unless the caller says that the page is there. It is never taken
/// for two of them, whatever the caller says.
pub(crate) fn locate(
    core: &Core,
    batch: &Batch<'_>,
    view: u64,
) -> Result<Vec<Option<Place>>, TableError> {
    let mut places: Vec<Option<Place>> = Vec::with_capacity(batch.len());
    let mut unknown: Vec<(usize, bool)> = Vec::new();
    let mut ids: Vec<PageId> = Vec::new();
    {
        let set = core.set.read();
        for (at, (id, change)) in batch.changes().enumerate() {
            let is_right = |place: &Place| {
                let meta_byte = Fingerprint::of(core.salt, id).meta_byte();
                set.get(place.table).is_some_and(|table| {
                    place.bucket <= table.buckets.geometry().mask()
                        && table.buckets.byte(place.bucket) == meta_byte
                })
            };
            let known = match change.old {
                Old::At(place) => Some(place).filter(is_right),
                Old::Unknown | Old::Absent | Old::Present => None,
            };
            if known.is_none() && change.old != Old::Absent {
                unknown.push((at, change.old == Old::Present));
                ids.push(*id);
            }
            places.push(known);
        }
    }
    let mut guessed: HashSet<Place> = HashSet::new();
    find_each(core, &ids, view, |at, sighting| {
        let (at, is_present) = unknown[at];
        places[at] = match sighting {
            Sighting::Page(page) => Some(page.place()),
            Sighting::Damaged(place, _) => Some(place),
            Sighting::Doubtful(doubts) => match <[_; 1]>::try_from(doubts) {
                Ok([(place, _)]) if is_present => guessed.insert(place).then_some(place),
                Ok([(_, error)]) => return Err(error),
                Err(doubts) => return Sighting::Doubtful(doubts).page().map(drop),
            },
        };
        Ok(())
    })?;
    Ok(places)
}
