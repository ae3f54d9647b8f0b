//! The state behind a table: what its handles, pins, prepared switches and threads have in common.

use crate::copy::{Copier, Pending};
use crate::error::TableError;
use crate::faults::Faults;
use crate::ledger::Writer;
use crate::options::TableOptions;
use crate::pins::Pins;
use crate::queues::{PageWriter, Queues};
use crate::set::TableSet;
use crate::stats::Counters;
use bmt_io::{Directory, File, IoError, Operation};
use parking_lot::{Mutex, RwLock};
use std::sync::{Arc, OnceLock};

/// Everything about a table. Locks are taken in the order of the fields.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) directory: Arc<dyn Directory>,
    pub(crate) options: TableOptions,
    /// Of every table's file; the one in the options counts only for creation.
    pub(crate) salt: u64,
    /// Held while a batch is prepared, committed or settled.
    pub(crate) writer: Mutex<Writer>,
    /// Held while pages are copied from source to target.
    pub(crate) copier: Mutex<Copier>,
    /// Copies that no batch has made live yet.
    pub(crate) pending: Mutex<Pending>,
    /// Held for as long as memory is read or changed, never during I/O.
    pub(crate) set: RwLock<TableSet>,
    pub(crate) pins: Mutex<Pins>,
    /// Files that no manifest names and no pin needs.
    pub(crate) strays: Mutex<Vec<String>>,
    pub(crate) poison: OnceLock<Arc<TableError>>,
    pub(crate) queues: Queues,
    pub(crate) counters: Counters,
}

/// What a table starts from: made by creation and by recovery.
pub(crate) struct Start {
    pub(crate) salt: u64,
    pub(crate) writer: Writer,
    pub(crate) set: TableSet,
    pub(crate) strays: Vec<String>,
}

impl Core {
    pub(crate) fn new(directory: Arc<dyn Directory>, options: TableOptions, start: Start) -> Self {
        let queues = Queues::new(Arc::clone(&directory), options.queue_depth);
        Self {
            directory,
            options,
            salt: start.salt,
            pins: Mutex::new(Pins::new(start.writer.batch)),
            writer: Mutex::new(start.writer),
            copier: Mutex::default(),
            pending: Mutex::default(),
            set: RwLock::new(start.set),
            strays: Mutex::new(start.strays),
            poison: OnceLock::new(),
            queues,
            counters: Counters::default(),
        }
    }

    pub(crate) fn faults(&self) -> Faults {
        self.options.faults()
    }

    /// Fails if a durable operation failed before.
    pub(crate) fn check_poison(&self) -> Result<(), TableError> {
        match self.poison.get() {
            Some(cause) => Err(TableError::Poisoned { cause: Arc::clone(cause) }),
            None => Ok(()),
        }
    }

    /// Takes note of the first failure; later ones change nothing.
    pub(crate) fn set_poison(&self, cause: &TableError) {
        // The result only tells that an earlier failure holds the place.
        drop(self.poison.set(Arc::new(cause.clone())));
    }

    /// What a failure on the way to a switch means. Being out of space or of buffers costs the batch
    /// alone, since it wrote only what nobody names; any other failed write poisons.
    pub(crate) fn write_failed(&self, source: IoError) -> TableError {
        let is_clean = match &source {
            IoError::NoSpace { .. } => return TableError::NoSpace { source },
            IoError::PoolExhausted { .. } => true,
            other => other.site().is_some_and(|site| site.operation == Operation::Queue),
        };
        let error = TableError::Io(source);
        if !is_clean {
            self.set_poison(&error);
        }
        error
    }

    /// Syncs a file; a failure poisons, whatever it is, and is never tried again.
    pub(crate) fn sync(&self, file: &dyn File) -> Result<(), TableError> {
        if self.faults().skips_switch_sync() {
            return Ok(());
        }
        file.sync_data().map_err(|source| {
            let error = TableError::Io(source);
            self.set_poison(&error);
            error
        })
    }

    /// A writer of pages to a file.
    pub(crate) fn page_writer<'a>(
        &'a self,
        file: &'a Arc<dyn File>,
    ) -> Result<PageWriter<'a>, IoError> {
        PageWriter::new(&self.queues, &self.options.pool, file)
    }

    /// Releases a pin, and frees what it alone needed.
    pub(crate) fn unpin(&self, batch: u64) {
        if !self.pins.lock().release(batch) {
            return;
        }
        let mut set = self.set.write();
        let pins = self.pins.lock();
        set.tables.iter_mut().for_each(|table| table.buckets.collect(&pins));
        let strays = set.take_unneeded();
        drop(pins);
        drop(set);
        if !strays.is_empty() {
            self.strays.lock().extend(strays);
        }
    }
}
