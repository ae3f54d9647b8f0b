//! Records of the log that have right checksums and say wrong things, as an engine with a bug may write.

use crate::profile::Broken;
use bmt_core::{GrayPaper, StateKey};
use bmt_io::SimDisk;
use bmt_seglog::{Log, LogOptions, SpareMode};
use bmt_store::{Db, OpenError, Options};

const SALT: u64 = 5;
const HEADER_BYTES: usize = 120;

fn options(broken: Broken) -> Options {
    let mut options = Options::new().seed(SALT).log_segment_bytes(64 << 10);
    options.faults = broken.engine;
    options
}

/// A log of four commits that no page has.
fn made() -> SimDisk {
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options(Broken::default())).unwrap();
    for round in 0..4_u64 {
        for index in 0..30_u64 {
            let key = StateKey::service_storage(1, &index.to_le_bytes());
            db.insert(key, (round * index).to_le_bytes()).unwrap();
        }
        db.commit().unwrap();
    }
    drop(db);
    disk
}

/// Replaces the newest record by another one.
fn rewrite(disk: &SimDisk, change: impl FnOnce(&mut Vec<u8>)) {
    let mut log_options = LogOptions::new(SALT);
    log_options.spare = SpareMode::Inline;
    let (log, _) = Log::open(disk.directory(), log_options).unwrap();
    let newest = log.next_sequence() - 1;
    let mut payload = log.iter_from(newest).unwrap().next().unwrap().unwrap().payload;
    log.truncate_back(newest - 1).unwrap();
    change(&mut payload);
    log.append_sync(&payload).unwrap();
}

fn open(disk: &SimDisk, broken: Broken) -> Result<Db, OpenError> {
    Db::open_in(disk.directory(), &options(broken))
}

/// The last byte of a record is the last one of a hash in the frontier section.
fn with_another_hash(payload: &mut [u8]) {
    *payload.last_mut().unwrap() ^= 1;
}

#[test]
fn a_record_is_refused_whose_changes_do_not_give_its_root() {
    let disk = made();
    rewrite(&disk, |payload| with_another_hash(payload));
    let error = open(&disk, Broken::default()).unwrap_err();
    assert!(error.to_string().contains("do not give its root"), "{error}");
}

/// Else the next commit would stand on another root than the record before it names, and could not be replayed.
#[test]
fn a_record_without_changes_is_refused_if_it_names_another_root() {
    let disk = made();
    let db = open(&disk, Broken::default()).unwrap();
    db.flush().unwrap();
    db.commit().unwrap();
    drop(db);
    assert!(open(&disk.process_crash(), Broken::default()).is_ok());
    rewrite(&disk, |payload| payload[50] ^= 1);
    assert!(matches!(open(&disk, Broken::default()), Err(OpenError::Corruption(_))));
}

#[test]
fn a_recovery_that_compares_no_root_is_noticed() {
    let disk = made();
    rewrite(&disk, |payload| payload[50] ^= 1);
    assert!(matches!(open(&disk, Broken::default()), Err(OpenError::Corruption(_))));
    let mut broken = Broken::default();
    broken.engine.ignores_roots = true;
    assert!(open(&disk, broken).is_ok(), "the fault goes unnoticed");
}

/// Never a panic, and never another state under the same root, whichever byte it is.
#[test]
fn any_byte_of_a_record_may_be_another_one() {
    let whole = made();
    let db = open(&whole.process_crash(), Broken::default()).unwrap();
    let (root, mut length) = (db.root(), 0);
    rewrite(&whole, |payload| length = payload.len());
    let (mut refused, mut taken) = (0, 0);
    for at in (0..length).filter(|at| *at < HEADER_BYTES || at % 13 == 0) {
        let disk = whole.process_crash();
        rewrite(&disk, |payload| payload[at] ^= 0x11);
        match open(&disk, Broken::default()) {
            Err(_) => refused += 1,
            Ok(db) => {
                taken += 1;
                assert_eq!(db.root(), root, "byte {at}: the root is the recorded one");
                // Values and undo values are not under the root of a replayed record, and the count of
                // keys is not either; a scan ends all the same.
                drop(db.range(..).unwrap().collect::<Vec<_>>());
                drop(db.rollback(1));
            }
        }
    }
    assert!(refused > HEADER_BYTES / 2, "{refused} refused, {taken} taken");
}

#[test]
fn a_record_of_another_version_is_told() {
    let disk = made();
    rewrite(&disk, |payload| payload[1] = 9);
    let error = Db::<GrayPaper>::open_in(disk.directory(), &options(Broken::default()));
    assert!(matches!(error, Err(OpenError::UnsupportedVersion { found: 9, .. })));
}
