//! A batch of changes: [`Batch`].

use crate::error::TableError;
use crate::page::Place;
use crate::{PAYLOAD_BYTES_MAX, PageId};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Pages to put and to delete, all at once or not at all. Of two changes to one id the later counts.
///
/// ```
/// use bmt_bitbox::Batch;
/// let mut batch = Batch::new();
/// batch.put([1; 32], b"a payload")?;
/// batch.delete([2; 32]);
/// assert_eq!(batch.len(), 2);
/// # Ok::<(), bmt_bitbox::TableError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Batch<'a> {
    changes: BTreeMap<PageId, Change<'a>>,
    put_count: usize,
}

/// What happens to one id.
#[derive(Debug, Clone)]
pub(crate) struct Change<'a> {
    /// The new payload; `None` to delete the page.
    pub(crate) payload: Option<Cow<'a, [u8]>>,
    pub(crate) old: Old,
}

/// What the caller knows of the page that has an id before the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Old {
    Unknown,
    Absent,
    Present,
    At(Place),
}

impl<'a> Batch<'a> {
    /// A batch without changes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a page; one that has this id already is replaced.
    ///
    /// # Errors
    /// [`TableError::PayloadTooLong`] over [`PAYLOAD_BYTES_MAX`].
    pub fn put(&mut self, id: PageId, payload: impl Into<Cow<'a, [u8]>>) -> Result<(), TableError> {
        let payload = payload.into();
        if payload.len() > PAYLOAD_BYTES_MAX {
            return Err(TableError::PayloadTooLong { payload_bytes: payload.len() });
        }
        self.insert(id, Some(payload), Old::Unknown);
        Ok(())
    }

    /// Puts a page whose id no page has, as the caller promises: it is not searched for, so that no damaged
    /// page can be in the way. If there is one, which of the two will be found is not said.
    ///
    /// # Errors
    /// As [`Batch::put`].
    pub fn put_new(
        &mut self,
        id: PageId,
        payload: impl Into<Cow<'a, [u8]>>,
    ) -> Result<(), TableError> {
        self.put(id, payload)?;
        if let Some(change) = self.changes.get_mut(&id) {
            change.old = Old::Absent;
        }
        Ok(())
    }

    /// Deletes a page; nothing happens if there is none with this id.
    pub fn delete(&mut self, id: PageId) {
        self.insert(id, None, Old::Unknown);
    }

    /// Deletes a page that is there, as the caller promises. So if it is not found, and one damaged page that
    /// can't be told is where it should be, that one goes. [`Batch::delete`] is refused then.
    pub fn delete_present(&mut self, id: PageId) {
        self.insert(id, None, Old::Present);
    }

    /// Deletes a page of which the place is known ([`crate::Page::place`]): it need not be read to find
    /// it. If it has been copied to another table since, it is searched for as usual.
    ///
    /// The place must be one where this very page was found, and the page not deleted or replaced
    /// since: else another page may be deleted in its stead.
    pub fn delete_at(&mut self, id: PageId, place: Place) {
        self.insert(id, None, Old::At(place));
    }

    /// Ids that are changed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Pages that are put.
    #[must_use]
    pub fn put_count(&self) -> usize {
        self.put_count
    }

    /// The changes in order of ids.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (&PageId, &Change<'a>)> {
        self.changes.iter()
    }

    fn insert(&mut self, id: PageId, payload: Option<Cow<'a, [u8]>>, old: Old) {
        let is_put = |change: &Change<'a>| usize::from(change.payload.is_some());
        let change = Change { payload, old };
        self.put_count += is_put(&change);
        if let Some(earlier) = self.changes.insert(id, change) {
            self.put_count -= is_put(&earlier);
        }
    }
}
