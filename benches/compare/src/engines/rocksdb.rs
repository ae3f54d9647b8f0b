//! rocksdb: a log-structured merge tree; plain key-value, no root. Only with feature `rocksdb`.
//!
//! One synced `WriteBatch` a commit. Of the memory limit a quarter is block cache, and up to three
//! write buffers of a twelfth each; Bloom filters of ten bits a key.

use crate::engine::{Engine, Outcome, Setup};

/// Opens the database in the directory.
///
/// # Errors
/// rocksdb's, or that this build lacks it.
#[cfg(not(feature = "rocksdb"))]
pub fn open(_setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    Err("built without feature `rocksdb`".into())
}

#[cfg(feature = "rocksdb")]
pub use enabled::open;

#[cfg(feature = "rocksdb")]
mod enabled {
    use super::{Engine, Outcome, Setup};
    use crate::engine::{Committed, Reader};
    use crate::workload::{Batch, Key, OpKind};
    use rocksdb::{BlockBasedOptions, Cache, DB, Options, WriteBatch, WriteOptions};
    use std::sync::Arc;

    struct Rocks(Arc<DB>);

    /// Opens the database in the directory.
    ///
    /// # Errors
    /// rocksdb's.
    pub fn open(setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
        let memory_bytes = setup.memory_bytes as usize;
        let mut table = BlockBasedOptions::default();
        table.set_block_cache(&Cache::new_lru_cache(memory_bytes / 4));
        table.set_bloom_filter(10.0, false);
        let mut options = Options::default();
        options.create_if_missing(true);
        options.set_block_based_table_factory(&table);
        options.set_write_buffer_size(memory_bytes / 12);
        options.set_max_write_buffer_number(3);
        options.increase_parallelism(i32::try_from(setup.core_count)?);
        Ok(Box::new(Rocks(Arc::new(DB::open(&options, setup.dir)?))))
    }

    impl Engine for Rocks {
        fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
            let mut found_count = 0;
            let mut writes = WriteBatch::default();
            for op in batch.ops() {
                match op.kind {
                    OpKind::Read => {
                        found_count += u64::from(self.0.get_pinned(op.key)?.is_some());
                    }
                    OpKind::Put => writes.put(op.key, batch.value(op)),
                    OpKind::Delete => writes.delete(op.key),
                }
            }
            let mut options = WriteOptions::default();
            options.set_sync(true);
            self.0.write_opt(writes, &options)?;
            Ok(Committed { found_count, witness_bytes: None })
        }

        fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
            Ok(self.0.get(key)?)
        }

        fn get_many(&mut self, keys: &[Key]) -> Outcome<Vec<Option<Vec<u8>>>> {
            self.0.multi_get(keys).into_iter().map(|value| Ok(value?)).collect()
        }

        fn flush(&mut self) -> Outcome<()> {
            Ok(self.0.flush()?)
        }

        fn close(self: Box<Self>) -> Outcome<()> {
            self.0.cancel_all_background_work(true);
            Arc::into_inner(self.0).map(drop).ok_or_else(|| "a reader is still open".into())
        }

        fn reader(&self) -> Option<Box<dyn Reader>> {
            Some(Box::new(RocksReader(Arc::clone(&self.0))))
        }

        fn notes(&self) -> String {
            "synced write batches, block cache a quarter of the limit".into()
        }
    }

    struct RocksReader(Arc<DB>);

    impl Reader for RocksReader {
        fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
            Ok(self.0.get(key)?)
        }
    }
}
