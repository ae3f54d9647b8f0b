//! A workload in which something goes wrong, again and again, until it may go on in peace.

use crate::audit::audit;
use crate::kinds::{Before, Tally, kinds_of};
use crate::life::{End, Life, Promise, judge};
use crate::profile::{Broken, Profile};
use crate::random::Random;
use crate::workload::Workload;
use bmt_io::{Fault, Operation, SimDisk, TraceEntry, When};
use bmt_store::Db;

/// Crashes after the first one.
const MORE_CRASHES_MAX: u64 = 3;

pub(crate) struct Trial {
    pub(crate) profile: Profile,
    pub(crate) workload: Workload,
}

impl Trial {
    pub(crate) fn new(seed: u64, broken: Broken) -> Self {
        let profile = Profile::new(seed, broken);
        Self { profile, workload: Workload::new(&profile) }
    }

    fn fresh_disk(&self, seed: u64) -> SimDisk {
        let disk = SimDisk::new(seed);
        disk.set_ignore_sync(self.profile.broken.disk_lies);
        disk
    }

    /// How many operations the workload has when nothing goes wrong.
    pub(crate) fn operation_count(&self) -> Result<u64, String> {
        self.whole_run().map(|trace| trace.len() as u64)
    }

    /// The operations of the workload that are worth a crash: all that change something, and of the
    /// others, which a crash does not tell from the next change, a few.
    pub(crate) fn crash_points(&self) -> Result<Vec<u64>, String> {
        let trace = self.whole_run()?;
        let points = trace.iter().filter(|it| is_change(it.operation) || it.number % 8 == 0);
        Ok(points.map(|entry| entry.number).collect())
    }

    fn whole_run(&self) -> Result<Vec<TraceEntry>, String> {
        let disk = self.fresh_disk(self.profile.seed);
        disk.start_trace();
        let mut promise = Promise::default();
        let mut life = Life::new(&self.workload, &self.profile, &disk, 0);
        match life.live(&mut promise)? {
            End::Done(db) => {
                let trace = disk.take_trace();
                self.rest(*db, &disk, &promise, &mut Random(1)).map(|()| trace)
            }
            End::Stopped => Err("nothing was made to go wrong".to_owned()),
        }
    }

    /// Crashes at an operation, and later again, and judges what is left each time.
    pub(crate) fn crash_at(&self, number: u64, tally: &mut Tally) -> Result<(), String> {
        let mut random = Random(self.profile.seed ^ (number << 20));
        let mut disk = self.fresh_disk(self.profile.seed);
        let mut promise = Promise::default();
        let mut crash = number;
        let (mut was_process_crash, mut is_sure) = (false, false);
        for life_number in 0..=random.below(MORE_CRASHES_MAX + 1) {
            disk.crash_at(crash);
            disk.start_trace();
            let before = Before::of(&disk);
            let number = usize::try_from(life_number).unwrap();
            let mut life = Life::new(&self.workload, &self.profile, &disk, number);
            life.is_armed = true;
            let ended = life.live(&mut promise);
            let ended = ended.map_err(|what| format!("life {number}, crash {crash}: {what}"))?;
            drop(ended);
            if !disk.is_crashed() {
                disk.clear_faults();
                break;
            }
            let trace = disk.take_trace();
            tally.crash_points += 1;
            let mut kinds = kinds_of(&trace, &before, &life.doing, &self.profile, number);
            is_sure |= !life.doing.opening;
            let is_process_crash = random.percent(25);
            if was_process_crash && !is_process_crash {
                kinds.insert("process crash, then power loss");
            }
            was_process_crash = is_process_crash;
            tally.add(&kinds);
            disk = match is_process_crash {
                true => disk.process_crash(),
                false if random.percent(15) => disk.power_loss_losing_all(),
                false => disk.power_loss(random.next()),
            };
            disk.set_capacity_bytes(None);
            crash = self.next_crash(&disk, number + 1, &mut random);
        }
        self.last_life(&disk, &mut promise, &mut random, is_sure)
    }

