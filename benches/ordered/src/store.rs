//! bmt-beatree behind the harness's trait.

use bmt_beatree::{Batch as StoreBatch, Store, StoreOptions};
use bmt_compare::engine::{Committed, Engine, Outcome, Setup};
use bmt_compare::workload::{Batch, Key, OpKind};

pub(crate) struct Beatree {
    store: Option<Store>,
}

/// Of the memory limit, half for the buffer and a quarter for leaves; the rest is for runs that are being
/// merged, the index, pages in flight, and what the allocator keeps.
pub(crate) fn options(memory_bytes: u64) -> StoreOptions {
    let memory_bytes = usize::try_from(memory_bytes).unwrap_or(usize::MAX);
    StoreOptions {
        buffer_bytes: memory_bytes / 2,
        leaf_cache_bytes: memory_bytes / 4,
        ..StoreOptions::default()
    }
}

impl Beatree {
    pub(crate) fn open(setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
        let store = Store::open(setup.dir, options(setup.memory_bytes))?;
        Ok(Box::new(Self { store: Some(store) }))
    }

    fn store(&self) -> &Store {
        self.store.as_ref().expect("open until it is closed")
    }
}

impl Engine for Beatree {
    fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
        let mut changes = StoreBatch::new();
        let mut found_count = 0;
        for op in batch.ops() {
            match op.kind {
                OpKind::Read => found_count += u64::from(self.store().get(&op.key)?.is_some()),
                OpKind::Put => drop(changes.put(op.key, batch.value(op))),
                OpKind::Delete => drop(changes.delete(op.key)),
            }
        }
        self.store().commit(changes)?;
        Ok(Committed { found_count, witness_bytes: None })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Ok(self.store().get(key)?.map(|value| value.into_vec()))
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(self.store().checkpoint()?)
    }

    fn notes(&self) -> String {
        "durable commits; half of the memory for the buffer, a quarter for leaves".into()
    }

    fn close(mut self: Box<Self>) -> Outcome<()> {
        match self.store.take() {
            Some(store) => Ok(store.close()?),
            None => Ok(()),
        }
    }
}
