//! The judge: runs a workload in which something goes wrong at a given operation, recovers (crashing in
//! recovery too), and says whether the store kept its promises.

use crate::model::{ID_COUNT, Model, Pages, compare, read_all};
use crate::random::{Random, id_of, payload_of};
use bmt_bitbox::{
    Batch, CopyMode, Faults, Snapshot, Store, StoreOptions, TableError, TableOptions, TableStats,
};
use bmt_io::{Fault, PagePool, SimDisk, When};

/// Steps of a workload; most commit a batch.
const STEP_COUNT: u64 = 45;

/// What a workload is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) seed: u64,
    pub(crate) faults: Faults,
    pub(crate) copying: CopyMode,
}

/// Seeds to try: few by default, as many as `BMT_SEEDS` says.
pub(crate) fn seed_count(default: u64) -> u64 {
    std::env::var("BMT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A pinned batch and what it must show.
struct Pinned {
    snapshot: Snapshot,
    pages: Pages,
}

/// A workload under way.
struct Work<'a> {
    trial: &'a Trial,
    disk: &'a SimDisk,
    model: &'a mut Model,
    random: Random,
    store: Store,
    pinned: Vec<Pinned>,
    seen: Seen,
}

/// What a workload has seen happen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) growth: bool,
    pub(crate) shrinking: bool,
    /// A batch while another table was being emptied.
    pub(crate) batch_meanwhile: bool,
    pub(crate) copies: bool,
    pub(crate) tombstones: bool,
    pub(crate) pinned_images: bool,
    pub(crate) reopening: bool,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.growth |= other.growth;
        self.shrinking |= other.shrinking;
        self.batch_meanwhile |= other.batch_meanwhile;
        self.copies |= other.copies;
        self.tombstones |= other.tombstones;
        self.pinned_images |= other.pinned_images;
        self.reopening |= other.reopening;
    }
}

/// Why a workload ended early.
enum End {
    /// What was made to go wrong did.
    Met,
    /// A promise was broken.
    Broken(String),
}

