//! Full disks, failing writes and syncs, read-only directories.
use crate::support::{Workload, open, options};
use bmt_core::StateKey;
use bmt_io::{Fault, SimDisk, When};
use bmt_store::{CommitError, Db, OpenError};

const KEY: StateKey = StateKey::component(1);

#[test]
fn every_operation_may_fail_once() {
    let workload = Workload::new(60, 7);
    let whole = SimDisk::new(0);
    workload.run(&open(&whole).unwrap(), 0);
    let mut errors = 0;
    for number in 0..whole.operation_count() {
        for fault in [Fault::Error, Fault::NoSpace] {
            let disk = SimDisk::new(0);
            disk.inject(When::Number(number), fault);
            let acknowledged = match open(&disk) {
                Ok(db) => workload.run(&db, 0),
                Err(_) => 0,
            };
            errors += usize::from(acknowledged < 60);
            for disk in [disk.process_crash(), disk.power_loss(number)] {
                disk.clear_faults();
                let db = open(&disk).unwrap_or_else(|e| panic!("operation {number}: {e}"));
                let held = workload.held(&db, acknowledged).unwrap();
                assert_eq!(workload.run(&db, held), 60, "operation {number}: it goes on");
            }
        }
    }
    assert!(errors > 100, "most faults are met: {errors}");
}

#[test]
fn a_full_disk_is_a_clean_error_and_more_space_mends_it() {
    let disk = SimDisk::new(0);
    let db = open(&disk).unwrap();
    db.insert(KEY, b"small").unwrap();
    let root = db.commit().unwrap().root;
    disk.set_capacity_bytes(Some(
        disk.list().iter().map(|n| disk.read_file(n).unwrap().len() as u64).sum(),
    ));
    db.insert(KEY, vec![1; 200_000]).unwrap();
    let error = db.commit().unwrap_err();
    assert!(matches!(error, CommitError::NoSpace { .. }), "{error}");
    assert_eq!((db.root(), db.sequence()), (root, 1));
    assert_eq!(db.get(&KEY).unwrap().unwrap().len(), 200_000, "the change is still pending");
    disk.set_capacity_bytes(None);
    assert_eq!(db.commit().unwrap().sequence, 2);
    drop(db);
    assert_eq!(open(&disk.power_loss(1)).unwrap().get(&KEY).unwrap().unwrap().len(), 200_000);
}

#[test]
fn a_failed_sync_is_an_unknown_outcome_and_ends_writing() {
    let disk = SimDisk::new(0);
    let db = open(&disk).unwrap();
    db.insert(KEY, b"durable").unwrap();
    let root = db.commit().unwrap().root;
    db.insert(KEY, b"maybe").unwrap();
    disk.inject(
        When::Kind(bmt_io::Operation::SyncData, disk.attempts().count(bmt_io::Operation::SyncData)),
        Fault::Error,
    );
    let error = db.commit().unwrap_err();
    assert!(matches!(error, CommitError::OutcomeUnknown { sequence: 2, .. }), "{error}");
    assert_eq!(db.root(), root, "the root never runs ahead of the disk");
    assert!(matches!(db.commit().unwrap_err(), CommitError::Poisoned { .. }));
    assert!(db.rollback(1).is_err());
    assert_eq!(db.get(&StateKey::MAX).unwrap(), None, "reads go on");
    db.prove(&KEY).unwrap().verify_present(&root, &KEY, b"durable").unwrap();
    drop(db);
    let db = open(&disk.power_loss(3)).unwrap();
    assert!(db.sequence() == 1 || db.sequence() == 2);
}

#[test]
fn a_read_only_directory_is_an_error_and_stays_as_it_is() {
    let disk = SimDisk::new(0);
    let error = Db::<bmt_core::GrayPaper>::open_in(disk.read_only_directory(), &options());
    assert!(matches!(error.unwrap_err(), OpenError::Io(_)));
    assert!(disk.list().is_empty());
}

#[test]
fn a_commit_over_the_limit_is_refused_and_stays_pending() {
    let disk = SimDisk::new(0);
    let options = options().commit_bytes_max(1000);
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    db.insert(KEY, vec![0; 881]).unwrap();
    let error = db.commit().unwrap_err();
    let expected = CommitError::TooLarge { bytes: 1034, max_bytes: 1000 };
    assert_eq!(error.to_string(), expected.to_string());
    assert_eq!((db.sequence(), db.stats().pending_changes), (0, 1));
    // The changes fit, and not what the record has beside them.
    db.insert(KEY, vec![0; 847]).unwrap();
    let error = db.commit().unwrap_err();
    assert!(matches!(error, CommitError::TooLarge { bytes: 1001.., .. }), "{error}");
    db.insert(KEY, vec![0; 700]).unwrap();
    assert_eq!(db.commit().unwrap().sequence, 1);
}

#[test]
fn a_value_longer_than_many_segments_is_committed_and_found_again() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(KEY, vec![5; 257 << 20]).unwrap();
    let root = db.commit().unwrap().root;
    drop(db);
    let db = Db::open(directory.path()).unwrap();
    assert_eq!((db.root(), db.get(&KEY).unwrap().unwrap().len()), (root, 257 << 20));
}
