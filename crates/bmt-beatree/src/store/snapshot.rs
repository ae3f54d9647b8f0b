//! A state of the store that is held: [`Snapshot`].

use crate::version::Version;
use bmt_seglog::Position;
use std::ops::Deref;
use std::sync::Arc;

/// A state that was published.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) version: Version,
    /// The newest commit in it.
    pub(super) position: Position,
}

impl Published {
    pub(super) fn version(&self) -> &Version {
        &self.version
    }

    pub(super) fn sequence(&self) -> u64 {
        self.position.sequence
    }
}

/// A state of the store, unchanged by what is committed after it; see [`Version`] for what can be read.
///
/// Holding it takes no lock and stops nobody. It keeps replaced pages from being used again: beyond
/// [`super::StoreOptions::held_bytes_max`] of them the oldest snapshots expire. It also keeps in memory the
/// part of the write buffer that it was taken with, at most [`super::StoreOptions::buffer_bytes`]; that part
/// does not expire.
#[derive(Debug, Clone)]
pub struct Snapshot(Arc<Published>);

impl Snapshot {
    pub(super) fn new(published: Arc<Published>) -> Self {
        Self(published)
    }

    /// The newest commit in it.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.0.sequence()
    }
}

impl Deref for Snapshot {
    type Target = Version;

    fn deref(&self) -> &Version {
        &self.0.version
    }
}