impl Trial {
    /// Without faults, and with operations in an order that depends on nothing but the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, faults: Faults::default(), copying: CopyMode::Inline }
    }

    fn options(&self) -> StoreOptions {
        let table = TableOptions {
            bucket_count_min: 16,
            pool: PagePool::new(1 << 20),
            queue_depth: 1 + usize::try_from(self.seed % 5).unwrap(),
            copy_pages_per_batch: usize::try_from(self.seed % 2).unwrap(),
            copy_pages_per_put: usize::try_from(self.seed / 2 % 2).unwrap(),
            sync_every_bytes: if self.seed.is_multiple_of(2) { 8 << 10 } else { 1 << 20 },
            faults: self.faults,
            ..TableOptions::new(self.seed ^ 0x5a17)
        };
        let mut options = StoreOptions::new(0);
        options.table = table;
        options.copying = self.copying;
        options
    }

    fn open(&self, disk: &SimDisk) -> Result<Store, TableError> {
        Store::open(disk.directory(), self.options())
    }

    /// How many operations the workload has when nothing goes wrong.
    pub(crate) fn operation_count(&self) -> Result<u64, String> {
        let disk = SimDisk::new(self.seed);
        self.work(&disk, &mut Model::default())?;
        Ok(disk.operation_count())
    }

    /// What happens in the workload when nothing goes wrong.
    pub(crate) fn seen(&self) -> Result<Seen, String> {
        let seen = self.work(&SimDisk::new(self.seed), &mut Model::default())?;
        seen.ok_or_else(|| "nothing was made to go wrong".to_owned())
    }

    /// Lets something go wrong with one operation, and judges what comes after.
    pub(crate) fn fail_at(&self, number: u64, fault: Fault) -> Result<(), String> {
        let disk = SimDisk::new(self.seed);
        disk.inject(When::Number(number), fault);
        let mut model = Model::default();
        // Once it was created or opened, a store stays; before that it may come and go.
        let mut is_sure = self.work(&disk, &mut model)?.is_some();
        disk.clear_faults();
        let mut random = Random(self.seed ^ (number << 20));
        // After a sync of names that failed, only a power loss tells which of them are left.
        let mut disk = match is_sure || fault == Fault::Crash {
            true => after_crash(&disk, &mut random),
            false => disk.power_loss(random.next()),
        };
        for _ in 0..random.below(3) {
            if is_sure || has_manifest(&disk) {
                (disk, is_sure) = self.crash_again(disk, is_sure, &mut model, &mut random)?;
            }
        }
        if !is_sure && !has_manifest(&disk) {
            let store = Store::create(disk.directory(), self.options());
            let store = store.map_err(|error| format!("second creation: {error}"))?;
            return self.go_on(&disk, store, &mut model, &mut random);
        }
        let store = self.open(&disk).map_err(|error| format!("open: {error}"))?;
        model.check(&store)?;
        self.go_on(&disk, store, &mut model, &mut random)
    }

    /// Crashes somewhere in the next opening and the first batch after it; the disk after that, and whether
    /// the store was opened at some time.
    fn crash_again(
        &self,
        disk: SimDisk,
        is_sure: bool,
        model: &mut Model,
        random: &mut Random,
    ) -> Result<(SimDisk, bool), String> {
        let seed = random.next();
        let probe = disk.process_crash();
        self.open_and_commit(&probe, &mut model.clone(), seed)?;
        disk.crash_at(random.below(probe.operation_count().max(1)));
        let was_opened = self.open_and_commit(&disk, model, seed)?;
        Ok((after_crash(&disk, random), is_sure || was_opened))
    }

    /// Whether the store was opened before the disk crashed.
    fn open_and_commit(
        &self,
        disk: &SimDisk,
        model: &mut Model,
        seed: u64,
    ) -> Result<bool, String> {
        let store = match self.open(disk) {
            Ok(store) => store,
            Err(_) if disk.is_crashed() => return Ok(false),
            Err(error) => return Err(format!("open: {error}")),
        };
        match model.check(&store) {
            Err(_) if disk.is_crashed() => return Ok(true),
            result => result?,
        }
        match commit(&store, model, &mut Random(seed)) {
            Err(_) if disk.is_crashed() => Ok(true),
            Ok(()) => Ok(true),
            Err(error) => Err(format!("first batch: {error}")),
        }
    }

    /// Commits again after a recovery, crashes again, and looks again.
    fn go_on(
        &self,
        disk: &SimDisk,
        store: Store,
        model: &mut Model,
        random: &mut Random,
    ) -> Result<(), String> {
        // Nothing that recovery said may depend on what only the page cache knows.
        self.look_again(&disk.power_loss(random.next()), &mut model.clone())?;
        for _ in 0..=random.below(3) {
            commit(&store, model, random).map_err(|error| format!("after recovery: {error}"))?;
        }
        self.look_again(&disk.power_loss(random.next()), &mut model.clone())?;
        self.look_again(&disk.power_loss_losing_all(), model)
    }

    fn look_again(&self, disk: &SimDisk, model: &mut Model) -> Result<(), String> {
        let store = self.open(disk).map_err(|error| format!("second open: {error}"))?;
        model.check(&store).map_err(|what| format!("second open: {what}"))
    }

    /// Runs the workload until something goes wrong; `None` if that was before the store was created.
    fn work(&self, disk: &SimDisk, model: &mut Model) -> Result<Option<Seen>, String> {
        let store = match Store::create(disk.directory(), self.options()) {
            Ok(store) => store,
            Err(_) if is_met(disk) => return Ok(None),
            Err(error) => return Err(format!("create: {error}")),
        };
        let random = Random(self.seed);
        let (pinned, seen) = (Vec::new(), Seen::default());
        let mut work = Work { trial: self, disk, model, random, store, pinned, seen };
        for number in 0..STEP_COUNT {
            match work.step(number) {
                Ok(()) => {}
                Err(End::Met) => return Ok(Some(work.seen)),
                Err(End::Broken(what)) => return Err(format!("step {number}: {what}")),
            }
        }
        Ok(Some(work.seen))
    }
}

