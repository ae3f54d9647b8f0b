//! The database by way of sessions: each commit is a write session with a witness, which a verifier that has
//! nothing else repeats; reads are those of a read session.

use super::db::{Opened, listed, shared};
use super::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use bmt::{GrayPaper, Hash, ReadSession, StateKey, Witness, WriteOptions};

/// [`bmt::WriteSession`] with its witness, and [`bmt::ReadSession`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SessionLayer;

impl BackendFactory for SessionLayer {
    fn name(&self) -> &str {
        "session"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        Ok(Box::new(SessionBackend { reader: None, opened: Opened::new()? }))
    }
}

struct SessionBackend {
    /// On the newest state; dropped before the database is closed.
    reader: Option<ReadSession<GrayPaper>>,
    opened: Opened,
}

impl SessionBackend {
    fn reader(&mut self) -> Result<&ReadSession<GrayPaper>, BackendError> {
        let db = self.opened.db()?;
        Ok(self.reader.get_or_insert_with(|| db.begin_read()))
    }
}

impl Backend for SessionBackend {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        self.reader = None;
        let options = WriteOptions::new().witness(true);
        let session = self.opened.db()?.begin_write_with(&options);
        let mut session = session.map_err(BackendError::new)?;
        for (key, change) in ops {
            match change {
                Some(value) => session.insert(*key, &**value).map_err(BackendError::new)?,
                None => session.delete(key),
            }
        }
        let foreseen = session.root().map_err(BackendError::new)?;
        let prepared = session.prepare().map_err(BackendError::new)?;
        let (before, root) = (prepared.previous_root(), prepared.root());
        let witness = prepared.witness().ok_or_else(|| BackendError::new("there is no witness"))?;
        let bytes = witness.encode();
        let witness = Witness::<GrayPaper>::decode(&bytes).map_err(BackendError::new)?;
        let state = witness.verify(&before).map_err(BackendError::new)?;
        let writes = ops.iter().map(|(key, value)| (*key, value.as_deref()));
        let verified = state.apply(writes).map_err(BackendError::new)?;
        let commit = prepared.commit().map_err(BackendError::new)?;
        if [foreseen, verified, commit.root] != [root; 3] {
            return Err(BackendError::new("foreseen, verified and committed roots do not agree"));
        }
        Ok(root)
    }

    fn reopen(&mut self) -> Result<Hash, BackendError> {
        self.reader = None;
        self.opened.reopen()
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
