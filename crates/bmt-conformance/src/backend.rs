//! What runs the corpus: the [`Backend`] trait, and the layers that come with the crate.
//!
//! A layer is any implementation of the state trie. It is given as a [`BackendFactory`], which
//! opens an empty store for each case; the runner takes a list of them, so a layer elsewhere (a
//! database, a command line program, another implementation) is added without touching this crate.

#[cfg(feature = "db")]
mod db;
#[cfg(feature = "db")]
mod overlay;
#[cfg(feature = "db")]
mod read_at;
mod reference;
#[cfg(feature = "db")]
mod session;
mod trie;

#[cfg(feature = "db")]
pub use db::DbLayer;
#[cfg(feature = "db")]
pub use overlay::OverlayLayer;
#[cfg(feature = "db")]
pub use read_at::ReadAtLayer;
pub use reference::ReferenceLayer;
#[cfg(feature = "db")]
pub use session::SessionLayer;
pub use trie::TrieLayer;

use crate::chain::{Op, Value};
use crate::corpus::Case;
use bmt_core::{Hash, StateKey};

/// An opened store of one layer. It begins empty.
pub trait Backend {
    /// Commits the changes as one atomic commit and returns the new root.
    ///
    /// `ops` is ascending by key, each key once. It may be empty, delete absent keys, or set keys
    /// to the value they have.
    ///
    /// # Errors
    /// Whatever the store reports.
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError>;

    /// Closes and opens the store, or does what is nearest to it, and returns the root it then has.
    ///
    /// # Errors
    /// Whatever the store reports.
    fn reopen(&mut self) -> Result<Hash, BackendError>;

    /// The value of a key, or `None` when it is absent.
    ///
    /// # Errors
    /// Whatever the store reports.
    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError>;

    /// The encoded [`bmt_core::PathProof`] of a key, or `None` when the layer makes no proofs.
    ///
    /// # Errors
    /// Whatever the store reports.
    fn prove(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, BackendError>;

    /// All entries, ascending by key.
    ///
    /// # Errors
    /// Whatever the store reports.
    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError>;
}

/// A layer: opens a store for each case.
pub trait BackendFactory {
    /// The layer's name in the report: short, one word.
    fn name(&self) -> &str;

    /// Whether the layer runs this case. What it does not take is counted in the report.
    fn takes(&self, _case: &Case) -> bool {
        true
    }

    /// A new, empty store.
    ///
    /// # Errors
    /// Whatever the store reports.
    fn open(&self) -> Result<Box<dyn Backend>, BackendError>;
}

/// What a layer reports when it fails.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct BackendError(Box<dyn std::error::Error + Send + Sync>);

impl BackendError {
    /// An error of the layer, whatever type it has; a text will do.
    pub fn new(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(error.into())
    }
}

/// The layers of this crate: the reference and the in-memory trie.
#[must_use]
pub fn core_layers() -> Vec<Box<dyn BackendFactory>> {
    vec![Box::new(ReferenceLayer), Box::new(TrieLayer)]
}

/// The layers of this crate, and the database by each of its ways to commit and to read.
#[cfg(feature = "db")]
#[must_use]
pub fn all_layers() -> Vec<Box<dyn BackendFactory>> {
    let mut layers = core_layers();
    layers.push(Box::new(DbLayer));
    layers.push(Box::new(SessionLayer));
    layers.push(Box::new(OverlayLayer));
    layers.push(Box::new(ReadAtLayer));
    layers
}
