//! A crash at any operation of a copy leaves a directory that is no database, or the whole copy.

use crate::support::{check, entries, fill, options};
use bmt_io::SimDisk;
use bmt_store::{Db, OpenError};

#[test]
fn at_every_operation() {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options()).unwrap();
    fill(&db, 40, 1);
    fill(&db, 60, 2);
    let expected = entries(&db);
    let whole = SimDisk::new(2);
    let copied = db.checkpoint_in(&*whole.directory()).unwrap();
    let (mut none, mut complete) = (0, 0);
    for number in 0..whole.operation_count() {
        let disk = SimDisk::new(number);
        disk.crash_at(number);
        db.checkpoint_in(&*disk.directory()).unwrap_err();
        for after in (0..6).map(|seed| disk.power_loss(seed)).chain([disk.process_crash()]) {
            match Db::open_in(after.directory(), &options().create(false)) {
                Ok(copy) => {
                    assert_eq!((copy.sequence(), copy.root()), (copied.sequence, copied.root));
                    assert!(entries(&copy) == expected);
                    check(&copy);
                    complete += 1;
                }
                Err(OpenError::NotFound { .. } | OpenError::NotADatabase { .. }) => none += 1,
                Err(other) => unreachable!("operation {number}: {other}"),
            }
        }
    }
    assert!(none > 0 && complete > 0, "{none} without a copy, {complete} with one");
}

#[test]
fn an_acknowledged_copy_outlives_a_power_loss() {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options()).unwrap();
    fill(&db, 60, 1);
    let disk = SimDisk::new(2);
    let copied = db.checkpoint_in(&*disk.directory()).unwrap();
    for seed in 0..20 {
        let after = disk.power_loss(seed).directory();
        let copy: Db = Db::open_in(after, &options().create(false)).unwrap();
        assert_eq!(copy.root(), copied.root);
    }
}
