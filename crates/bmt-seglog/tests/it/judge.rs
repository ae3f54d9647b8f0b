//! The judge: runs a workload that crashes at a given operation, recovers (crashing in recovery
//! too), and says whether the log kept its promises.

use crate::model::{Model, Random, bytes_of};
use bmt_io::{Fault, SimDisk, When};
use bmt_seglog::{Faults, Log, LogError, LogOptions, RecoveryReport, SpareMode};

/// Steps of a workload; nearly all append.
const STEP_COUNT: u64 = 120;

/// What a workload is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) seed: u64,
    pub(crate) faults: Faults,
}

/// Seeds to try: few by default, as many as `BMT_SEEDS` says.
pub(crate) fn seed_count(default: u64) -> u64 {
    std::env::var("BMT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

impl Trial {
    fn options(&self) -> LogOptions {
        LogOptions {
            first_segment_bytes: 16 << 10,
            segment_bytes: 32 << 10,
            spare: SpareMode::Inline,
            faults: self.faults,
            ..LogOptions::new(self.seed ^ 0x5a17)
        }
    }

    /// The options of a caller that remembers what it was promised.
    fn open_options(&self, model: &Model) -> LogOptions {
        LogOptions {
            expected_from: model.keep_from,
            expected_through: model.sure_through(),
            ..self.options()
        }
    }

    fn open(&self, disk: &SimDisk, model: &Model) -> Result<(Log, RecoveryReport), LogError> {
        Log::open(disk.directory(), self.open_options(model))
    }

    /// How many operations the workload has without a crash.
    pub(crate) fn operation_count(&self) -> Result<u64, String> {
        let disk = SimDisk::new(self.seed);
        let mut model = Model::new();
        self.work(&disk, &mut model)?;
        Ok(disk.operation_count())
    }

    /// Crashes at one operation and judges what comes after.
    pub(crate) fn crash_at(&self, number: u64) -> Result<(), String> {
        self.fail_at(number, Fault::Crash)
    }

    /// Lets something go wrong with one operation, ends there, and judges what comes after.
    pub(crate) fn fail_at(&self, number: u64, fault: Fault) -> Result<(), String> {
        let disk = SimDisk::new(self.seed);
        disk.inject(When::Number(number), fault);
        let mut model = Model::new();
        let was_created = self.work(&disk, &mut model)?;
        let mut random = Random(self.seed ^ (number << 20));
        let disk = after_crash(&disk, &mut random);
        if !was_created {
            let options = LogOptions { discard_existing: true, ..self.options() };
            let log = Log::create(disk.directory(), options).map_err(|e| format!("create: {e}"))?;
            return self.go_on(&disk, log, &mut model, &mut random);
        }
        let disk = self.crash_in_recovery(disk, &model, &mut random);
        let (log, report) = self.open(&disk, &model).map_err(|e| format!("open: {e}"))?;
        model.check(&log, &report)?;
        self.go_on(&disk, log, &mut model, &mut random)
    }

    /// Opens the log some times with a crash or an error at some operation of it.
    fn crash_in_recovery(&self, mut disk: SimDisk, model: &Model, random: &mut Random) -> SimDisk {
        for _ in 0..random.below(3) {
            let probe = disk.process_crash();
            drop(self.open(&probe, model));
            let at = random.below(probe.operation_count().max(1));
            let fault = if random.below(3) == 0 { Fault::Error } else { Fault::Crash };
            disk.inject(When::Number(at), fault);
            drop(self.open(&disk, model));
            disk = after_crash(&disk, random);
        }
        disk
    }

    /// Damages single bytes after a workload that ended well: how many were reported, how many did no
    /// harm.
    pub(crate) fn damage(&self, count: u64) -> Result<(u64, u64), String> {
        let disk = SimDisk::new(self.seed);
        let mut model = Model::new();
        self.work(&disk, &mut model)?;
        // The workload may end with records that were not synced; opening settles what there is.
        let (log, report) = self.open(&disk, &model).map_err(|e| format!("open: {e}"))?;
        model.check(&log, &report)?;
        drop(log);
        let mut random = Random(self.seed);
        let (mut reported, mut harmless) = (0, 0);
        for _ in 0..count {
            let disk = disk.process_crash();
            let files = disk.list();
            let file = &files[usize::try_from(random.below(files.len() as u64)).unwrap()];
            let mut bytes = disk.read_file(file).unwrap();
            // Half of the damage hits headers.
            let mut at = random.below(bytes.len() as u64);
            if random.below(2) == 0 {
                at = at - at % 4096 + at % 4096 % 88;
            }
            let at = usize::try_from(at).unwrap();
            bytes[at] ^= 1 << random.below(8);
            disk.write_file(file, &bytes);
            match self.judge_damage(&disk, &model) {
                Ok(true) => reported += 1,
                Ok(false) => harmless += 1,
                Err(what) => return Err(format!("{file} at {at}: {what}")),
            }
        }
        Ok((reported, harmless))
    }

    /// Whether damage was reported. A caller that remembers nothing of the end may lose what the last
    /// sync made durable; one that does may not.
    fn judge_damage(&self, disk: &SimDisk, model: &Model) -> Result<bool, String> {
        let forgetful = LogOptions { expected_through: 0, ..self.open_options(model) };
        let is_reported = match Log::open(disk.process_crash().directory(), forgetful) {
            Err(LogError::Corruption { .. }) => true,
            Err(error) => return Err(format!("another error: {error}")),
            Ok((log, report)) => {
                let mut model = model.clone();
                model.durable_through = model.evident[&model.durable_through];
                model.check(&log, &report)?;
                false
            }
        };
        match self.open(disk, model) {
            Err(LogError::Corruption { .. }) => Ok(true),
            Err(error) => Err(format!("another error: {error}")),
            Ok(_) if is_reported => Err("reported only to a forgetful caller".to_owned()),
            Ok((log, report)) => model.clone().check(&log, &report).map(|()| false),
        }
    }

    /// Commits again after a recovery, crashes again, and looks again.
    fn go_on(
        &self,
        disk: &SimDisk,
        log: Log,
        model: &mut Model,
        random: &mut Random,
    ) -> Result<(), String> {
        // Nothing that recovery said may depend on what only the page cache knows.
        self.look_again(&disk.power_loss(random.next()), &mut model.clone())?;
        for _ in 0..=random.below(2) {
            let (sequence, payload) = next_record(&log, random);
            log.append_sync(&payload).map_err(|e| format!("append after recovery: {e}"))?;
            model.records.insert(sequence, payload);
            model.durable_through = sequence;
        }
        drop(log);
        self.look_again(&disk.power_loss(random.next()), model)
    }

    fn look_again(&self, disk: &SimDisk, model: &mut Model) -> Result<(), String> {
        let (log, report) = self.open(disk, model).map_err(|e| format!("second open: {e}"))?;
        model.check(&log, &report).map_err(|what| format!("second open: {what}"))
    }

    /// Runs the workload until the disk crashes; whether the log was created.
    fn work(&self, disk: &SimDisk, model: &mut Model) -> Result<bool, String> {
        let mut random = Random(self.seed);
        let mut log = match Log::create(disk.directory(), self.options()) {
            Ok(log) => log,
            Err(_) if is_expected(disk) => return Ok(false),
            Err(error) => return Err(format!("create: {error}")),
        };
        for _ in 0..STEP_COUNT {
            let choice = random.below(100);
            let result = match choice {
                0..56 => append(&log, model, &mut random, choice < 28),
                56..70 => burst(&log, model, &mut random),
                70..80 => log.sync().map(|()| model.durable_through = log.synced_through()),
                80..87 => prune(&log, model, &mut random),
                87..94 => cut(&log, model, &mut random),
                _ => {
                    drop(log);
                    match self.open(disk, model) {
                        Ok((opened, report)) => {
                            let mut checked = model.clone();
                            match checked.check(&opened, &report) {
                                Err(_) if is_expected(disk) => return Ok(true),
                                result => result?,
                            }
                            *model = checked;
                            log = opened;
                            Ok(())
                        }
                        Err(_) if is_expected(disk) => return Ok(true),
                        Err(error) => return Err(format!("reopen: {error}")),
                    }
                }
            };
            match result {
                Ok(()) => {}
                Err(_) if is_expected(disk) => return Ok(true),
                Err(error) => return Err(format!("in the workload: {error}")),
            }
            model.durable_through = model.durable_through.max(log.synced_through());
        }
        Ok(true)
    }
}

/// Whether an operation may fail now: something was made to go wrong, and it has been met.
fn is_expected(disk: &SimDisk) -> bool {
    disk.clear_faults() == 0
}

/// A power loss, or a process crash, after which a power loss may still come.
fn after_crash(disk: &SimDisk, random: &mut Random) -> SimDisk {
    match random.below(4) {
        0 => disk.process_crash(),
        1 => disk.power_loss_losing_all(),
        _ => disk.power_loss(random.next()),
    }
}

/// A record for the end of the log. Every other one has bytes that follow from its number alone, so
/// that after a cut the same record comes again.
fn next_record(log: &Log, random: &mut Random) -> (u64, Vec<u8>) {
    let sequence = log.next_sequence();
    let choice = random.below(64);
    let len = match choice {
        0 => 70_000 + random.below(20_000),
        1..4 => 20_000 + random.below(20_000),
        4..16 => random.below(12_000),
        _ => 4008 - random.below(8) * 100,
    };
    let len = if choice.is_multiple_of(2) { 3000 } else { usize::try_from(len).unwrap() };
    let number = if choice.is_multiple_of(2) { sequence } else { random.next() };
    (sequence, bytes_of(number, len))
}

fn append(log: &Log, model: &mut Model, random: &mut Random, sync: bool) -> Result<(), LogError> {
    let (sequence, payload) = next_record(log, random);
    model.unsure = Some((sequence, payload.clone()));
    model.evident.insert(sequence, log.synced_through());
    let position = if sync { log.append_sync(&payload)? } else { log.append(&payload)? };
    assert_eq!(position.sequence, sequence);
    if sync {
        model.durable_through = sequence;
    }
    model.records.extend(model.unsure.take());
    Ok(())
}

fn burst(log: &Log, model: &mut Model, random: &mut Random) -> Result<(), LogError> {
    (0..random.below(5)).try_for_each(|_| append(log, model, random, false))
}

fn prune(log: &Log, model: &mut Model, random: &mut Random) -> Result<(), LogError> {
    let (first, next) = (log.first_sequence(), log.next_sequence());
    let keep_from = first + random.below(next - first + 1);
    model.keep_from = model.keep_from.max(keep_from.min(model.durable_through + 1));
    log.prune_front(keep_from)
}

fn cut(log: &Log, model: &mut Model, random: &mut Random) -> Result<(), LogError> {
    let (first, next) = (log.first_sequence(), log.next_sequence());
    let most = (next - first).min(12);
    let keep_through = next - 1 - random.below(most + 1);
    model.cutting = Some(keep_through);
    log.truncate_back(keep_through)?;
    model.cutting = None;
    if keep_through < next - 1 {
        model.cut_to(keep_through);
    }
    Ok(())
}
