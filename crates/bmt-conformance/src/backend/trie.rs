//! The incremental in-memory trie.

use super::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use bmt_core::{GrayPaper, Hash, StateKey, Trie};

/// [`bmt_core::Trie`]. Every second commit is made while a snapshot is held, which must keep its
/// root; the others write to nodes that nobody else holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct TrieLayer;

impl BackendFactory for TrieLayer {
    fn name(&self) -> &str {
        "trie"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        Ok(Box::new(TrieBackend { trie: Trie::new(), commit_count: 0 }))
    }
}

struct TrieBackend {
    trie: Trie<GrayPaper>,
    commit_count: usize,
}

impl Backend for TrieBackend {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        let before = self.trie.root();
        let snapshot = self.commit_count.is_multiple_of(2).then(|| self.trie.clone());
        self.commit_count += 1;
        for (key, change) in ops {
            match change {
                Some(value) => self.trie.insert(*key, value.clone()),
                None => self.trie.remove(key),
            };
        }
        let root = self.trie.root();
        if snapshot.is_some_and(|mut snapshot| snapshot.root() != before) {
            return Err(BackendError::new("a snapshot's root changed with a later commit"));
        }
        Ok(root)
    }

    /// There is nothing to reopen; a copy takes the trie's place.
    fn reopen(&mut self) -> Result<Hash, BackendError> {
        self.trie = self.trie.clone();
        Ok(self.trie.root())
    }

    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError> {
        Ok(self.trie.get(key).cloned())
    }

    fn prove(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(Some(self.trie.prove(key).encode()))
    }

    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError> {
        Ok(self.trie.iter().collect())
    }
}
