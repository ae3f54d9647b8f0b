//! The table core, for an owner that has a manifest of its own: [`Table`].

use crate::PageId;
use crate::batch::Batch;
use crate::buckets::Buckets;
use crate::check::{self, CheckReport};
use crate::copy;
use crate::core::{Core, Start};
use crate::error::TableError;
use crate::file::TableFile;
use crate::format::geometry::Geometry;
use crate::format::header::Header;
use crate::format::names::{SwitchName, TableNames};
use crate::growth;
use crate::ledger::{Ledger, Writer};
use crate::options::TableOptions;
use crate::page::Page;
use crate::prepare;
use crate::recovery;
use crate::set::{OpenTable, Role, TableSet};
use crate::settle;
use crate::snapshot::Snapshot;
use crate::stats::{TableStats, get};
use crate::switch::PreparedSwitch;
use crate::units::to_u64;
use bmt_io::{Directory, IoError, PAGE_SIZE};
use std::sync::Arc;

/// A table whose owner keeps the manifest; a cheap handle, cloned to share the table.
///
/// One batch at a time goes through three steps:
///
/// 1. [`Table::prepare`] writes and syncs all that the batch needs. Nothing has happened yet.
/// 2. The owner makes the names ([`PreparedSwitch::names`]) durable in its manifest, in every place where
///    it may look after a crash.
/// 3. [`PreparedSwitch::commit`] shows the batch to readers, and lets what it replaced be overwritten.
///
/// [`Table::settle`] may follow at any time before the next batch, which else does it first.
/// After a crash, [`Table::recover`] takes the names in the manifest.
/// An owner that does not know whether its manifest was stored drops the switch. One whose manifest
/// changes for other reasons keeps writing [`Table::names`], and may do so at any time but between (2) and (3).
///
/// A batch is atomic with whatever else the manifest says. Deleted and replaced pages stay readable in the
/// snapshots that were pinned before (3); the owner pins a new one right after it. What a batch replaced,
/// and no pin needs, is free from (3) on, and after a crash.
///
/// [`crate::Store`] is such an owner, and an example.
///
/// ```
/// use bmt_bitbox::{Batch, Table, TableNames, TableOptions};
/// use bmt_io::SimDisk;
///
/// let directory = SimDisk::new(1).directory();
/// let (table, names) = Table::create(directory.clone(), TableOptions::new(0x5eed))?;
/// let mut manifest = names.encode(); // stored, in the owner's way, before anything else
///
/// let mut batch = Batch::new();
/// batch.put([1; 32], b"one")?;
/// let prepared = table.prepare(&batch)?;
/// manifest = prepared.names().encode(); // stored durably, everywhere
/// prepared.commit();
/// let readers = table.pin();
/// table.settle()?; // now or later
///
/// drop((readers, table));
/// let table = Table::recover(directory, &TableNames::decode(&manifest)?, TableOptions::new(0))?;
/// assert_eq!(table.get(&[1; 32])?.as_deref(), Some(b"one".as_slice()));
/// # Ok::<(), bmt_bitbox::TableError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Table {
    core: Arc<Core>,
}

impl Table {
    /// Makes an empty table, and returns the names that the manifest must have. The directory's lock is
    /// the caller's. A directory has the tables of one manifest: files `bitbox-…` that it does not name
    /// are removed some time.
    ///
    /// # Errors
    /// [`TableError::InvalidOption`], [`TableError::NoSpace`], and what storage says. What was made by
    /// then is removed by whoever opens a table in this directory next.
    pub fn create(
        directory: Arc<dyn Directory>,
        options: TableOptions,
    ) -> Result<(Self, TableNames), TableError> {
        options.validate()?;
        let Some(geometry) = Geometry::new(options.bits_min()) else {
            unreachable!("the options were validated")
        };
        let nothing = TableNames { target: SwitchName::fresh(0), source: None };
        let (strays, number) = recovery::strays(&*directory, &nothing)?;
        let header = Header { number, salt: options.salt, geometry };
        let file = TableFile::create(&*directory, header, options.faults());
        let file = Arc::new(file.map_err(|source| match source {
            IoError::NoSpace { .. } => TableError::NoSpace { source },
            other => TableError::Io(other),
        })?);
        let ledger = Ledger::fresh(Arc::clone(&file));
        let names = TableNames { target: ledger.name, source: None };
        let buckets = Buckets::new(geometry);
        let set = TableSet {
            tables: vec![OpenTable { file, role: Role::Target, buckets }],
            moved_below: 0,
        };
        let writer = Writer {
            ledgers: vec![ledger],
            batch: 0,
            prepared: None,
            next_number: number + 1,
            names,
        };
        let start = Start { salt: options.salt, writer, set, strays };
        Ok((Self { core: Arc::new(Core::new(directory, options, start)) }, names))
    }

