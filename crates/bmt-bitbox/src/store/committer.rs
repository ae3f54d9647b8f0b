//! The manifest of a store, and the commit.

use crate::batch::Batch;
use crate::check::CheckReport;
use crate::error::TableError;
use crate::format::names::TableNames;
use crate::options::TableOptions;
use crate::table::Table;
use bmt_io::slots::Slots;
use bmt_io::{Directory, DirectoryLock};
use parking_lot::Mutex;
use std::sync::Arc;

/// The file that names the tables of a store.
pub const MANIFEST_FILE: &str = "bitbox-manifest";

/// The kind of its record.
const MANIFEST_KIND: u32 = 0x626f_7873;

/// Copies that are made live in one batch of their own.
const COPIES_PER_STEP: usize = 4096;

/// A table and the manifest that names it.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) table: Table,
    /// Held from the preparation of a batch to its end.
    slots: Mutex<Slots>,
    #[expect(dead_code, reason = "kept for its drop")]
    lock: DirectoryLock,
}

impl Committer {
    pub(super) fn create(
        directory: Arc<dyn Directory>,
        options: TableOptions,
    ) -> Result<Self, TableError> {
        let lock = directory.try_lock()?;
        if directory.entries()?.iter().any(|entry| entry == MANIFEST_FILE) {
            return Err(TableError::AlreadyExists { file: MANIFEST_FILE });
        }
        let (table, names) = Table::create(Arc::clone(&directory), options)?;
        let slots = Slots::create(&*directory, MANIFEST_FILE, MANIFEST_KIND, 0, &names.encode())?;
        Ok(Self { table, slots: Mutex::new(slots), lock })
    }

    pub(super) fn open(
        directory: Arc<dyn Directory>,
        options: TableOptions,
    ) -> Result<Self, TableError> {
        let lock = directory.try_lock()?;
        let (mut slots, record) = Slots::open(&*directory, MANIFEST_FILE, MANIFEST_KIND)?;
        let names = TableNames::decode(&record.payload)?;
        let table = Table::recover(Arc::clone(&directory), &names, options)?;
        // The record, and even its name, may have been in the system's cache only.
        slots.settle()?;
        directory.sync()?;
        Ok(Self { table, slots: Mutex::new(slots), lock })
    }

    /// Commits a batch; its number.
    pub(super) fn commit(&self, batch: &Batch<'_>) -> Result<u64, TableError> {
        self.commit_under(&mut self.slots.lock(), batch)
    }

    fn commit_under(&self, slots: &mut Slots, batch: &Batch<'_>) -> Result<u64, TableError> {
        let prepared = self.table.prepare(batch)?;
        let sequence = slots.sequence() + 1;
        // In both slots, so that what the batch replaced can be overwritten (INV-BB-03).
        match slots.store_both(sequence, &prepared.names().encode()) {
            Ok(()) => Ok(prepared.commit()),
            Err(source) => {
                let error = TableError::OutcomeUnknown { batch: prepared.batch(), source };
                self.table.poison(&error);
                Err(error)
            }
        }
    }

    /// Copies some pages and makes them live; whether there is more to do.
    pub(super) fn step(&self) -> Result<bool, TableError> {
        self.table.check_poison()?;
        if !self.table.is_resizing() {
            return Ok(false);
        }
        self.table.copy_ahead(COPIES_PER_STEP)?;
        let is_any = self.table.waiting_copy_count() > 0;
        if !is_any && self.table.stuck().is_some() {
            return Ok(false);
        }
        self.commit(&Batch::new())?;
        Ok(self.table.is_resizing() && (is_any || self.table.stuck().is_none()))
    }

    /// Checks the table while no batch is under way.
    pub(super) fn check(&self, progress: impl FnMut(u64, u64)) -> Result<CheckReport, TableError> {
        let _no_batch = self.slots.lock();
        self.table.check(progress)
    }
}