    /// The process dies in the middle of one operation, the power goes in one of the next life, and
    /// nothing that was not synced survives it. Whether the second crash was met.
    pub(crate) fn crash_in_pair(&self, first: u64, second: u64) -> Result<bool, String> {
        let mut random = Random(self.profile.seed ^ (first << 20) ^ second);
        let mut promise = Promise::default();
        let mut disk = self.fresh_disk(self.profile.seed);
        for (number, crash) in [first, second].into_iter().enumerate() {
            disk.crash_at(crash);
            let mut life = Life::new(&self.workload, &self.profile, &disk, number);
            life.is_armed = true;
            drop(life.live(&mut promise)?);
            if !disk.is_crashed() {
                return Ok(false);
            }
            disk = match number {
                0 => disk.process_crash(),
                _ => disk.power_loss_losing_all(),
            };
            disk.set_capacity_bytes(None);
        }
        self.last_life(&disk, &mut promise, &mut random, true).map(|()| true)
    }

    /// The operations after a second table was made.
    pub(crate) fn growth_points(&self) -> Result<Vec<u64>, String> {
        let trace = self.whole_run()?;
        let makes =
            |it: &&TraceEntry| it.operation == Operation::Create && it.file.starts_with("bitbox-");
        let numbers = trace.iter().filter(makes).skip(1).map(|entry| entry.number);
        Ok(numbers.flat_map(|number| (number..number + 400).step_by(4)).collect())
    }

    /// The power goes in one operation, and nothing that was not synced survives.
    pub(crate) fn lose_all_at(&self, number: u64) -> Result<(), String> {
        let disk = self.fresh_disk(self.profile.seed);
        disk.crash_at(number);
        let mut promise = Promise::default();
        let mut life = Life::new(&self.workload, &self.profile, &disk, 0);
        life.is_armed = true;
        drop(life.live(&mut promise)?);
        let disk = disk.power_loss_losing_all();
        self.last_life(&disk, &mut promise, &mut Random(number), true)
    }

    /// The power goes in one operation; what was lost is done once more, and nothing after it may be there.
    pub(crate) fn rewrite_at(&self, number: u64, outcome: u64) -> Result<(), String> {
        let disk = self.fresh_disk(self.profile.seed);
        disk.crash_at(number);
        let mut promise = Promise::default();
        let mut life = Life::new(&self.workload, &self.profile, &disk, 0);
        life.is_armed = true;
        drop(life.live(&mut promise)?);
        let disk = disk.power_loss(outcome);
        disk.set_capacity_bytes(None);
        let mut life = Life::new(&self.workload, &self.profile, &disk, 0);
        life.steps_max = 1;
        drop(life.live(&mut promise)?);
        self.look_again(&disk.process_crash(), &promise)
    }

    /// The syncs of the manifest in the workload: where what a process wrote is in the cache alone.
    pub(crate) fn manifest_syncs(&self) -> Result<Vec<u64>, String> {
        let is_one =
            |it: &&TraceEntry| it.operation == Operation::SyncData && it.file == "MANIFEST";
        Ok(self.whole_run()?.iter().filter(is_one).map(|entry| entry.number).collect())
    }

    /// The operation at which the next life ends: often while opening.
    fn next_crash(&self, disk: &SimDisk, life: usize, random: &mut Random) -> u64 {
        let probe = disk.process_crash();
        probe.start_trace();
        let opened: Result<Db, _> = Db::open_in(probe.directory(), &self.profile.options(life));
        let trace = probe.take_trace();
        drop(opened);
        let numbers = |is_wanted: fn(Operation) -> bool| -> Vec<u64> {
            trace.iter().filter(|it| is_wanted(it.operation)).map(|it| it.number).collect()
        };
        let (changes, zeros) = (numbers(is_change), numbers(|it| it == Operation::ZeroFill));
        match random.below(100) {
            // What is cut off the log is a small part of few openings.
            0..10 if !zeros.is_empty() => zeros[random.index(zeros.len())],
            10..45 if !changes.is_empty() => changes[random.index(changes.len())],
            _ => trace.len() as u64 + random.below(250),
        }
    }

