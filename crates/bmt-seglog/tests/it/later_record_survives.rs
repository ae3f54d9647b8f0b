//! Un-synced records survive a power loss in any order; the log ends before the first missing one.

use crate::model::bytes_of;
use crate::setup::{create, open, payloads, power_loss_keeping};
use bmt_io::SimDisk;

#[test]
fn a_later_record_that_survived_an_earlier_one_is_cut() {
    for lost in 2..=6 {
        let disk = SimDisk::new(1);
        let log = create(&disk);
        let records: Vec<_> = (1..=6).map(|number| bytes_of(number, 100)).collect();
        log.append_sync(&records[0]).unwrap();
        records[1..].iter().for_each(|record| {
            log.append(record).unwrap();
        });
        let survivors: Vec<_> = (2..=6).filter(|block| *block != lost).collect();
        let disk = power_loss_keeping(&disk, &survivors);
        let (log, report) = open(&disk).unwrap();
        assert_eq!(payloads(&log), records[..lost - 1]);
        let cut = 6 - u64::try_from(lost).unwrap();
        assert_eq!(report.torn_tail.map_or(0, |tail| tail.records), cut);
    }
}
