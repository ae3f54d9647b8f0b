//! The database at old roots: after each commit comes another one, and reads are of the state before it; the
//! next commit first rolls that one back.

use super::db::{Opened, listed, shared};
use super::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use bmt::{GrayPaper, Hash, ReadSession, StateKey};
use std::sync::Arc;

/// [`bmt::Db::begin_read_at`] and [`bmt::Db::rollback`].
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadAtLayer;

/// Earlier roots that are found again at each step.
const ROOTS_AGAIN: usize = 5;

impl BackendFactory for ReadAtLayer {
    fn name(&self) -> &str {
        "read-at"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        let opened = Opened::new()?;
        Ok(Box::new(ReadAtBackend { reader: None, roots: Vec::new(), opened }))
    }
}

struct ReadAtBackend {
    /// On the newest state but one; dropped before the database is closed.
    reader: Option<ReadSession<GrayPaper>>,
    /// The roots so far, without those that are rolled back.
    roots: Vec<Hash>,
    opened: Opened,
}

impl ReadAtBackend {
    fn reader(&self) -> Result<&ReadSession<GrayPaper>, BackendError> {
        self.reader.as_ref().ok_or_else(|| BackendError::new("there was no commit"))
    }

    /// Commits something else, and reads what was before.
    fn look_back(&mut self, root: &Hash) -> Result<Hash, BackendError> {
        let db = self.opened.db()?;
        let some = db.range(..).map_err(BackendError::new)?.step_by(3).take(50);
        let mut noise = some
            .map(|entry| entry.map(|(key, _)| (key, None)).map_err(BackendError::new))
            .collect::<Result<Vec<Op>, _>>()?;
        let new: Value = Arc::from(*b"a value that is rolled back");
        noise.extend([(StateKey::MIN, Some(Arc::clone(&new))), (StateKey::MAX, Some(new))]);
        self.opened.commit(&noise)?;
        let db = self.opened.db()?;
        let reader = db.begin_read_at(root).map_err(BackendError::new)?;
        for earlier in self.roots.iter().rev().take(ROOTS_AGAIN) {
            let session = db.begin_read_at(earlier).map_err(BackendError::new)?;
            let value = session.get(&StateKey::MAX).map_err(BackendError::new)?;
            let proof = session.prove(&StateKey::MAX).map_err(BackendError::new)?;
            match value {
                Some(value) => proof.verify_present(earlier, &StateKey::MAX, &value),
                None => proof.verify_absent(earlier, &StateKey::MAX),
            }
            .map_err(BackendError::new)?;
        }
        let found = reader.root();
        self.reader = Some(reader);
        Ok(found)
    }
}

impl Backend for ReadAtBackend {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        if self.reader.take().is_some() {
            self.opened.db()?.rollback(1).map_err(BackendError::new)?;
        }
        let root = self.opened.commit(ops)?;
        self.roots.push(root);
        Ok(root)
    }

    fn reopen(&mut self) -> Result<Hash, BackendError> {
        self.reader = None;
        let root = self.opened.reopen()?;
        self.look_back(&root)
    }

    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError> {
        Ok(shared(self.reader()?.get(key).map_err(BackendError::new)?))
    }

    fn prove(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(Some(self.reader()?.prove(key).map_err(BackendError::new)?.encode()))
    }

    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError> {
        listed(self.reader()?.range(..).map_err(BackendError::new)?)
    }
}
