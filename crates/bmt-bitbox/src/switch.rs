//! A prepared switch, and its end: committed or abandoned.

use crate::copy;
use crate::core::Core;
use crate::error::TableError;
use crate::format::names::TableNames;
use crate::pins::Pins;
use crate::prepare::draft::{self, Changes};
use crate::prepare::record::RecordDraft;
use crate::set::{Role, TableSet};
use core::fmt;
use std::sync::Arc;

/// A batch that is written and synced, and that no manifest names yet.
///
/// [`PreparedSwitch::commit`] it once a manifest with its names is durable, in every place where a
/// recovery may look; or [`PreparedSwitch::abandon`] it if no manifest names it. If neither can be said,
/// drop it: the table is then poisoned, and opening it again will tell.
#[must_use = "a switch that is dropped poisons the table"]
pub struct PreparedSwitch {
    core: Arc<Core>,
    changes: Changes,
    names: TableNames,
    records: Vec<RecordDraft>,
    /// Tables that the names leave out.
    dropped: Vec<u64>,
    copied_below: u64,
    is_finished: bool,
}

impl PreparedSwitch {
    pub(crate) fn new(
        core: Arc<Core>,
        changes: Changes,
        names: TableNames,
        records: Vec<RecordDraft>,
        dropped: Vec<u64>,
        copied_below: u64,
    ) -> Self {
        Self { core, changes, names, records, dropped, copied_below, is_finished: false }
    }

    /// The names for the manifest.
    #[must_use]
    pub fn names(&self) -> &TableNames {
        &self.names
    }

    /// The batch.
    #[must_use]
    pub fn batch(&self) -> u64 {
        self.changes.batch
    }

    /// Makes the batch the newest one, in memory; its number. To be called after the manifest is durable
    /// in both slots, and only then (INV-BB-03): what the batch replaced may be overwritten from now on.
    pub fn commit(mut self) -> u64 {
        self.is_finished = true;
        let core = Arc::clone(&self.core);
        let mut writer = core.writer.lock();
        let batch = self.changes.batch;
        assert_eq!(writer.prepared.take(), Some(batch), "one switch is prepared at a time");
        let mut set = core.set.write();
        let mut pins = core.pins.lock();
        self.apply(&mut set, &pins);
        pins.current = batch;
        drop(pins);
        for number in &self.dropped {
            set.retire_table(*number);
        }
        set.moved_below = if self.names.source.is_some() { self.copied_below } else { 0 };
        let strays = set.take_unneeded();
        drop(set);
        writer.batch = batch;
        writer.names = self.names;
        writer.ledgers.retain(|ledger| !self.dropped.contains(&ledger.file.number));
        for record in &self.records {
            let same = |ledger: &&mut crate::ledger::Ledger| ledger.name.table == record.name.table;
            if let Some(ledger) = writer.ledgers.iter_mut().find(same) {
                ledger.apply(record.name, &record.pages);
            }
        }
        drop(writer);
        core.strays.lock().extend(strays);
        batch
    }

    /// Takes everything back. Only if no manifest with these names was written, not even in part.
    pub fn abandon(mut self) {
        self.is_finished = true;
        let mut writer = self.core.writer.lock();
        writer.prepared = None;
        draft::release(&self.core, &self.changes);
    }

    fn apply(&self, set: &mut TableSet, pins: &Pins) {
        let (changes, faults) = (&self.changes, self.core.faults());
        for place in &changes.superseded {
            let Some(table) = set.get_mut(place.table) else { continue };
            match faults.ignores_pins() {
                true => table.buckets.leave(place.bucket),
                false => table.buckets.retire(place.bucket, changes.batch, pins),
            }
        }
        for it in &changes.moves {
            let mut born = 0;
            if let Some(source) = set.get_mut(it.from.table)
                && source.buckets.is_live(it.from.bucket)
            {
                born = source.buckets.born_of(it.from.bucket);
                source.buckets.leave(it.from.bucket);
            }
            if let Some(target) = set.get_mut(it.to.table) {
                target.buckets.fill(it.to.bucket, it.meta_byte, born, pins);
            }
        }
        for (place, meta_byte) in &changes.puts {
            if let Some(target) = set.get_mut(place.table) {
                target.buckets.fill(place.bucket, *meta_byte, changes.batch, pins);
            }
        }
        copy::release_in(set, &changes.withheld);
        for place in &changes.passed {
            if let Some(target) = set.get_mut(place.table) {
                target.buckets.pass(place.bucket);
            }
        }
    }
}

impl TableSet {
    /// A source that has nothing live any more: pins may need the rest.
    fn retire_table(&mut self, number: u64) {
        let Some(at) = self.tables.iter().position(|table| table.file.number == number) else {
            return;
        };
        let mut table = self.tables.remove(at);
        assert_eq!(table.buckets.live_count(), 0, "INV-BB-10: only an empty table is left out");
        table.role = Role::Lingering;
        self.tables.push(table);
    }
}

impl Drop for PreparedSwitch {
    fn drop(&mut self) {
        if !self.is_finished {
            self.core.set_poison(&TableError::SwitchDropped { batch: self.changes.batch });
        }
    }
}

impl fmt::Debug for PreparedSwitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedSwitch")
            .field("batch", &self.changes.batch)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
