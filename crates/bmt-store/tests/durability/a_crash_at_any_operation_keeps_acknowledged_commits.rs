//! The simulated disk loses power, or the process dies, in the middle of every single operation.
use crate::support::{Workload, open, options, seeds};
use bmt_io::{Operation, SimDisk};
use bmt_store::{Db, OpenError, Options};

const STEPS: usize = 300;

/// Runs the workload until the disk crashes at operation `crash`; how many steps were acknowledged.
fn crashed_at(workload: &Workload, crash: u64) -> (SimDisk, usize) {
    let disk = SimDisk::new(crash);
    disk.crash_at(crash);
    let acknowledged = open(&disk).map_or(0, |db| workload.run(&db, 0));
    (disk, acknowledged)
}

fn operations_of_a_whole_run(workload: &Workload) -> u64 {
    let disk = SimDisk::new(0);
    disk.start_trace();
    assert_eq!(workload.run(&open(&disk).unwrap(), 0), STEPS);
    let kinds = SimDisk::kinds_in(&disk.take_trace());
    for kind in [Operation::Create, Operation::Write, Operation::SyncData, Operation::SyncDirectory]
    {
        assert!(kinds.contains(&kind), "the workload has every kind of operation: {kind:?}");
    }
    disk.operation_count()
}

fn check(workload: &Workload, disk: &SimDisk, acknowledged: usize) -> Result<Db, String> {
    let db = open(disk).map_err(|error| format!("open: {error}"))?;
    workload.held(&db, acknowledged)?;
    Ok(db)
}

#[test]
fn power_loss() {
    let workload = Workload::new(STEPS, 1);
    for crash in 0..operations_of_a_whole_run(&workload) {
        let (disk, acknowledged) = crashed_at(&workload, crash);
        for seed in 0..seeds() {
            let db = check(&workload, &disk.power_loss(seed), acknowledged);
            let _open =
                db.unwrap_or_else(|fault| panic!("operation {crash}, seed {seed}: {fault}"));
        }
    }
}

#[test]
fn process_crash_then_power_loss() {
    let workload = Workload::new(STEPS, 2);
    for crash in (0..operations_of_a_whole_run(&workload)).step_by(3) {
        let (disk, acknowledged) = crashed_at(&workload, crash);
        let disk = disk.process_crash();
        let held = match check(&workload, &disk, acknowledged) {
            Ok(db) => usize::try_from(db.sequence()).unwrap(),
            Err(fault) => panic!("operation {crash}: {fault}"),
        };
        // What a reopened database has shown must survive a power loss.
        let after = check(&workload, &disk.power_loss(crash), held);
        assert!(after.is_ok(), "operation {crash}: {:?}", after.err());
    }
}

#[test]
fn a_second_crash_while_reopening_and_going_on_from_there() {
    let workload = Workload::new(60, 3);
    for crash in (0..150).step_by(5) {
        let (disk, acknowledged) = crashed_at(&workload, crash);
        let rebooted = disk.power_loss(crash);
        for second in 0.. {
            let disk = rebooted.power_loss(second);
            disk.crash_at(second);
            let reopened = open(&disk);
            let done = reopened.is_ok();
            let (shown, acknowledged) = match &reopened {
                Ok(db) => {
                    let held = workload.held(db, acknowledged).unwrap();
                    (held, workload.run(db, held).max(held))
                }
                Err(_) => (0, acknowledged),
            };
            drop(reopened);
            let after = check(&workload, &disk.power_loss(second), acknowledged.max(shown));
            assert!(after.is_ok(), "operations {crash} and {second}: {:?}", after.err());
            if done && second > 60 {
                break;
            }
        }
    }
}

/// What the crash tests are worth: each fault must make some outcome wrong.
#[test]
fn a_missing_sync_is_noticed() {
    let workload = Workload::new(40, 4);
    let broken: [fn(&SimDisk); 2] =
        [|disk| disk.set_ignore_sync(true), |disk| disk.set_ignore_directory_sync(true)];
    for (index, break_it) in broken.into_iter().enumerate() {
        assert!(is_noticed(&workload, &options(), break_it), "fault {index} goes unnoticed");
    }
}

