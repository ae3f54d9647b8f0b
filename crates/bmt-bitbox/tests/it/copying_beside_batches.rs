//! What the copying thread does, in pieces, between and within batches in an order that a seed gives: copies made
//! while a batch is prepared, given up or committed. A crash at any operation of it costs nothing.

use crate::judge::seed_count;
use crate::model::{ID_COUNT, Model, compare, read_all};
use crate::random::{Random, id_of, payload_of};
use bmt_bitbox::{Batch, Faults, Table, TableError, TableNames, TableOptions};
use bmt_io::slots::{Slots, SlotsError};
use bmt_io::{Fault, SimDisk, When};

const MANIFEST: &str = "bitbox-manifest";
const KIND: u32 = 7;
const STEP_COUNT: usize = 50;

fn options(seed: u64, faults: Faults) -> TableOptions {
    TableOptions {
        bucket_count_min: 16,
        copy_pages_per_batch: 0,
        copy_pages_per_put: 0,
        faults,
        ..TableOptions::new(seed)
    }
}

/// A table with the manifest of its owner.
struct Owner {
    table: Table,
    slots: Slots,
}

/// How often what was wanted has happened.
#[derive(Debug, Default)]
struct Seen {
    copied_while_prepared: usize,
    abandoned_with_copies: usize,
    emptied: usize,
}

/// An operation failed, as was wanted, or a promise was broken.
#[derive(Debug)]
enum End {
    Failed,
    Broken(String),
}

impl From<TableError> for End {
    fn from(_: TableError) -> Self {
        Self::Failed
    }
}

impl From<SlotsError> for End {
    fn from(_: SlotsError) -> Self {
        Self::Failed
    }
}

impl Owner {
    fn create(disk: &SimDisk, options: TableOptions) -> Result<Self, End> {
        let (table, names) = Table::create(disk.directory(), options)?;
        let slots = Slots::create(&*disk.directory(), MANIFEST, KIND, 0, &names.encode())?;
        Ok(Self { table, slots })
    }

    fn open(disk: &SimDisk, options: TableOptions) -> Result<Self, String> {
        let opened = Slots::open(&*disk.directory(), MANIFEST, KIND);
        let (mut slots, record) = opened.map_err(|error| error.to_string())?;
        let names = TableNames::decode(&record.payload).map_err(|error| error.to_string())?;
        let table = Table::recover(disk.directory(), &names, options);
        slots.settle().map_err(|error| error.to_string())?;
        Ok(Self { table: table.map_err(|error| error.to_string())?, slots })
    }

    /// A batch, with copies made between its pieces.
    fn batch(
        &mut self,
        model: &mut Model,
        random: &mut Random,
        seen: &mut Seen,
    ) -> Result<(), End> {
        let mut batch = Batch::new();
        let mut pages = model.pages.clone();
        let grows = random.below(3) > 0;
        for _ in 0..random.below(6) {
            let number = random.below(ID_COUNT);
            if random.below(8) < if grows { 2 } else { 6 } {
                batch.delete(id_of(number));
                pages.remove(&number);
            } else {
                model.payload_count += 1;
                batch.put(id_of(number), payload_of(model.payload_count))?;
                pages.insert(number, model.payload_count);
            }
        }
        let was_resizing = self.table.is_resizing();
        let prepared = self.table.prepare(&batch)?;
        if random.below(2) == 0 {
            seen.copied_while_prepared += self.table.copy_ahead(1 + index(random.below(6)))?;
        }
        if random.below(5) == 0 {
            seen.abandoned_with_copies += usize::from(was_resizing);
            prepared.abandon();
            return Ok(());
        }
        model.unsure = Some(pages);
        let sequence = self.slots.sequence() + 1;
        self.slots.store_both(sequence, &prepared.names().encode())?;
        prepared.commit();
        model.pages = model.unsure.take().unwrap_or_default();
        seen.emptied += usize::from(was_resizing && !self.table.is_resizing());
        Ok(())
    }

