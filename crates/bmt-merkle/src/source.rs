//! Where the trie's pages and leaves come from: [`PageSource`] and [`LeafSource`].

use crate::bits::Prefix;
use crate::page::PageId;
use bmt_core::LeafValue;
use std::sync::Arc;

/// Why a source could not answer: whatever error it has.
pub type SourceError = Box<dyn std::error::Error + Send + Sync>;

/// Reads page images.
///
/// An image never changes under its id, so any source that has the page will do: a snapshot of a table of
/// pages, or a map. What it gives is verified against the checksum that the page's parent holds.
pub trait PageSource: Sync {
    /// Hands over the image of each page, with the place of its id, in any order; a page that is not
    /// there is left out. The ids are read in one batch.
    ///
    /// # Errors
    /// When reading failed.
    fn pages(&self, ids: &[PageId], each: impl FnMut(usize, &[u8])) -> Result<(), SourceError>;

    /// Whether an error of [`PageSource::pages`] is about the pages that were asked for, so that others can
    /// still be read: damage, for example. [`Merkle::check`](crate::Merkle::check) then reports the page and goes
    /// on; it ends with any other error.
    fn is_damage(&self, error: &SourceError) -> bool {
        let _ = error;
        false
    }
}

impl<P: PageSource> PageSource for &P {
    fn pages(&self, ids: &[PageId], each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        (**self).pages(ids, each)
    }

    fn is_damage(&self, error: &SourceError) -> bool {
        (**self).is_damage(error)
    }
}

impl<P: PageSource + Send> PageSource for Arc<P> {
    fn pages(&self, ids: &[PageId], each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        (**self).pages(ids, each)
    }

    fn is_damage(&self, error: &SourceError) -> bool {
        (**self).is_damage(error)
    }
}

/// An entry of the state, as far as hashing needs it.
#[derive(Debug, Clone, Copy)]
pub struct LeafEntry<'a, K> {
    /// The key.
    pub key: K,
    /// Length of the value in bytes.
    pub value_len: usize,
    /// The value, or its hash if the scheme hashes values of this length. Bytes of such a value are
    /// hashed again each time.
    pub value: LeafValue<'a>,
}

/// Entries that are at hand, to be handed over on another thread: see [`LeafSource::fetch`].
pub type Fetched<'a, K> =
    Box<dyn FnOnce(&mut dyn FnMut(usize, LeafEntry<'_, K>)) -> Result<(), SourceError> + Send + 'a>;

/// Reads the entries of one state: that of the version that an operation stands on.
pub trait LeafSource<K>: Sync {
    /// Hands over the entries under each prefix, with the place of the prefix: for one prefix after
    /// another, in ascending order of keys. The prefixes ascend and don't overlap; they are read in one
    /// batch.
    ///
    /// # Errors
    /// When reading failed.
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<K>],
        each: impl FnMut(usize, LeafEntry<'_, K>),
    ) -> Result<(), SourceError>;

    /// Reads what [`LeafSource::leaf_entries`] would read, and leaves the handing over to whoever has time: an
    /// update calls it on its own thread, and what it returns on those that hash.
    ///
    /// By default nothing is read before: right for entries in memory.
    ///
    /// # Errors
    /// When reading failed.
    fn fetch<'a>(&'a self, prefixes: Vec<Prefix<K>>) -> Result<Fetched<'a, K>, SourceError>
    where
        K: Send + 'a,
    {
        Ok(Box::new(move |each| self.leaf_entries(&prefixes, each)))
    }

    /// The value of each key, in the same order; `None` for an absent one. Only witnesses with reads
    /// ask for it.
    ///
    /// # Errors
    /// When reading failed.
    fn values(&self, keys: &[K]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError>;
}
