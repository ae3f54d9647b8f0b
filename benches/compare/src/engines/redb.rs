//! redb: a B-tree of pages, copy on write; plain key-value, no root.
//!
//! One write transaction a batch with `Durability::Immediate` (the default): one phase, one `fdatasync`.
//! Keys have the fixed-width type of 32 bytes, values are slices. Of the memory limit 60 % is redb's own
//! cache, of which its write buffer may take half; the file goes through the page cache besides, within
//! the limit where a cgroup rules it.

use crate::engine::{Committed, Engine, Outcome, Reader, Setup};
use crate::workload::{Batch, Key, OpKind};
use redb::{Database, ReadableDatabase, TableDefinition};
use std::sync::Arc;

const TABLE: TableDefinition<'static, &'static [u8; 32], &'static [u8]> =
    TableDefinition::new("state");

struct Redb {
    database: Arc<Database>,
    cache_bytes: usize,
}

/// Opens `redb.db` in the directory.
///
/// # Errors
/// redb's.
pub fn open(setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    let cache_bytes = (setup.memory_bytes / 10 * 6) as usize;
    let database =
        Database::builder().set_cache_size(cache_bytes).create(setup.dir.join("redb.db"))?;
    Ok(Box::new(Redb { database: Arc::new(database), cache_bytes }))
}

impl Engine for Redb {
    fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
        let mut found_count = 0;
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(TABLE)?;
            for op in batch.ops() {
                let key = &op.key;
                match op.kind {
                    OpKind::Read => {
                        let value = redb::ReadableTable::get(&table, key)?;
                        found_count += u64::from(value.is_some());
                    }
                    OpKind::Put => drop(table.insert(key, batch.value(op))?),
                    OpKind::Delete => drop(table.remove(key)?),
                }
            }
        }
        transaction.commit()?;
        Ok(Committed { found_count, witness_bytes: None })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        get(&self.database, key)
    }

    fn get_many(&mut self, keys: &[Key]) -> Outcome<Vec<Option<Vec<u8>>>> {
        let table = self.database.begin_read()?.open_table(TABLE)?;
        let value =
            |key: &Key| Ok(redb::ReadableTable::get(&table, key)?.map(|v| v.value().to_vec()));
        keys.iter().map(value).collect()
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        let database = Arc::into_inner(self.database).ok_or("a reader is still open")?;
        Ok(database.close()?)
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(RedbReader(Arc::clone(&self.database))))
    }

    fn notes(&self) -> String {
        format!("Durability::Immediate, cache {} MiB", self.cache_bytes >> 20)
    }
}

struct RedbReader(Arc<Database>);

impl Reader for RedbReader {
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        get(&self.0, key)
    }
}

fn get(database: &Database, key: &Key) -> Outcome<Option<Vec<u8>>> {
    let table = database.begin_read()?.open_table(TABLE)?;
    Ok(redb::ReadableTable::get(&table, key)?.map(|value| value.value().to_vec()))
}