impl Work<'_> {
    fn step(&mut self, number: u64) -> Result<(), End> {
        let choice = self.random.below(100);
        match choice {
            0..58 => {
                let before = self.store.stats();
                let result = commit(&self.store, self.model, &mut self.random);
                self.look(&before);
                self.judge_change(result)
            }
            58..66 => {
                let pages = self.model.pages.clone();
                self.pinned.push(Pinned { snapshot: self.store.pin(), pages });
                Ok(())
            }
            66..74 => self.unpin(),
            74..77 => {
                let result = self.store.grow().map(drop);
                self.judge_change(result)
            }
            77..89 => self.shrink(),
            89..92 => {
                let result = self.store.finish_resize();
                self.judge_change(result)
            }
            _ if number < 3 => Ok(()),
            _ => self.reopen(),
        }
    }

    /// Deletes nearly everything and begins to shrink.
    fn shrink(&mut self) -> Result<(), End> {
        let result = delete_most(&self.store, self.model, &mut self.random);
        self.judge_change(result)?;
        let result = self.store.finish_resize();
        self.judge_change(result)?;
        let result = self.store.shrink().map(drop);
        self.judge_change(result)
    }

    fn look(&mut self, before: &TableStats) {
        let (after, seen) = (self.store.stats(), &mut self.seen);
        seen.growth |=
            after.source_bucket_count > 0 && after.source_bucket_count < after.bucket_count;
        seen.shrinking |= after.source_bucket_count > after.bucket_count;
        seen.batch_meanwhile |= before.source_page_count > 0 && after.source_page_count > 0;
        seen.copies |= after.copy_count > before.copy_count;
        seen.tombstones |= after.tombstone_count > 0;
        seen.pinned_images |= after.pinned_bytes > 0;
    }

    /// A change that failed for lack of space has not happened, and the store goes on.
    fn judge_change(&mut self, result: Result<(), TableError>) -> Result<(), End> {
        match result {
            Ok(()) => Ok(()),
            Err(TableError::NoSpace { .. }) if is_met(self.disk) => {
                self.model.unsure = None;
                let read = read_all(&self.store.pin()).map_err(|e| End::Broken(e.to_string()))?;
                compare(&read, &self.model.pages).map_err(End::Broken)
            }
            Err(_) if is_met(self.disk) => Err(End::Met),
            Err(error) => Err(End::Broken(error.to_string())),
        }
    }

    fn unpin(&mut self) -> Result<(), End> {
        if self.pinned.is_empty() {
            return Ok(());
        }
        let at = usize::try_from(self.random.below(self.pinned.len() as u64)).unwrap();
        let Pinned { snapshot, pages } = self.pinned.swap_remove(at);
        match read_all(&snapshot) {
            Ok(found) => compare(&found, &pages)
                .map_err(|what| End::Broken(format!("batch {}: {what}", snapshot.batch()))),
            Err(_) if is_met(self.disk) => Err(End::Met),
            Err(error) => Err(End::Broken(format!("reading a snapshot: {error}"))),
        }
    }

    fn reopen(&mut self) -> Result<(), End> {
        self.pinned.clear();
        // Something must stand in the store's place while it is closed.
        let spare = Store::create(SimDisk::new(0).directory(), self.trial.options());
        let store = core::mem::replace(&mut self.store, spare.unwrap());
        match self.random.below(2) {
            0 => drop(store),
            _ => match store.close() {
                Ok(()) => {}
                Err(_) if is_met(self.disk) => return Err(End::Met),
                Err(error) => return Err(End::Broken(format!("close: {error}"))),
            },
        }
        match self.trial.open(self.disk) {
            Ok(store) => self.store = store,
            Err(_) if is_met(self.disk) => return Err(End::Met),
            Err(error) => return Err(End::Broken(format!("reopen: {error}"))),
        }
        self.seen.reopening = true;
        let mut checked = self.model.clone();
        match checked.check(&self.store) {
            Ok(()) => {
                *self.model = checked;
                Ok(())
            }
            Err(_) if is_met(self.disk) => Err(End::Met),
            Err(what) => Err(End::Broken(format!("reopen: {what}"))),
        }
    }
}

/// Commits a batch that leaves a page in eight.
fn delete_most(store: &Store, model: &mut Model, random: &mut Random) -> Result<(), TableError> {
    let mut batch = Batch::new();
    let mut pages = model.pages.clone();
    pages.retain(|number, _| {
        let stays = random.below(8) == 0;
        if !stays {
            batch.delete(id_of(*number));
        }
        stays
    });
    model.unsure = Some(pages);
    store.commit(&batch)?;
    model.pages = model.unsure.take().unwrap_or_default();
    Ok(())
}

/// Whether an operation may fail now: something was made to go wrong, and it has been met.
fn is_met(disk: &SimDisk) -> bool {
    disk.clear_faults() == 0
}

fn has_manifest(disk: &SimDisk) -> bool {
    disk.list().iter().any(|name| name == bmt_bitbox::MANIFEST_FILE)
}

/// A power loss, or a process crash, after which a power loss may still come.
fn after_crash(disk: &SimDisk, random: &mut Random) -> SimDisk {
    match random.below(4) {
        0 => disk.process_crash(),
        1 => disk.power_loss_losing_all(),
        _ => disk.power_loss(random.next()),
    }
}

/// Commits a random batch: new pages, updates, deletes of pages that are there and that are not.
fn commit(store: &Store, model: &mut Model, random: &mut Random) -> Result<(), TableError> {
    let mut batch = Batch::new();
    let mut pages = model.pages.clone();
    // Now and then nearly everything goes, so that shrinking has something to do.
    let (count, deletes) = match random.below(10) {
        0 => (24, 7),
        1..4 => (8, 1),
        _ => (4, 2),
    };
    for _ in 0..=random.below(count) {
        let number = random.below(ID_COUNT);
        if random.below(8) < deletes {
            let place = match random.below(2) {
                0 => store.get(&id_of(number))?.map(|page| page.place()),
                _ => None,
            };
            match place {
                Some(place) => batch.delete_at(id_of(number), place),
                None => batch.delete(id_of(number)),
            }
            pages.remove(&number);
        } else {
            model.payload_count += 1;
            batch.put(id_of(number), payload_of(model.payload_count))?;
            pages.insert(number, model.payload_count);
        }
    }
    model.unsure = Some(pages);
    store.commit(&batch)?;
    model.pages = model.unsure.take().unwrap_or_default();
    Ok(())
}