    /// Lets an operation fail, and judges what comes after.
    pub(crate) fn fail_at(&self, number: u64, fault: Fault) -> Result<u64, String> {
        let mut random = Random(self.profile.seed ^ (number << 20));
        let disk = self.fresh_disk(self.profile.seed);
        disk.inject(When::Number(number), fault);
        let mut promise = Promise::default();
        let mut life = Life::new(&self.workload, &self.profile, &disk, 0);
        life.is_armed = true;
        let ended = life.live(&mut promise)?;
        let errors = life.doing.errors;
        disk.clear_faults();
        let disk = match ended {
            // A checkpoint or a spare after the last step may have met it.
            End::Done(db) if !is_poisoned(&db) => {
                self.rest(*db, &disk, &promise, &mut random)?;
                return Ok(errors);
            }
            End::Done(_) if random.percent(50) => disk.process_crash(),
            End::Stopped if random.percent(50) => disk.process_crash(),
            End::Done(_) | End::Stopped => disk.power_loss(random.next()),
        };
        disk.set_capacity_bytes(None);
        self.last_life(&disk, &mut promise, &mut random, true)?;
        Ok(errors)
    }

    fn last_life(
        &self,
        disk: &SimDisk,
        promise: &mut Promise,
        random: &mut Random,
        is_sure: bool,
    ) -> Result<(), String> {
        // Judged as it is found, and once more after a power loss right after opening.
        let looked = disk.process_crash();
        let options = self.profile.options(1);
        let opened = Db::open_in(looked.directory(), &options);
        let db: Db = opened.map_err(|error| format!("last open: {error}"))?;
        let held = judge(&db, &self.workload, promise)?;
        assert!(is_sure || held == promise.least || promise.most > 0, "a judged state");
        let seen = Promise { least: held, most: held, ..*promise };
        self.look_again(&looked.power_loss(random.next()), &seen)?;
        let report = db.check(|_| {}).map_err(|error| format!("check: {error}"))?;
        if let Some(finding) = report.findings.first() {
            return Err(format!("check: {finding}"));
        }
        drop(db);
        audit(&looked.process_crash())?;
        let mut life = Life::new(&self.workload, &self.profile, disk, 1);
        life.steps_max = 4 + random.index(12);
        match life.live(promise)? {
            End::Done(db) => self.rest(*db, disk, promise, random),
            End::Stopped => Err("a life without crash ended early".to_owned()),
        }
    }

    /// What is left at the end: commits can be undone, the files are whole, and all is durable.
    fn rest(
        &self,
        db: Db,
        disk: &SimDisk,
        promise: &Promise,
        random: &mut Random,
    ) -> Result<(), String> {
        let at = promise.most;
        let point = &self.workload.points[at];
        let mut expected = point;
        if !point.undoable.is_empty() && random.percent(50) {
            let count = 1 + random.index(point.undoable.len());
            let made = db.rollback(count).map_err(|error| format!("last rollback: {error}"))?;
            expected = self.workload.undone(at, count);
            if made.root != expected.root {
                return Err("undoing commits gives another root".to_owned());
            }
            crate::life::compare(&db.begin_read(), expected)?;
        }
        db.close().map_err(|error| format!("last close: {error}"))?;
        let disk = disk.power_loss(random.next());
        let audited = audit(&disk)?;
        let root_is_right =
            audited.root == expected.root && audited.key_count == expected.state.len() as u64;
        if !root_is_right || audited.position != audited.pages_through {
            return Err("the files hold another state after closing".to_owned());
        }
        let db = Db::open_in(disk.directory(), &self.profile.options(1));
        let db: Db = db.map_err(|error| format!("open after closing: {error}"))?;
        crate::life::compare(&db.begin_read(), expected)
    }

    fn look_again(&self, disk: &SimDisk, seen: &Promise) -> Result<(), String> {
        let opened = Db::open_in(disk.directory(), &self.profile.options(1));
        let db: Db = opened.map_err(|error| format!("open again: {error}"))?;
        judge(&db, &self.workload, seen).map_err(|what| format!("again: {what}")).map(drop)
    }
}

/// Whether writing is over for the handle.
fn is_poisoned(db: &Db) -> bool {
    let stats = db.stats();
    stats.log.is_poisoned || stats.table.is_poisoned || db.sync().is_err()
}

/// Whether an operation changes anything on the disk.
fn is_change(operation: Operation) -> bool {
    !matches!(
        operation,
        Operation::Read | Operation::Open | Operation::Length | Operation::List | Operation::Lock
    )
}