    /// Opens the tables that a manifest names. The manifest must be durable by now: what was read may
    /// have been in the system's cache only. The directory's lock is the caller's.
    ///
    /// Reads the meta maps, about a byte for each bucket, and writes nothing.
    ///
    /// # Errors
    /// [`TableError::Corruption`] if a table is not as the names say, [`TableError::UnsupportedVersion`],
    /// [`TableError::UnsupportedFlags`], [`TableError::InvalidOption`], and what storage says.
    pub fn recover(
        directory: Arc<dyn Directory>,
        names: &TableNames,
        options: TableOptions,
    ) -> Result<Self, TableError> {
        options.validate()?;
        let start = recovery::recover(&*directory, names, options.faults())?;
        Ok(Self { core: Arc::new(Core::new(directory, options, start)) })
    }

    /// Writes and syncs a batch. Nothing has happened until the switch that is returned is committed.
    ///
    /// An empty batch is of use while the table is resized: it makes copies live.
    ///
    /// # Errors
    /// [`TableError::NoSpace`] and [`TableError::TooManyPages`]: the batch is abandoned, the table stays
    /// usable. [`TableError::SwitchPending`]; [`TableError::Poisoned`]. [`TableError::Corruption`] if a damaged
    /// page may be one that the batch changes ([`Batch::put_new`] and [`Batch::delete_present`] know better),
    /// or if two tables have pages that can't be taken over and a third one is needed. Any other failed
    /// write or sync poisons the table.
    pub fn prepare(&self, batch: &Batch<'_>) -> Result<PreparedSwitch, TableError> {
        prepare::prepare(&self.core, batch)
    }

    /// Writes what the last committed batch changed to the meta map. The next batch does it first if nobody
    /// did; so there is no need to call this, but it takes time off the batch.
    ///
    /// # Errors
    /// [`TableError::NoSpace`], after which it can be tried again; [`TableError::Poisoned`]; any other
    /// failed write poisons the table.
    pub fn settle(&self) -> Result<(), TableError> {
        settle::settle(&self.core, &mut self.core.writer.lock())
    }

    /// Removes the files of tables that no manifest names and no pin needs; called now and then, by a thread
    /// that has time: it can take seconds for a large one. Batches and reads do not wait for it. What cannot
    /// be removed is tried again the next time.
    pub fn remove_unneeded_files(&self) {
        settle::remove_strays(&self.core);
    }

    /// Files that [`Table::remove_unneeded_files`] would remove.
    #[must_use]
    pub fn unneeded_file_count(&self) -> usize {
        self.core.strays.lock().len()
    }

    /// Pins the newest batch that was committed.
    #[must_use]
    pub fn pin(&self) -> Snapshot {
        Snapshot::of(&self.core)
    }

    /// The page with this id in the newest batch; as [`Snapshot::get`].
    ///
    /// # Errors
    /// As [`Snapshot::get`].
    pub fn get(&self, id: &PageId) -> Result<Option<Page>, TableError> {
        self.pin().get(id)
    }

    /// The pages with these ids in the newest batch; as [`Snapshot::get_many`].
    ///
    /// # Errors
    /// As [`Snapshot::get`].
    pub fn get_many(&self, ids: &[PageId]) -> Result<Vec<Option<Page>>, TableError> {
        self.pin().get_many(ids)
    }

    /// Begins a table of twice the size; false if one is being filled already. Tables grow by themselves:
    /// this is for those who know that much is to come.
    ///
    /// # Errors
    /// As [`Table::prepare`]; after [`TableError::NoSpace`] all is as it was.
    pub fn grow(&self) -> Result<bool, TableError> {
        growth::request(&self.core, &mut self.core.writer.lock(), false)
    }