    fn step(&mut self, model: &mut Model, random: &mut Random, seen: &mut Seen) -> Result<(), End> {
        match random.below(12) {
            0..6 => self.batch(model, random, seen)?,
            6..8 => drop(self.table.copy_ahead(1 + index(random.below(12)))?),
            8 => drop(self.table.grow()?),
            9 => drop(self.table.shrink()?),
            10 => self.table.settle()?,
            _ => self.table.remove_unneeded_files(),
        }
        if random.below(6) > 0 {
            return Ok(());
        }
        let found = read_all(&self.table.pin())?;
        compare(&found, &model.pages).map_err(End::Broken)
    }

    fn check(&self, model: &mut Model) -> Result<(), String> {
        let found = read_all(&self.table.pin()).map_err(|error| error.to_string())?;
        if let Err(what) = compare(&found, &model.pages) {
            let Some(pages) = model.unsure.take() else { return Err(what) };
            compare(&found, &pages)?;
            model.pages = pages;
        }
        model.unsure = None;
        let report = self.table.check(|_, _| {}).map_err(|error| error.to_string())?;
        match report.is_clean() && report.page_count == model.pages.len() as u64 {
            true => Ok(()),
            false => Err(format!("{report:?}")),
        }
    }
}

fn index(number: u64) -> usize {
    usize::try_from(number).unwrap()
}

/// The workload up to its end, or to what goes wrong.
fn work(
    disk: &SimDisk,
    seed: u64,
    model: &mut Model,
    seen: &mut Seen,
    faults: Faults,
) -> Result<(), End> {
    let mut owner = Owner::create(disk, options(seed, faults))?;
    let mut random = Random(seed);
    (0..STEP_COUNT).try_for_each(|_| owner.step(model, &mut random, seen))
}

fn crash_at(seed: u64, number: u64, faults: Faults) -> Result<(), String> {
    let disk = SimDisk::new(seed);
    disk.inject(When::Number(number), Fault::Crash);
    let mut model = Model::default();
    match work(&disk, seed, &mut model, &mut Seen::default(), faults) {
        Ok(()) | Err(End::Failed) => {}
        Err(End::Broken(what)) => return Err(what),
    }
    disk.clear_faults();
    for disk in [disk.power_loss(seed ^ number), disk.power_loss_losing_all()] {
        let mut model = model.clone();
        let Ok(mut owner) = Owner::open(&disk, options(seed, faults)) else {
            // Only a manifest that was never made whole may be missing.
            match model.payload_count {
                0 => continue,
                _ => return Err("it can't be opened".to_owned()),
            }
        };
        owner.check(&mut model)?;
        // It goes on: what was copied and not committed before the crash is nothing.
        let mut random = Random(number);
        for _ in 0..6 {
            let step = owner.step(&mut model, &mut random, &mut Seen::default());
            step.map_err(|end| format!("after recovery: {end:?}"))?;
        }
        Owner::open(&disk.power_loss_losing_all(), options(seed, faults))?.check(&mut model)?;
    }
    Ok(())
}

fn operation_count(seed: u64, seen: &mut Seen, faults: Faults) -> Result<u64, String> {
    let disk = SimDisk::new(seed);
    let worked = work(&disk, seed, &mut Model::default(), seen, faults);
    worked.map(|()| disk.operation_count()).map_err(|end| format!("{end:?}"))
}

#[test]
fn a_crash_at_any_operation_costs_nothing() {
    let mut seen = Seen::default();
    for seed in 0..seed_count(3) {
        for number in 0..operation_count(seed, &mut seen, Faults::default()).unwrap() {
            if let Err(what) = crash_at(seed, number, Faults::default()) {
                panic!("seed {seed}, operation {number}: {what}");
            }
        }
    }
    assert!(seen.copied_while_prepared > 4, "{seen:?}");
    assert!(seen.abandoned_with_copies > 1 && seen.emptied > 1, "{seen:?}");
}

#[test]
fn a_copy_that_went_stale_meanwhile_would_be_noticed() {
    let faults = Faults { stale_copies: true, ..Faults::default() };
    let is_caught =
        (0..12).any(|seed| operation_count(seed, &mut Seen::default(), faults).is_err());
    assert!(is_caught);
}
