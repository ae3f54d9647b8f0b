//! Reading one state for as long as one likes: [`ReadSession`].

use crate::engine::Engine;
use crate::error::ReadError;
use crate::pending::Changes;
use crate::range::Range;
use crate::value::Value;
use crate::view::{Version, View};
use bmt_core::{Hash, MultiProof, PathProof, Scheme};
use bmt_merkle::Prefix;
use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

/// A state, held: reads, ranges and proofs of one version, while commits and checkpoints go on.
///
/// It takes no lock and makes nobody wait. What it holds is not written over, so a session that is
/// forgotten makes the files grow, up to [`crate::Options::held_bytes_max`]; then its reads return
/// [`ReadError::SnapshotExpired`]. Clones read the same state; dropping the last one lets go of it.
pub struct ReadSession<S: Scheme> {
    engine: Arc<Engine<S>>,
    view: View<S>,
    sequence: Option<u64>,
}

impl<S: Scheme> ReadSession<S> {
    /// Reads the newest version.
    pub(crate) fn new(engine: &Arc<Engine<S>>) -> Self {
        Self::of_version(engine, &engine.current.load())
    }

    /// Reads a committed version.
    pub(crate) fn of_version(engine: &Arc<Engine<S>>, version: &Version<S>) -> Self {
        let (view, sequence) = (version.view.clone(), Some(version.sequence()));
        Self { engine: Arc::clone(engine), view, sequence }
    }

    /// Reads a state that is not committed, or was once.
    pub(crate) fn of(engine: &Arc<Engine<S>>, view: View<S>) -> Self {
        Self { engine: Arc::clone(engine), view, sequence: None }
    }

    /// The state's root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.view.root()
    }

    /// The sequence of the commit that made it; 0 is the empty database. `None` for a state that is not
    /// committed, and for one of the past.
    #[must_use]
    pub fn sequence(&self) -> Option<u64> {
        self.sequence
    }

    /// How many keys it has.
    #[must_use]
    pub fn key_count(&self) -> u64 {
        self.view.key_count
    }

    /// The value of a key; cost as [`crate::Db::get`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        self.engine.timings.read(|| self.view.get(key))
    }

    /// The values of many keys, in their order: the pages that are not in memory are read in one batch with
    /// a deep queue, each once.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get_many(&self, keys: &[S::Key]) -> Result<Vec<Option<Value>>, ReadError> {
        self.engine.timings.batch_read(keys.len(), || self.view.get_many(keys))
    }

    /// The entries with keys in `bounds`, in key order, from either end.
    ///
    /// # Errors
    /// See [`ReadError`]; so may each item.
    pub fn range(&self, bounds: impl RangeBounds<S::Key>) -> Result<Range<S>, ReadError> {
        self.view.check_expiry()?;
        Ok(Range::new(&self.view, &bounds, Changes::<S>::new()))
    }

    /// The entries whose keys begin with `prefix`, in key order, from either end.
    ///
    /// # Errors
    /// See [`ReadError`]; so may each item.
    pub fn prefix(&self, prefix: &Prefix<S::Key>) -> Result<Range<S>, ReadError> {
        self.view.check_expiry()?;
        Ok(Range::with_prefix(&self.view, prefix))
    }

    /// A proof of the key's value, or of its absence, against [`ReadSession::root`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, ReadError> {
        let proof = self.engine.timings.proof(|| self.view.prove(&self.engine.merkle, key));
        self.engine.share_memory();
        proof
    }

    /// One proof for many keys, present or absent; what they need is read in batches.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove_many(&self, keys: &[S::Key]) -> Result<MultiProof<S>, ReadError> {
        let proof = self.engine.timings.proof(|| self.view.prove_many(&self.engine.merkle, keys));
        self.engine.share_memory();
        proof
    }
}

impl<S: Scheme> Clone for ReadSession<S> {
    fn clone(&self) -> Self {
        let (engine, view) = (Arc::clone(&self.engine), self.view.clone());
        Self { engine, view, sequence: self.sequence }
    }
}

impl<S: Scheme> fmt::Debug for ReadSession<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadSession").field("sequence", &self.sequence()).finish_non_exhaustive()
    }
}
