//! bmt: the engine that this harness was built for, in the Gray Paper's scheme and in NOMT's.
//!
//! A batch's reads go through one read session, one by one in the batch's order, as in nomt, redb and
//! LMDB; its writes become pending as they come, and one commit makes them durable. With a witness the
//! batch is one write session instead. Of the memory limit 80 % is given to bmt's buffers and caches, or
//! less where the pages of the trie that a commit makes anew need more beside them; everything else is at
//! its default. `flush` writes every commit to pages, so a timed run pays for all its checkpoints.

use crate::engine::{Committed, Engine, EngineKind, Outcome, Reader, Setup};
use crate::workload::{Batch, Key, OpKind, ValueShape};
use bmt::{Db, GrayPaper, Options, Scheme, StateKey, WriteOptions};
use bmt_core::nomt_compat::{Blake3, NomtCompat};
use std::hint::black_box;
use std::sync::Arc;

/// Of the memory limit, for bmt's buffers and caches; the rest is for indexes, commits and the harness.
const MEMORY_PERCENT: u64 = 80;
/// What has to be left beside them, and for each key besides: new pages of the trie beside the old ones, until a
/// checkpoint has written them, and what the allocator keeps.
const LEFT_BYTES: u64 = 64 << 20;
const LEFT_BYTES_PER_KEY: u64 = 18;
/// And where values are longer than 32 bytes: what is made of each commit grows with them.
const LEFT_BYTES_LONG_VALUES: u64 = 128 << 20;

/// A scheme as the harness opens it.
trait Measured: Scheme {
    /// The scheme's key for one of the harness's keys, which are made so that nothing but a zero is
    /// cut off.
    fn key(key: &Key) -> Self::Key;
}

impl Measured for GrayPaper {
    fn key(key: &Key) -> StateKey {
        StateKey::truncate(*key)
    }
}

impl Measured for NomtCompat<Blake3> {
    fn key(key: &Key) -> [u8; 32] {
        *key
    }
}

struct Bmt<S: Measured> {
    db: Arc<Db<S>>,
    memory_mib: u64,
}

/// Opens the database in the directory.
///
/// # Errors
/// bmt's.
pub fn open(kind: EngineKind, setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    match kind {
        EngineKind::BmtNomt => open_scheme::<NomtCompat<Blake3>>(setup),
        _ => open_scheme::<GrayPaper>(setup),
    }
}

fn open_scheme<S: Measured>(setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    let long_values = match setup.dataset.values {
        ValueShape::Fixed(_) => 0,
        ValueShape::Between(..) => LEFT_BYTES_LONG_VALUES,
    };
    let left_bytes = LEFT_BYTES + LEFT_BYTES_PER_KEY * setup.dataset.key_count + long_values;
    let share = setup.memory_bytes / 100 * MEMORY_PERCENT;
    let memory_bytes = share.min(setup.memory_bytes.saturating_sub(left_bytes));
    let options = Options::new().memory_bytes(memory_bytes);
    let db = Arc::new(Db::<S>::open_with(setup.dir, &options)?);
    Ok(Box::new(Bmt { db, memory_mib: memory_bytes >> 20 }))
}

impl<S: Measured> Bmt<S> {
    fn commit_witnessed(&self, batch: &Batch) -> Outcome<Committed> {
        let options = WriteOptions::new().witness(true);
        let mut session = self.db.begin_write_with(&options)?;
        let mut found_count = 0;
        for op in batch.ops() {
            let key = S::key(&op.key);
            match op.kind {
                OpKind::Read => found_count += u64::from(session.get(&key)?.is_some()),
                OpKind::Put => session.insert(key, batch.value(op))?,
                OpKind::Delete => session.delete(&key),
            }
        }
        let prepared = session.prepare()?;
        let witness_bytes = prepared.witness().map(|witness| witness.as_bytes().len() as u64);
        prepared.commit()?;
        Ok(Committed { found_count, witness_bytes })
    }
}

impl<S: Measured> Engine for Bmt<S> {
    fn commit(&mut self, batch: &Batch, witness: bool) -> Outcome<Committed> {
        if witness {
            return self.commit_witnessed(batch);
        }
        let session = self.db.begin_read();
        let mut found_count = 0;
        for op in batch.ops() {
            let key = S::key(&op.key);
            match op.kind {
                OpKind::Read => found_count += u64::from(session.get(&key)?.is_some()),
                OpKind::Put => self.db.insert(key, batch.value(op))?,
                OpKind::Delete => self.db.delete(&key)?,
            }
        }
        drop(session);
        self.db.commit()?;
        Ok(Committed { found_count, witness_bytes: None })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        get(&self.db, key)
    }

    fn get_many(&mut self, keys: &[Key]) -> Outcome<Vec<Option<Vec<u8>>>> {
        let keys: Vec<S::Key> = keys.iter().map(S::key).collect();
        let values = self.db.begin_read().get_many(&keys)?;
        Ok(values.into_iter().map(|value| value.map(|value| value.to_vec())).collect())
    }

    fn prove(&mut self, keys: &[Key]) -> Outcome<Option<u64>> {
        let session = self.db.begin_read();
        for key in keys {
            black_box(session.prove(&S::key(key))?);
        }
        Ok(Some(keys.len() as u64))
    }

    fn bulk_build(
        &mut self,
        entries: &mut dyn ExactSizeIterator<Item = (Key, Vec<u8>)>,
    ) -> Outcome<()> {
        self.db.bulk_load(entries.map(|(key, value)| (S::key(&key), value)))?;
        Ok(())
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.db.flush()?)
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        let db = Arc::into_inner(self.db).ok_or("a reader is still open")?;
        db.close()?;
        Ok(())
    }

    fn root(&self) -> Option<[u8; 32]> {
        Some(self.db.root())
    }

    fn checkpoint_count(&self) -> Option<u64> {
        Some(self.db.stats().checkpoint_count)
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(BmtReader(Arc::clone(&self.db))))
    }

    fn notes(&self) -> String {
        let stats = self.db.stats();
        format!(
            "{} MiB of buffers and caches, else defaults, {} backend, {} checkpoints, {} stalls",
            self.memory_mib, stats.backend.kind, stats.checkpoint_count, stats.stall_count
        )
    }
}

struct BmtReader<S: Measured>(Arc<Db<S>>);

impl<S: Measured> Reader for BmtReader<S> {
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        get(&self.0, key)
    }
}

fn get<S: Measured>(db: &Db<S>, key: &Key) -> Outcome<Option<Vec<u8>>> {
    Ok(db.get(&S::key(key))?.map(|value| value.to_vec()))
}
