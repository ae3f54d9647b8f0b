//! bmt: the engine that this harness was built for.
//!
//! [`AVAILABLE`] and [`NOMT_SCHEME_AVAILABLE`] are the switches for what is measured.

use crate::engine::{Committed, Engine, EngineKind, Outcome, Reader, Setup};
use crate::workload::{Batch, Key, OpKind};
use bmt::{Db, StateKey};
use std::sync::Arc;

/// Whether bmt is measured.
pub const AVAILABLE: bool = true;
/// Whether bmt has the NOMT-compatible scheme.
pub const NOMT_SCHEME_AVAILABLE: bool = false;

struct Bmt {
    db: Arc<Db>,
}

/// Opens the database in the directory.
///
/// # Errors
/// bmt's, or that it lacks the scheme.
pub fn open(kind: EngineKind, setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    match kind {
        EngineKind::Bmt => Ok(Box::new(Bmt { db: Arc::new(Db::open(setup.dir)?) })),
        _ => Err("bmt has no NOMT-compatible scheme yet".into()),
    }
}

/// The harness's keys are made so that nothing is cut off but a zero.
fn state_key(key: &Key) -> StateKey {
    StateKey::truncate(*key)
}

impl Engine for Bmt {
    fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
        let mut found_count = 0;
        for op in batch.ops() {
            let key = state_key(&op.key);
            match op.kind {
                OpKind::Read => found_count += u64::from(self.db.get(&key)?.is_some()),
                OpKind::Put => self.db.insert(key, batch.value(op))?,
                OpKind::Delete => self.db.delete(&key)?,
            }
        }
        self.db.commit()?;
        Ok(Committed { found_count, witness_bytes: None })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Ok(self.db.get(&state_key(key))?.map(|value| value.to_vec()))
    }

    fn prove(&mut self, keys: &[Key]) -> Outcome<Option<u64>> {
        for key in keys {
            std::hint::black_box(self.db.prove(&state_key(key))?);
        }
        Ok(Some(keys.len() as u64))
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        let db = Arc::into_inner(self.db).ok_or("a reader is still open")?;
        db.close()?;
        Ok(())
    }

    fn root(&self) -> Option<[u8; 32]> {
        Some(self.db.root())
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(BmtReader(Arc::clone(&self.db))))
    }

    fn notes(&self) -> String {
        "defaults; the whole state in memory, a commit log on disk".into()
    }
}

struct BmtReader(Arc<Db>);

impl Reader for BmtReader {
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.get(&state_key(key))?.map(|value| value.to_vec()))
    }
}
