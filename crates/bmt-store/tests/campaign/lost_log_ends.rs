//! A log that lost records which pages hold already is damage, between the slices of a checkpoint too.

use crate::audit::audit;
use crate::profile::Broken;
use bmt_core::StateKey;
use bmt_io::{Operation, SimDisk};
use bmt_seglog::{Log, LogOptions, SpareMode};
use bmt_store::{Db, OpenError, Options};

const SALT: u64 = 77;
const COMMITS: u64 = 6;

fn options(broken: Broken) -> Options {
    let mut options = Options::new().seed(SALT).slice_changes_min(10).log_segment_bytes(1 << 20);
    options.faults = broken.engine;
    options
}

/// Commits, then a checkpoint of several slices, which crashes at an operation, if it does.
fn work(disk: &SimDisk, broken: Broken) -> Option<Db> {
    let db: Db = Db::open_in(disk.directory(), &options(broken)).ok()?;
    for round in 0..COMMITS {
        for index in 0..900_u64 {
            let key = StateKey::service_storage(1, &index.to_le_bytes());
            db.insert(key, [round.to_le_bytes(), index.to_le_bytes()].concat().repeat(4)).ok()?;
        }
        db.commit().ok()?;
        if round == 2 {
            db.flush().ok()?;
        }
    }
    db.flush().ok()?;
    Some(db)
}

/// Takes the newest record off the log, as a medium may that forgets.
fn lose_newest_record(disk: &SimDisk) {
    let mut log_options = LogOptions::new(SALT);
    log_options.spare = SpareMode::Inline;
    let (log, _) = Log::open(disk.directory(), log_options).unwrap();
    log.truncate_back(log.next_sequence() - 2).unwrap();
}

/// How often the loss was told, and how often not.
fn judge(broken: Broken) -> (u64, u64) {
    let whole = SimDisk::new(0);
    whole.start_trace();
    let db = work(&whole, broken).unwrap();
    assert!(db.stats().slice_count > 8, "checkpoints have slices: {}", db.stats().slice_count);
    let (mut told, mut untold) = (0, 0);
    let trace = whole.take_trace();
    for crash in trace.iter().filter(|it| it.operation == Operation::Write && it.file == "MANIFEST")
    {
        let disk = SimDisk::new(0);
        disk.crash_at(crash.number);
        drop(work(&disk, broken));
        let disk = disk.power_loss_losing_all();
        let Ok(audited) = audit(&disk) else { continue };
        let is_between_slices = broken.engine.forgets_pages_through
            || (audited.position == 3 && audited.pages_through == COMMITS);
        if !is_between_slices || audited.position != 3 {
            continue;
        }
        lose_newest_record(&disk);
        match Db::<bmt_core::GrayPaper>::open_in(disk.directory(), &options(broken)) {
            Err(OpenError::Corruption(_)) => told += 1,
            Err(error) => panic!("another error: {error}"),
            Ok(_) => untold += 1,
        }
    }
    (told, untold)
}

#[test]
fn pages_of_commits_that_are_gone_are_told() {
    let (told, untold) = judge(Broken::default());
    assert_eq!(untold, 0, "a state of several commits was opened");
    assert!(told > 4, "slices were met: {told}");
}

#[test]
fn slices_that_do_not_say_how_new_they_are_are_noticed() {
    let mut broken = Broken::default();
    broken.engine.forgets_pages_through = true;
    assert!(judge(broken).1 > 0, "the fault goes unnoticed");
}