/// The same, of faults in the log's code.
#[cfg(feature = "faults")]
#[test]
fn a_broken_log_is_noticed() {
    use bmt_seglog::Faults;
    let workload = Workload::new(40, 4);
    let fine = Faults::default();
    let broken = [
        Faults { no_commit_sync: true, ..fine },
        Faults { no_checksum: true, ..fine },
        Faults { no_directory_sync: true, ..fine },
    ];
    for faults in broken {
        let mut options = options();
        options.log_faults = faults;
        assert!(is_noticed(&workload, &options, |_| ()), "{faults:?} goes unnoticed");
    }
    assert!(!is_noticed(&workload, &options(), |_| ()), "a sound log is not accused");
}

/// Whether some crash of some run with this fault leaves what it must not.
fn is_noticed(workload: &Workload, options: &Options, break_it: fn(&SimDisk)) -> bool {
    let whole = SimDisk::new(0);
    break_it(&whole);
    Db::open_in(whole.directory(), options).map(|db| workload.run(&db, 0)).unwrap();
    (0..=whole.operation_count()).any(|crash| {
        let disk = SimDisk::new(crash);
        break_it(&disk);
        disk.crash_at(crash);
        let acknowledged =
            Db::open_in(disk.directory(), options).map_or(0, |db| workload.run(&db, 0));
        (0..seeds()).any(|seed| {
            let reopened = Db::open_in(disk.power_loss(seed).directory(), options);
            reopened.map_or(true, |db| workload.held(&db, acknowledged).is_err())
        })
    })
}

#[test]
fn damage_below_the_durable_point_is_told_and_not_cut() {
    let workload = Workload::new(40, 5);
    let disk = SimDisk::new(0);
    assert_eq!(workload.run(&open(&disk).unwrap(), 0), 40);
    let log = disk.list().into_iter().find(|name| name != "MANIFEST").unwrap();
    let bytes = disk.read_file(&log).unwrap();
    let (mut told, mut same) = (0, 0);
    for offset in (0..20_000).step_by(31) {
        let mut damaged = bytes.clone();
        damaged[offset] ^= 0x10;
        let disk = disk.power_loss(0);
        disk.write_file(&log, &damaged);
        match open(&disk) {
            Err(OpenError::Corruption(_) | OpenError::UnsupportedVersion { .. }) => {
                told += 1;
                let untouched = disk.read_file(&log).is_some_and(|bytes| bytes == damaged);
                assert!(untouched, "{log}: byte {offset} was repaired");
            }
            Err(other) => panic!("byte {offset}: {other}"),
            Ok(db) => {
                // Only where nothing is written: what follows a record in its last block.
                assert_eq!(workload.held(&db, 40), Ok(40), "byte {offset}");
                same += 1;
            }
        }
    }
    assert!(told > 20, "damage is told: {told} of {}", told + same);
}

/// INV-MF-03: after a clean close even the last record is known to have been durable.
#[test]
fn a_log_that_lost_its_end_after_a_close_is_told() {
    let workload = Workload::new(40, 6);
    let disk = SimDisk::new(0);
    let db = open(&disk).unwrap();
    assert_eq!(workload.run(&db, 0), 40);
    db.close().unwrap();
    let last = |disk: &SimDisk| {
        let written =
            |name: &String| disk.read_file(name).is_some_and(|it| it.len() > 4096 && it[4096] != 0);
        disk.list().into_iter().rfind(|name| name.starts_with("seglog-") && written(name)).unwrap()
    };
    for damage in 0..2 {
        let disk = disk.power_loss(damage);
        let name = last(&disk);
        let length = disk.read_file(&name).unwrap().len();
        match damage {
            0 => assert!(disk.remove_file(&name)),
            _ => disk.write_file(&name, &vec![0; length]),
        }
        let error = open(&disk).map(|db| db.sequence()).unwrap_err();
        assert!(matches!(error, OpenError::Corruption(_)), "{error}");
    }
}
