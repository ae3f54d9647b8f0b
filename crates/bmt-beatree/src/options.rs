//! How a tree is made and opened: [`TreeOptions`].

use crate::buffer::run::ValueHasher;
use crate::faults::Faults;
use crate::page_file::QUEUE_DEPTH;
use bmt_io::Direct;

/// How to create or open a [`crate::Tree`]. Start from [`TreeOptions::new`].
#[derive(Debug, Clone)]
pub struct TreeOptions {
    /// Random number of this tree's life, which the caller keeps: checksums are seeded with it, so that
    /// no value and no leftover of another tree passes for a page.
    pub salt: u64,
    /// The hash that is stored beside values of more than 128 bytes. The same function for the whole
    /// life of the tree; the tree itself never compares it.
    pub value_hasher: ValueHasher,
    /// Name of the page file. `beatree.pages` by default.
    pub file_name: String,
    /// Memory for leaves that were read. 64 MiB by default.
    pub leaf_cache_bytes: usize,
    /// Bytes of pages that old versions may keep from being used again, before the oldest of them
    /// expire. 1 GiB by default.
    pub held_bytes_max: u64,
    /// Whether the page file goes around the system's page cache. It does by default, where the file
    /// system allows it: memory is then what the options say, and no more.
    pub direct: Direct,
    /// Reads and writes in flight at once, for each thread that reads or writes many. 128 by default; 1 to 4096.
    pub queue_depth: usize,
    /// Deliberate faults.
    #[cfg(any(test, feature = "faults"))]
    pub faults: Faults,
}

impl TreeOptions {
    /// The defaults, with this salt and this hash function.
    #[must_use]
    pub fn new(salt: u64, value_hasher: ValueHasher) -> Self {
        Self {
            salt,
            value_hasher,
            file_name: "beatree.pages".to_owned(),
            leaf_cache_bytes: 64 << 20,
            held_bytes_max: 1 << 30,
            direct: Direct::Auto,
            queue_depth: QUEUE_DEPTH,
            #[cfg(any(test, feature = "faults"))]
            faults: Faults::default(),
        }
    }

    #[cfg(any(test, feature = "faults"))]
    pub(crate) fn faults(&self) -> Faults {
        self.faults
    }

    #[cfg(not(any(test, feature = "faults")))]
    pub(crate) fn faults(&self) -> Faults {
        Faults
    }
}
