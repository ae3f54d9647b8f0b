//! Buffer and pages as one: [`Version`], which is what readers read.

mod entries;
mod leaf_entries;
mod merged;
mod point;

pub use entries::Entries;
pub use leaf_entries::{EntryValue, FetchedLeaves, LeafEntry};

use crate::buffer::Buffer;
use crate::index_version::Index;

/// A state of the store: a buffer of changes over an index of pages. Immutable, shared, cheap to clone.
///
/// Reading it takes no lock and is not disturbed by commits and flushes. It holds the pages of its
/// index; see [`Index`].
#[derive(Debug, Clone)]
pub struct Version {
    buffer: Buffer,
    index: Index,
}

impl Version {
    /// The state that `buffer` makes of the pages of `index`.
    #[must_use]
    pub fn new(buffer: Buffer, index: Index) -> Self {
        Self { buffer, index }
    }

    /// The changes over the pages.
    #[must_use]
    pub fn buffer(&self) -> &Buffer {
        &self.buffer
    }

    /// The pages.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The same pages under another buffer.
    #[must_use]
    pub fn with_buffer(&self, buffer: Buffer) -> Self {
        Self { buffer, index: self.index.clone() }
    }

    /// The same buffer over other pages.
    #[must_use]
    pub fn with_index(&self, index: Index) -> Self {
        Self { buffer: self.buffer.clone(), index }
    }
}
