//! A table without a manifest: what its owner may do between preparing a switch and committing it.

use crate::random::{id_of, payload_of};
use crate::setup::options;
use bmt_bitbox::{Batch, Table, TableError, TableNames, TableOptions};
use bmt_io::SimDisk;

fn table_options() -> TableOptions {
    TableOptions { bucket_count_min: 64, ..options().table }
}

fn create(disk: &SimDisk) -> (Table, TableNames) {
    Table::create(disk.directory(), table_options()).unwrap()
}

fn recover(disk: &SimDisk, names: &TableNames) -> Table {
    Table::recover(disk.directory(), names, table_options()).unwrap()
}

fn batch_of(numbers: core::ops::Range<u64>, shift: u64) -> Batch<'static> {
    let mut batch = Batch::new();
    numbers.for_each(|number| batch.put(id_of(number), payload_of(number + shift)).unwrap());
    batch
}

/// Which payload a page has, of two shifts.
fn shift_of(table: &Table, number: u64) -> Option<u64> {
    let page = table.get(&id_of(number)).unwrap()?;
    (0..1000).step_by(100).find(|shift| *page == *payload_of(number + shift))
}

#[test]
fn a_switch_that_no_manifest_names_has_not_happened() {
    let disk = SimDisk::new(1);
    let (table, _) = create(&disk);
    let prepared = table.prepare(&batch_of(0..4, 0)).unwrap();
    let names = *prepared.names();
    assert_eq!(prepared.commit(), 1);
    let prepared = table.prepare(&batch_of(0..4, 100)).unwrap();
    let (new_names, number) = (*prepared.names(), prepared.batch());
    assert_eq!((number, shift_of(&table, 2)), (2, Some(0)), "nothing is visible yet");
    for disk in [disk.power_loss_losing_all(), disk.process_crash()] {
        assert_eq!(shift_of(&recover(&disk, &names), 2), Some(0));
        assert_eq!(shift_of(&recover(&disk, &new_names), 2), Some(100));
    }
    assert_eq!(prepared.commit(), 2);
    assert_eq!((shift_of(&table, 2), table.names()), (Some(100), new_names));
}

#[test]
fn an_abandoned_switch_leaves_no_trace() {
    let disk = SimDisk::new(1);
    let (table, _) = create(&disk);
    table.prepare(&batch_of(0..4, 0)).unwrap().commit();
    let before = table.stats();
    table.prepare(&batch_of(0..5, 100)).unwrap().abandon();
    let after = table.stats();
    assert_eq!((after.live_count, after.reserved_count), (before.live_count, 0));
    let prepared = table.prepare(&batch_of(1..2, 200)).unwrap();
    let names = *prepared.names();
    assert_eq!(prepared.commit(), 2, "its number is used again");
    let recovered = recover(&disk.power_loss_losing_all(), &names);
    for table in [table, recovered] {
        let shifts: Vec<_> = (0..5).map(|number| shift_of(&table, number)).collect();
        assert_eq!(shifts, [Some(0), Some(200), Some(0), Some(0), None]);
        assert!(table.check(|_, _| {}).unwrap().is_clean());
    }
}

#[test]
fn a_copy_of_a_page_that_an_abandoned_switch_replaces_is_not_forgotten() {
    let disk = SimDisk::new(1);
    let (table, _) = create(&disk);
    table.prepare(&batch_of(0..6, 0)).unwrap().commit();
    assert!(table.grow().unwrap());
    assert_eq!(table.copy_ahead(100).unwrap(), 6);
    table.prepare(&batch_of(0..3, 100)).unwrap().abandon();
    assert_eq!(table.stats().reserved_count, 6, "all copies wait");
    table.prepare(&batch_of(0..1, 200)).unwrap().commit();
    let stats = table.stats();
    assert_eq!((stats.reserved_count, stats.source_page_count), (0, 0));
    let shifts: Vec<_> = (0..6).map(|number| shift_of(&table, number)).collect();
    assert_eq!(shifts, [Some(200), Some(0), Some(0), Some(0), Some(0), Some(0)]);
    assert!(table.check(|_, _| {}).unwrap().is_clean());
}

#[test]
fn one_switch_at_a_time_and_a_dropped_one_poisons() {
    let disk = SimDisk::new(1);
    let (table, _) = create(&disk);
    table.prepare(&batch_of(0..4, 0)).unwrap().commit();
    let prepared = table.prepare(&batch_of(0..1, 100)).unwrap();
    let second = table.prepare(&batch_of(1..2, 100)).map(drop);
    assert!(matches!(second, Err(TableError::SwitchPending { batch: 2 })));
    assert!(matches!(table.grow(), Err(TableError::SwitchPending { batch: 2 })));
    drop(prepared);
    let after = table.prepare(&batch_of(1..2, 100)).map(drop);
    assert!(matches!(&after, Err(TableError::Poisoned { cause })
        if matches!(**cause, TableError::SwitchDropped { batch: 2 })));
    assert_eq!(shift_of(&table, 0), Some(0), "reads go on");
    assert!(table.stats().is_poisoned);
}

#[test]
fn names_of_another_record_are_refused() {
    let disk = SimDisk::new(1);
    let (table, fresh) = create(&disk);
    let mut names = Vec::new();
    for round in 0..4 {
        let prepared = table.prepare(&batch_of(0..4, round * 100)).unwrap();
        names.push(*prepared.names());
        prepared.commit();
    }
    table.settle().unwrap();
    let recovered = |names: &TableNames| {
        Table::recover(disk.process_crash().directory(), names, table_options())
    };
    assert_eq!(shift_of(&recovered(&names[3]).unwrap(), 0), Some(300));
    // Their records were overwritten, or there should be none.
    for old in [&names[1], &names[0], &fresh] {
        assert!(matches!(recovered(old), Err(TableError::Corruption { .. })), "{old:?}");
    }
    let mut wrong = names[3];
    wrong.target.checksum ^= 1;
    assert!(matches!(recovered(&wrong), Err(TableError::Corruption { .. })));
    wrong.target.table = 9;
    assert!(matches!(recovered(&wrong), Err(TableError::Corruption { .. })));
}

#[test]
fn opening_writes_nothing() {
    let disk = SimDisk::new(1);
    let (table, _) = create(&disk);
    let prepared = table.prepare(&batch_of(0..4, 0)).unwrap();
    let names = *prepared.names();
    prepared.commit();
    let directory = disk.read_only_directory();
    let table = Table::recover(directory, &names, table_options()).unwrap();
    assert_eq!(shift_of(&table, 3), Some(0));
}

#[test]
fn a_page_tells_a_stale_image_by_its_checksum() {
    let (table, _) = create(&SimDisk::new(1));
    table.prepare(&batch_of(0..1, 0)).unwrap().commit();
    let page = table.get(&id_of(0)).unwrap().unwrap();
    let expected = bmt_bitbox::image_checksum(&id_of(0), &payload_of(0)).unwrap();
    assert!(page.expect_checksum(expected).is_ok());
    let newer = bmt_bitbox::image_checksum(&id_of(0), &payload_of(100)).unwrap();
    assert!(matches!(page.expect_checksum(newer), Err(TableError::Corruption { .. })));
    assert_eq!(bmt_bitbox::image_checksum(&id_of(0), &[0; 4033]), None);
}
