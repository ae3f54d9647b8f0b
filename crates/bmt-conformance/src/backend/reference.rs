//! The reference: the root of the whole set after each commit, from the definition.

use super::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use bmt_core::{EMPTY_ROOT, GrayPaper, Hash, StateKey};
use std::collections::BTreeMap;

/// [`bmt_core::reference`] over a sorted map. It makes no proofs.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReferenceLayer;

impl BackendFactory for ReferenceLayer {
    fn name(&self) -> &str {
        "reference"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        Ok(Box::new(ReferenceBackend { entries: BTreeMap::new(), root: EMPTY_ROOT }))
    }
}

struct ReferenceBackend {
    entries: BTreeMap<StateKey, Value>,
    /// Kept, since computing it is what this layer costs.
    root: Hash,
}

impl Backend for ReferenceBackend {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        for (key, change) in ops {
            match change {
                Some(value) => self.entries.insert(*key, value.clone()),
                None => self.entries.remove(key),
            };
        }
        let entries: Vec<_> = self.entries.iter().map(|(key, value)| (*key, &**value)).collect();
        self.root = bmt_core::reference::root::<GrayPaper, _>(&entries);
        Ok(self.root)
    }

    fn reopen(&mut self) -> Result<Hash, BackendError> {
        Ok(self.root)
    }

    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError> {
        Ok(self.entries.get(key).cloned())
    }

    fn prove(&mut self, _key: &StateKey) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(None)
    }

    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError> {
        Ok(self.entries.iter().map(|(key, value)| (*key, value.clone())).collect())
    }
}
