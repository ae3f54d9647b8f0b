//! Finding the pages that a batch replaces or deletes.

use crate::PageId;
use crate::batch::Batch;
use crate::core::Core;
use crate::error::TableError;
use crate::lookup::find_each;
use crate::page::Place;
use crate::probe::Fingerprint;

/// Where each changed page lies now, in order of the batch; `None` for those that are new.
///
/// A page is read to know that it is the one, unless the caller knows its place.
pub(crate) fn locate(
    core: &Core,
    batch: &Batch<'_>,
    view: u64,
) -> Result<Vec<Option<Place>>, TableError> {
    let mut places: Vec<Option<Place>> = Vec::with_capacity(batch.len());
    let mut unknown: Vec<(usize, PageId)> = Vec::new();
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
            let known = change.place.filter(is_right);
            if known.is_none() {
                unknown.push((at, *id));
            }
            places.push(known);
        }
    }
    let ids: Vec<PageId> = unknown.iter().map(|(_, id)| *id).collect();
    find_each(core, &ids, view, |at, page| places[unknown[at].0] = Some(page.place()))?;
    Ok(places)
}