    /// Begins a smaller table, if the pages fill less than 3/8 of one; false if they don't, or one is being
    /// filled already.
    ///
    /// # Errors
    /// As [`Table::grow`].
    pub fn shrink(&self) -> Result<bool, TableError> {
        growth::request(&self.core, &mut self.core.writer.lock(), true)
    }

    /// Copies pages to the table that is being filled, until `page_count` copies wait for the next batch or
    /// none is left to copy; how many were copied. For a thread in the background; batches copy a few pages
    /// in any case. Blocks neither reads nor batches, but a batch that has to copy pages itself.
    ///
    /// # Errors
    /// As [`Table::prepare`].
    pub fn copy_ahead(&self, page_count: usize) -> Result<usize, TableError> {
        copy::copy_ahead(&self.core, page_count)
    }

    /// Whether pages are still to be taken over from one table to another.
    #[must_use]
    pub fn is_resizing(&self) -> bool {
        self.core.set.read().sources().next().is_some()
    }

    /// How many copies wait for the next batch.
    pub(crate) fn waiting_copy_count(&self) -> usize {
        self.core.pending.lock().moves.len()
    }

    /// What is wrong with a page that can't be taken over; `None` if there is none.
    pub(crate) fn stuck(&self) -> Option<TableError> {
        let pending = self.core.pending.lock();
        let set = self.core.set.read();
        set.sources().find_map(|source| pending.stuck_in(source).0.cloned())
    }

    /// Reads everything and compares it: every page, where it lies, the maps on disk, the records in force.
    /// `progress` is told pages read and pages in all. Batches wait meanwhile.
    ///
    /// # Errors
    /// What storage says, and [`TableError::SwitchPending`]. Damage is in the report.
    pub fn check(&self, mut progress: impl FnMut(u64, u64)) -> Result<CheckReport, TableError> {
        check::check(&self.core, &mut progress)
    }

    /// The names that the manifest has: of the newest batch that was committed, or of the opening.
    #[must_use]
    pub fn names(&self) -> TableNames {
        self.core.writer.lock().names
    }

    /// What the table is and has done.
    #[must_use]
    pub fn stats(&self) -> TableStats {
        let core = &self.core;
        let pending = core.pending.lock();
        let set = core.set.read();
        let target = &set.target().buckets;
        let source = set.sources().next();
        let pins = core.pins.lock();
        let of_all = |count: &dyn Fn(&OpenTable) -> u64| set.tables.iter().map(count).sum::<u64>();
        let pinned_count = of_all(&|table| table.buckets.pinned_count());
        TableStats {
            batch: pins.current,
            page_count: set.live_count(),
            bucket_count: target.geometry().bucket_count(),
            live_count: target.live_count(),
            tombstone_count: target.tombstone_count(),
            empty_count: target.empty_count(),
            reserved_count: target.reserved_count(),
            source_page_count: set.sources().map(|table| table.buckets.live_count()).sum(),
            stuck_page_count: set.sources().map(|table| pending.stuck_in(table).1).sum(),
            source_bucket_count: source.map_or(0, |it| it.buckets.geometry().bucket_count()),
            pinned_bytes: pinned_count * to_u64(PAGE_SIZE),
            pin_count: to_u64(pins.count()),
            memory_bytes: of_all(&|table| table.buckets.memory_bytes()),
            file_bytes: of_all(&|table| table.file.geometry.file_bytes()),
            lookup_count: get(&core.counters.lookups),
            probe_count: get(&core.counters.probes),
            page_read_count: get(&core.counters.page_reads),
            false_match_count: get(&core.counters.false_matches),
            image_write_count: get(&core.counters.image_writes),
            copy_count: get(&core.counters.copies),
            record_bytes: get(&core.counters.record_bytes),
            resize_count: get(&core.counters.resizes),
            is_poisoned: core.poison.get().is_some(),
        }
    }

    /// Takes note that what a prepared switch came to is unknown.
    pub(crate) fn poison(&self, cause: &TableError) {
        self.core.set_poison(cause);
    }

    /// Fails if the table is poisoned.
    pub(crate) fn check_poison(&self) -> Result<(), TableError> {
        self.core.check_poison()
    }
}
