//! Writing frozen runs into pages, slice by slice.

mod apply;
mod bulk;
mod finish;
mod packer;
mod page_writer;
mod plan;
mod slice;
mod slice_writer;

pub use slice::Slice;

use crate::buffer::Buffer;
use crate::buffer::cursor::Cursor;
use crate::buffer::run::Run;
use crate::error::TreeError;
use crate::index::edit::Edit;
use crate::index_version::Index;
use crate::key::Key;
use crate::leaf_stream::{Keep, LeafStream};
use crate::tree_file::TreeFile;
use core::fmt;
use packer::Packer;
use plan::{DirtyLeaf, Planner, Window};
use slice_writer::SliceWriter;
use std::collections::VecDeque;
use std::sync::Arc;

/// Told how many bytes a flush has written since it was told last; may block, to spread the writes.
pub type Pace = Arc<dyn Fn(u64) + Send + Sync>;

/// How a flush goes on. Start from [`FlushOptions::default`].
#[derive(Clone)]
pub struct FlushOptions {
    /// Most slices. 16 by default: the file then needs about a sixteenth more space than its pages.
    pub slice_count_max: usize,
    /// Changes in a slice below which there are fewer slices. 4096 by default.
    pub slice_changes_min: usize,
    /// Bytes after which the page file is synced within a slice. 32 MiB by default.
    pub sync_bytes: u64,
    /// Called between pieces of work; see [`Pace`].
    pub pace: Option<Pace>,
}

impl Default for FlushOptions {
    fn default() -> Self {
        Self { slice_count_max: 16, slice_changes_min: 4096, sync_bytes: 32 << 20, pace: None }
    }
}

impl fmt::Debug for FlushOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlushOptions")
            .field("slice_count_max", &self.slice_count_max)
            .field("slice_changes_min", &self.slice_changes_min)
            .field("sync_bytes", &self.sync_bytes)
            .finish_non_exhaustive()
    }
}

/// A flush under way: an iterator of slices, each to be stored before the next.
///
/// ```text
/// while let Some(slice) = flush.next_slice()? {   // pages written and durable
///     manifest.store(slice.meta().encode())?;     // the caller's part: durable
///     let index = flush.stored(slice);            // replaced pages may be written from now on
///     publish(version.with_index(index));
/// }
/// publish(version.without_frozen());
/// ```
///
/// A slice that fails has changed nothing: drop the flush, keep the frozen runs, and flush again
/// later. When storing the meta record fails so that it may be durable, or not, drop the slice: its
/// pages and those that it replaced are then both left alone, and the tree refuses further slices.
#[derive(Debug)]
pub struct Flush {
    file: Arc<TreeFile>,
    base: Index,
    runs: Arc<[Arc<Run>]>,
    /// Where the next slice begins; `None` when all is written.
    from: Option<Key>,
    /// Keys near which slices end.
    marks: VecDeque<Key>,
    options: FlushOptions,
}

impl Flush {
    pub(crate) fn new(
        file: &Arc<TreeFile>,
        base: &Index,
        buffer: &Buffer,
        options: FlushOptions,
    ) -> Self {
        let runs = Arc::clone(buffer.frozen());
        let marks = plan::marks(&runs, options.slice_count_max, options.slice_changes_min);
        let from = (!runs.is_empty()).then_some([0; 32]);
        Self { file: Arc::clone(file), base: base.clone(), runs, from, marks, options }
    }

    /// Writes the next slice: new pages, to free places, durable when this returns. `None` when
    /// everything is in pages.
    ///
    /// A slice ends at the end of a leaf, so all changes of one leaf are in one slice. Its cost is a
    /// read and a write for each leaf with changes, a write for each branch page above them, the free
    /// list, and one `fdatasync`.
    ///
    /// # Errors
    /// Any error leaves the tree as it was after the slice before: [`TreeError::Io`] for storage, out
    /// of space included; [`TreeError::Stale`] if another flush came in between;
    /// [`TreeError::SliceOpen`] if a slice was not stored; [`TreeError::Corruption`].
    pub fn next_slice(&mut self) -> Result<Option<Slice>, TreeError> {
        let Some(from) = self.from else { return Ok(None) };
        let end = self.slice_end(&from);
        let sync_bytes = self.options.sync_bytes;
        let slice = slice::write(&self.file, &self.base, sync_bytes, |writer| {
            self.write_changes(writer, &from, end.as_ref())
        })?;
        Ok(Some(slice.until(end)))
    }

    /// The slice's meta record is durable wherever it is kept: the new index, whose pages it names.
    ///
    /// # Panics
    /// When the slice is not of this flush.
    pub fn stored(&mut self, slice: Slice) -> Index {
        self.from = slice.end();
        let index = slice.stored(&self.base);
        self.base = index.clone();
        index
    }

    /// The end of the leaf in which the next mark lies; `None` for the end of the tree.
    fn slice_end(&mut self, from: &Key) -> Option<Key> {
        while let Some(mark) = self.marks.pop_front() {
            let end = self.base.locate(&mark).and_then(|spot| spot.high)?;
            if end > *from {
                return Some(end);
            }
        }
        None
    }

    fn write_changes(
        &self,
        slice: &mut SliceWriter<'_>,
        from: &Key,
        end: Option<&Key>,
    ) -> Result<Vec<Edit>, TreeError> {
        let mut planner =
            Planner::new(&self.base, Cursor::new(self.runs.iter(), from), end.copied());
        let mut packer = Packer::new(&self.base, slice);
        // The leaves of the next window are read while those of this one are written.
        let mut leaves = LeafStream::new(&self.file, Keep::No);
        let mut leaf = None;
        let mut next = ask_window(&mut planner, &mut leaves)?;
        while let Some(window) = next {
            next = ask_window(&mut planner, &mut leaves)?;
            for dirty in &window.leaves {
                if !dirty.is_continued {
                    leaf = dirty.place().map(|_| leaves.next_leaf()).transpose()?;
                }
                let changes = &window.changes[dirty.changes.clone()];
                packer.feed(dirty, leaf.as_ref(), changes, planner.cursor())?;
            }
            if let Some(pace) = &self.options.pace {
                pace(packer.take_written_bytes());
            }
        }
        packer.finish()
    }
}

/// The next leaves with changes, which start to be read.
fn ask_window(
    planner: &mut Planner<'_>,
    leaves: &mut LeafStream<'_>,
) -> Result<Option<Window>, TreeError> {
    let window = planner.next_window();
    leaves.ask(window.iter().flat_map(|window| &window.leaves).filter_map(DirtyLeaf::place))?;
    Ok(window)
}
