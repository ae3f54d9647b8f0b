//! What a commit costs, counted on the simulated disk.
use crate::support::Workload;
use bmt_io::{Operation, SimDisk};
use bmt_store::{Db, Options};

#[test]
fn exactly_one_and_before_the_acknowledgement() {
    let workload = Workload::new(300, 6);
    let disk = SimDisk::new(0);
    // Segments large enough that none has to be prepared meanwhile.
    let db: Db = Db::open_in(disk.directory(), &Options::new().seed(7)).unwrap();
    for (index, step) in workload.steps.iter().enumerate() {
        disk.start_trace();
        assert_eq!(step.make(&db).unwrap(), workload.roots[index + 1]);
        let trace = disk.take_trace();
        let syncs = trace.iter().filter(|entry| entry.operation == Operation::SyncData).count();
        assert_eq!(syncs, 1, "{trace:?}");
        assert_eq!(
            trace.last().map(|entry| entry.operation),
            Some(Operation::SyncData),
            "{trace:?}"
        );
        assert!(trace.iter().all(|entry| entry.operation != Operation::SyncDirectory));
    }
}
