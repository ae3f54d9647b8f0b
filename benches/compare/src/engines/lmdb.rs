//! LMDB through heed: a memory-mapped B-tree, copy on write; plain key-value, no root.
//!
//! One write transaction a batch with LMDB's default durability (`fdatasync` of the data, then
//! the meta page through a descriptor opened with `O_DSYNC`). It has no cache of its own: the
//! memory limit rules the page cache. Read-ahead is off, since lookups are random.

use crate::engine::{Committed, Engine, Outcome, Reader, Setup};
use crate::workload::{Batch, Key, OpKind};
use heed::types::Bytes;
use heed::{CommitOrAbort, Database, Env, EnvFlags, EnvOpenOptions, WithoutTls};

/// Address space for the map; the file grows only as needed.
const MAP_BYTES: usize = 64 << 30;

#[derive(Clone)]
struct Lmdb {
    env: Env<WithoutTls>,
    table: Database<'static, Bytes, Bytes>,
}

/// Opens the environment in the directory.
///
/// # Errors
/// LMDB's.
pub fn open(setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(MAP_BYTES).max_readers(64);
    // SAFETY: NO_READ_AHEAD only gives the kernel advice about the map.
    unsafe { options.flags(EnvFlags::NO_READ_AHEAD) };
    // SAFETY: no other process touches the file, and this one opens it once at a time.
    let env = unsafe { options.open(setup.dir)? };
    let transaction = env.write_txn()?;
    let made = env.create_databases_and_commit(transaction, |opener, transaction| {
        opener.create_database(transaction, None).map(CommitOrAbort::<_, ()>::Commit)
    })?;
    let table = made.unwrap_commit();
    Ok(Box::new(Lmdb { env, table }))
}

impl Engine for Lmdb {
    fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
        let mut found_count = 0;
        let mut transaction = self.env.write_txn()?;
        for op in batch.ops() {
            match op.kind {
                OpKind::Read => {
                    let value = self.table.get(&transaction, &op.key)?;
                    found_count += u64::from(value.is_some());
                }
                OpKind::Put => self.table.put(&mut transaction, &op.key, batch.value(op))?,
                OpKind::Delete => drop(self.table.delete(&mut transaction, &op.key)?),
            }
        }
        transaction.commit()?;
        Ok(Committed { found_count, witness_bytes: None })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Reader::get(self, key)
    }

    fn get_many(&mut self, keys: &[Key]) -> Outcome<Vec<Option<Vec<u8>>>> {
        let transaction = self.env.read_txn()?;
        let value = |key: &Key| Ok(self.table.get(&transaction, key)?.map(<[u8]>::to_vec));
        keys.iter().map(value).collect()
    }

    fn bulk_build(
        &mut self,
        entries: &mut dyn ExactSizeIterator<Item = (Key, Vec<u8>)>,
    ) -> Outcome<()> {
        let mut transaction = self.env.write_txn()?;
        for (key, value) in entries {
            let flags = heed::PutFlags::APPEND;
            self.table.put_with_flags(&mut transaction, flags, &key, &value)?;
        }
        Ok(transaction.commit()?)
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.env.force_sync()?)
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        let closing = self.env.prepare_for_closing();
        match closing.wait_timeout(std::time::Duration::from_secs(10)) {
            true => Ok(()),
            false => Err("a reader is still open".into()),
        }
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(self.clone()))
    }

    fn notes(&self) -> String {
        "default durability, NO_READ_AHEAD".into()
    }
}

impl Reader for Lmdb {
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        let transaction = self.env.read_txn()?;
        Ok(self.table.get(&transaction, key)?.map(<[u8]>::to_vec))
    }
}
