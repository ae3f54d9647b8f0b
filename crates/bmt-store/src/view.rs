//! A state that can be read: [`View`], committed or not.

use crate::error::ReadError;
use crate::keys::tree_key;
use crate::leaves::Leaves;
use crate::pins::Pin;
use crate::step::Step;
use crate::value::Value;
use bmt_core::{Hash, Key, MultiProof, PathProof, Scheme, Witness};
use bmt_merkle::{Merkle, StepId};
use bmt_seglog::Position;
use std::sync::Arc;

/// A state: entries, trie, and what keeps their pages.
pub(crate) struct View<S: Scheme> {
    pub(crate) tree: bmt_beatree::Version,
    pub(crate) trie: bmt_merkle::Version<S>,
    pub(crate) pin: Arc<Pin>,
    pub(crate) key_count: u64,
}

/// A committed state, immutable.
pub(crate) struct Version<S: Scheme> {
    pub(crate) step: StepId,
    /// Its commit's place in the log.
    pub(crate) position: Position,
    pub(crate) view: View<S>,
}

impl<S: Scheme> Version<S> {
    pub(crate) fn sequence(&self) -> u64 {
        self.position.sequence
    }
}

impl<S: Scheme> Clone for View<S> {
    fn clone(&self) -> Self {
        let Self { tree, trie, pin, key_count } = self;
        let (tree, trie, pin) = (tree.clone(), trie.clone(), Arc::clone(pin));
        Self { tree, trie, pin, key_count: *key_count }
    }
}

impl<S: Scheme> View<S> {
    pub(crate) fn root(&self) -> Hash {
        self.trie.root()
    }

    /// The state that a step on this one makes.
    pub(crate) fn with_step(&self, step: &Step<S>) -> Self {
        let buffer = self.tree.buffer().with_run(Arc::clone(&step.run));
        Self {
            tree: self.tree.with_buffer(buffer),
            trie: step.trie.clone(),
            pin: Arc::clone(&self.pin),
            key_count: step.sections.key_count,
        }
    }

    pub(crate) fn get(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        self.guard(|| Ok(self.tree.get(&tree_key(key))?.map(Value::from)))
    }

    pub(crate) fn get_many(&self, keys: &[S::Key]) -> Result<Vec<Option<Value>>, ReadError> {
        let keys: Vec<bmt_beatree::Key> = keys.iter().map(tree_key).collect();
        let values = self.guard(|| Ok(self.tree.get_many(&keys)?))?;
        Ok(values.into_iter().map(|value| value.map(Value::from)).collect())
    }

    pub(crate) fn prove(
        &self,
        merkle: &Merkle<S>,
        key: &S::Key,
    ) -> Result<PathProof<S>, ReadError> {
        let leaves: Leaves<'_, S::Key> = Leaves::new(&self.tree);
        self.guard(|| Ok(merkle.view(&self.trie, &*self.pin, &leaves).prove(key)?))
    }

    pub(crate) fn prove_many(
        &self,
        merkle: &Merkle<S>,
        keys: &[S::Key],
    ) -> Result<MultiProof<S>, ReadError> {
        let leaves: Leaves<'_, S::Key> = Leaves::new(&self.tree);
        let view = merkle.view(&self.trie, &*self.pin, &leaves);
        self.guard(|| Ok(view.prove_many(keys.iter().copied())?))
    }

    pub(crate) fn witness<'a>(
        &self,
        merkle: &Merkle<S>,
        reads: impl IntoIterator<Item = S::Key>,
        writes: impl IntoIterator<Item = (S::Key, Option<&'a [u8]>)>,
        known: &[(S::Key, Option<&[u8]>)],
    ) -> Result<Witness<S>, ReadError> {
        let leaves: Leaves<'_, S::Key> = Leaves::knowing(&self.tree, known);
        let view = merkle.view(&self.trie, &*self.pin, &leaves);
        self.guard(|| Ok(view.witness(reads, writes)?))
    }

    /// Reads, and says if what was read may be somebody else's.
    pub(crate) fn guard<T>(
        &self,
        read: impl FnOnce() -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        self.pin.closing().guard(read)
    }

    /// Fails if what the view needs was given up.
    pub(crate) fn check_expiry(&self) -> Result<(), ReadError> {
        self.pin.closing().check()?;
        match self.tree.index().is_expired() {
            true => Err(ReadError::SnapshotExpired),
            false => self.pin.check_expiry(),
        }
    }
}

/// The bounds of a range of keys as the ordered store has them.
pub(crate) fn tree_bounds<K: Key>(
    bounds: &impl std::ops::RangeBounds<K>,
) -> (std::ops::Bound<bmt_beatree::Key>, std::ops::Bound<bmt_beatree::Key>) {
    (bounds.start_bound().map(tree_key), bounds.end_bound().map(tree_key))
}
