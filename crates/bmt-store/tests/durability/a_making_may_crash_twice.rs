//! A database that was being made when its process died, and again when power failed, opens.
use bmt_io::SimDisk;
use bmt_store::{Db, Options};

/// Operations of a making that matter: those up to the first names that are durable.
const OPERATIONS: u64 = 24;

#[test]
fn at_any_two_operations() {
    let options = Options::new().seed(1);
    let mut crashed_count = 0;
    for first in 0..OPERATIONS {
        for second in 0..OPERATIONS {
            for seed in 0..4 {
                let disk = SimDisk::new(seed);
                disk.crash_at(first);
                drop(Db::<bmt_core::GrayPaper>::open_in(disk.directory(), &options));
                let disk = disk.process_crash();
                disk.crash_at(disk.operation_count() + second);
                drop(Db::<bmt_core::GrayPaper>::open_in(disk.directory(), &options));
                crashed_count += u64::from(disk.is_crashed());
                let disk = disk.power_loss(seed);
                let opened = Db::<bmt_core::GrayPaper>::open_in(disk.directory(), &options);
                assert!(opened.is_ok(), "seed {seed}, at {first} and {second}: {opened:?}");
            }
        }
    }
    assert!(crashed_count > 1000, "the second making crashed {crashed_count} times");
}
