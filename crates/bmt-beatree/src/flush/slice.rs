//! A slice that was written and waits to be stored.

use super::finish::Finished;
use super::page_writer::count_of;
use super::slice_writer::SliceWriter;
use crate::error::TreeError;
use crate::index::edit::{Edit, edit, grow};
use crate::index::{Below, Item, Node};
use crate::index_version::Index;
use crate::key::Key;
use crate::meta::Meta;
use crate::page::PageRef;
use crate::tree_file::TreeFile;
use core::fmt;
use core::ops::Range;
use core::sync::atomic::Ordering;
use std::sync::Arc;

/// Pages of one slice, durable, and not part of any stored version yet.
///
/// Store [`Slice::meta`], then pass the slice to [`super::Flush::stored`] or, after a bulk build, call
/// [`Slice::into_index`]. If it was certainly *not* stored, [`Slice::abandon`] it. Merely dropped, it
/// leaves its pages alone, and the tree refuses further slices.
pub struct Slice {
    file: Arc<TreeFile>,
    root: Option<Arc<Node>>,
    meta: Meta,
    base_generation: u64,
    taken: Vec<Range<u32>>,
    released: Vec<u32>,
    old_leaves: Vec<PageRef>,
    list_pages: Vec<u32>,
    end: Option<Key>,
}

impl Slice {
    /// What is to be stored, atomically and durably.
    #[must_use]
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Whether it is the last one of its flush: everything frozen is in pages once it is stored.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.end.is_none()
    }

    /// Pages that were written.
    #[must_use]
    pub fn page_count(&self) -> usize {
        count_of(&self.taken)
    }

    /// Gives up a slice whose meta record is certainly not stored, and never will be.
    pub fn abandon(self) {
        give_back(&self.file, self.taken);
    }

    pub(super) fn until(mut self, end: Option<Key>) -> Self {
        self.end = end;
        self
    }

    pub(super) fn end(&self) -> Option<Key> {
        self.end
    }

    /// The index of a slice whose meta record is durable. `base` is what the slice was made from.
    ///
    /// # Panics
    /// When it is not.
    pub(super) fn stored(self, base: &Index) -> Index {
        let is_base = base.is_of(&self.file) && base.meta().generation == self.base_generation;
        assert!(is_base, "a slice of this flush");
        self.into_index()
    }

    /// The index of a slice whose meta record is durable: for slices that are made without a
    /// [`super::Flush`].
    #[must_use]
    pub fn into_index(self) -> Index {
        for place in self.old_leaves {
            self.file.cache.remove(place);
        }
        let flag = {
            let mut reclaim = self.file.reclaim.lock();
            reclaim.advance(&self.taken, self.released);
            if self.file.options.faults().ignores_pins() {
                reclaim.release(self.base_generation);
            }
            reclaim.list_pages = self.list_pages;
            reclaim.flag()
        };
        self.file.counters.slices.add(1);
        self.file.slice_is_open.store(false, Ordering::SeqCst);
        Index::new(&self.file, self.root, self.meta, flag)
    }
}

impl fmt::Debug for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slice")
            .field("meta", &self.meta)
            .field("page_count", &self.page_count())
            .finish_non_exhaustive()
    }
}

/// Writes a slice: leaves by `write_leaves`, which returns the edits, and then what is above them.
/// A failure leaves the tree as it was.
pub(super) fn write(
    file: &Arc<TreeFile>,
    base: &Index,
    sync_bytes: u64,
    write_leaves: impl FnOnce(&mut SliceWriter<'_>) -> Result<Vec<Edit>, TreeError>,
) -> Result<Slice, TreeError> {
    if file.slice_is_open.swap(true, Ordering::SeqCst) {
        return Err(TreeError::SliceOpen);
    }
    // After the flag was taken: a slice that another thread stores changes the newest generation first.
    let newest = file.reclaim.lock().newest();
    let found = base.meta().generation;
    if found != newest || !base.is_of(file) {
        file.slice_is_open.store(false, Ordering::SeqCst);
        return Err(TreeError::Stale { found, newest });
    }
    let shortened = file.pages.shorten(base.meta().page_count);
    let writer = shortened.and_then(|()| SliceWriter::new(file, base.counts(), sync_bytes));
    let mut slice = match writer {
        Ok(slice) => slice,
        Err(error) => {
            file.slice_is_open.store(false, Ordering::SeqCst);
            return Err(error);
        }
    };
    let written = write_pages(base, &mut slice, write_leaves);
    let SliceWriter { writer, released, old_leaves, .. } = slice;
    let taken = writer.into_taken();
    match written {
        Ok((root, Finished { meta, list_pages })) => Ok(Slice {
            file: Arc::clone(file),
            root,
            meta,
            base_generation: found,
            taken,
            released,
            old_leaves,
            list_pages,
            end: None,
        }),
        Err(error) => {
            give_back(file, taken);
            Err(error)
        }
    }
}

fn write_pages(
    base: &Index,
    slice: &mut SliceWriter<'_>,
    write_leaves: impl FnOnce(&mut SliceWriter<'_>) -> Result<Vec<Edit>, TreeError>,
) -> Result<(Option<Arc<Node>>, Finished), TreeError> {
    let edits = write_leaves(slice)?;
    let root = match base.root() {
        Some(root) => edit(root, &edits, slice)?,
        None => grow(items_of(edits), 1, slice)?,
    };
    let place = root.as_ref().map(|root| (root.place, root.level));
    let finished = slice.finish(place, base.meta().generation + 1)?;
    Ok((root, finished))
}

/// The leaves of a tree that was empty.
fn items_of(edits: Vec<Edit>) -> Vec<Item> {
    let leaves = edits.into_iter().flat_map(|edit| edit.leaves);
    leaves.map(|(separator, leaf)| (separator, Below::Leaf(leaf))).collect()
}

/// The pages of a slice that is not stored are free again. Nothing writes to them any more.
fn give_back(file: &TreeFile, taken: Vec<Range<u32>>) {
    let end = {
        let mut reclaim = file.reclaim.lock();
        taken.into_iter().flatten().for_each(|page| reclaim.space.give(page));
        reclaim.space.trim();
        reclaim.space.end()
    };
    // A full disk needs the room now, for the log. If this fails, the next slice does it.
    drop(file.pages.shorten(end));
    file.slice_is_open.store(false, Ordering::SeqCst);
}
