//! A version of the pages: [`Index`], which pins what it reaches.

use crate::error::{Damage, TreeError};
use crate::index::{Node, Spot, search};
use crate::key::Key;
use crate::leaf_cache::LeafPage;
use crate::meta::{Counts, Meta};
use crate::page::PageRef;
use crate::page::leaf::OverflowRef;
use crate::tree_file::TreeFile;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

/// One generation of a tree's pages, immutable: what a slice or a bulk build ended with.
///
/// Clones are cheap and take no lock. While one of them lives, the pages of its generation are not
/// written, up to [`crate::TreeOptions::held_bytes_max`].
#[derive(Clone)]
pub struct Index(Arc<Generation>);

struct Generation {
    file: Arc<TreeFile>,
    root: Option<Arc<Node>>,
    meta: Meta,
    is_expired: Arc<AtomicBool>,
}

impl Drop for Generation {
    fn drop(&mut self) {
        self.file.reclaim.lock().release(self.meta.generation);
    }
}

impl Index {
    pub(crate) fn new(
        file: &Arc<TreeFile>,
        root: Option<Arc<Node>>,
        meta: Meta,
        is_expired: Arc<AtomicBool>,
    ) -> Self {
        Self(Arc::new(Generation { file: Arc::clone(file), root, meta, is_expired }))
    }

    /// The meta record of this generation.
    #[must_use]
    pub fn meta(&self) -> Meta {
        self.0.meta
    }

    /// What the pages are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.meta.counts
    }

    /// Whether the pages were given up, since readers held too much.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.0.is_expired.load(Ordering::SeqCst)
    }

    pub(crate) fn file(&self) -> &Arc<TreeFile> {
        &self.0.file
    }

    pub(crate) fn root(&self) -> Option<&Arc<Node>> {
        self.0.root.as_ref()
    }

    pub(crate) fn is_of(&self, file: &Arc<TreeFile>) -> bool {
        Arc::ptr_eq(&self.0.file, file)
    }

    /// The leaf in which `key` belongs; `None` if the tree is empty.
    pub(crate) fn locate(&self, key: &Key) -> Option<Spot> {
        self.root().map(|root| search::locate(root, key))
    }

    /// The leaf in which the greatest key below `end` belongs.
    pub(crate) fn locate_below(&self, end: Option<&Key>) -> Option<Spot> {
        self.root().map(|root| search::locate_below(root, end))
    }

    pub(crate) fn leaf(&self, place: PageRef) -> Result<Arc<LeafPage>, TreeError> {
        self.guard(self.0.file.leaf(place))
    }

    /// Hands over leaves with their indexes in `places`, in any order.
    pub(crate) fn leaves(
        &self,
        places: &[PageRef],
        each: impl FnMut(usize, &Arc<LeafPage>),
    ) -> Result<(), TreeError> {
        self.guard(self.0.file.leaves(places, each))
    }

    pub(crate) fn overflow_value(&self, value: &OverflowRef) -> Result<Vec<u8>, TreeError> {
        self.guard(self.0.file.overflow_value(value))
    }

    /// Hands over long values with their indexes in `values`.
    pub(crate) fn overflow_values(
        &self,
        values: &[OverflowRef],
        each: impl FnMut(usize, Vec<u8>),
    ) -> Result<(), TreeError> {
        self.guard(self.0.file.overflow_values(values, each))
    }

    /// A page of an expired generation may hold anything: its checksum tells, and this tells why.
    pub(crate) fn guard<T>(&self, result: Result<T, TreeError>) -> Result<T, TreeError> {
        match result {
            Err(error) if self.is_expired() && is_about_bytes(&error) => Err(self.expired()),
            result => result,
        }
    }

    /// Fails if the pages were given up.
    pub(crate) fn check_expiry(&self) -> Result<(), TreeError> {
        if self.is_expired() { Err(self.expired()) } else { Ok(()) }
    }

    fn expired(&self) -> TreeError {
        let generation = self.0.meta.generation;
        let limit_bytes = self.0.file.options.held_bytes_max;
        TreeError::SnapshotExpired { generation, limit_bytes }
    }
}

/// Whether an error may come from a page that was written anew, or cut off, under a reader.
fn is_about_bytes(error: &TreeError) -> bool {
    matches!(
        error,
        TreeError::Corruption {
            damage: Damage::Magic { .. } | Damage::Checksum { .. } | Damage::Missing,
            ..
        } | TreeError::Unsupported { .. }
    )
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index")
            .field("meta", &self.0.meta)
            .field("is_expired", &self.is_expired())
            .finish_non_exhaustive()
    }
}
