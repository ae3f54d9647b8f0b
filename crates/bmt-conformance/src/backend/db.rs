//! The database, on disk in a temporary directory.

use super::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use bmt::{Db, GrayPaper, Hash, Range, StateKey};
use tempfile::TempDir;

/// [`bmt::Db`], closed and opened again between commits.
#[derive(Debug, Clone, Copy, Default)]
pub struct DbLayer;

impl BackendFactory for DbLayer {
    fn name(&self) -> &str {
        "db"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        Ok(Box::new(DbBackend(Opened::new()?)))
    }
}

/// A database in a temporary directory.
pub(super) struct Opened {
    /// `None` only after a failed reopening.
    db: Option<Db>,
    directory: TempDir,
}

impl Opened {
    pub(super) fn new() -> Result<Self, BackendError> {
        let directory = tempfile::tempdir().map_err(BackendError::new)?;
        let db = Some(Db::open(directory.path()).map_err(BackendError::new)?);
        Ok(Self { db, directory })
    }

    pub(super) fn db(&self) -> Result<&Db, BackendError> {
        self.db.as_ref().ok_or_else(|| BackendError::new("the database could not be reopened"))
    }

    /// Commits the changes by the simple API.
    pub(super) fn commit(&self, ops: &[Op]) -> Result<Hash, BackendError> {
        let db = self.db()?;
        for (key, change) in ops {
            match change {
                Some(value) => db.insert(*key, &**value),
                None => db.delete(key),
            }
            .map_err(BackendError::new)?;
        }
        let before = db.root();
        let foreseen = db.pending_root().map_err(BackendError::new)?;
        let commit = db.commit().map_err(BackendError::new)?;
        if (commit.previous_root, commit.root, db.root()) != (before, foreseen, foreseen) {
            return Err(BackendError::new("roots before, foreseen and after do not agree"));
        }
        Ok(commit.root)
    }

    /// Closes and opens it.
    pub(super) fn reopen(&mut self) -> Result<Hash, BackendError> {
        if let Some(db) = self.db.take() {
            db.close().map_err(BackendError::new)?;
        }
        let db = Db::open(self.directory.path()).map_err(BackendError::new)?;
        let root = db.root();
        self.db = Some(db);
        Ok(root)
    }
}

/// A value as the runner has it.
pub(super) fn shared(value: Option<bmt::Value>) -> Option<Value> {
    value.map(Value::from)
}

/// All entries of a range.
pub(super) fn listed(range: Range<GrayPaper>) -> Result<Vec<(StateKey, Value)>, BackendError> {
    let entry = |entry: Result<(StateKey, bmt::Value), _>| {
        entry.map(|(key, value)| (key, Value::from(value))).map_err(BackendError::new)
    };
    range.map(entry).collect()
}

struct DbBackend(Opened);

impl Backend for DbBackend {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        self.0.commit(ops)
    }

    fn reopen(&mut self) -> Result<Hash, BackendError> {
        self.0.reopen()
    }

    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError> {
        Ok(shared(self.0.db()?.get(key).map_err(BackendError::new)?))
    }

    fn prove(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(Some(self.0.db()?.prove(key).map_err(BackendError::new)?.encode()))
    }

    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError> {
        listed(self.0.db()?.range(..).map_err(BackendError::new)?)
    }
}
