//! Segments leave oldest first, whoever prunes (INV-LG-08): a gap would be damage.

use crate::model::bytes_of;
use crate::setup::create;
use bmt_io::{Operation, SimDisk};
use std::sync::Barrier;

#[test]
fn threads_that_prune_at_once_leave_no_gap() {
    for round in 0..40 {
        let disk = SimDisk::new(round);
        let log = create(&disk);
        (1..=56).for_each(|number| {
            log.append_sync(&bytes_of(number, 5000)).unwrap();
        });
        disk.start_trace();
        let (log, barrier) = (&log, &Barrier::new(4));
        std::thread::scope(|scope| {
            for thread in 0..4 {
                scope.spawn(move || {
                    barrier.wait();
                    (1..=7).for_each(|step| log.prune_front(step * 7 + thread % 2).unwrap());
                });
            }
        });
        let left: Vec<String> = disk
            .take_trace()
            .into_iter()
            .filter(|entry| matches!(entry.operation, Operation::Remove | Operation::ZeroFill))
            .map(|entry| entry.file)
            .collect();
        assert!(left.is_sorted() && left.len() >= 6, "{left:?}");
    }
}
