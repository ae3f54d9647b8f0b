//! A root that no state has is `UnknownRoot` after reopening too, however much has changed since the oldest
//! state; only one that is there may be too far away.

use bmt::{Db, Options, ReadAtError, StateKey};
use bmt_io::SimDisk;

fn options() -> Options {
    Options::new().history_bytes_max(3_000).log_segment_bytes(16 << 10).seed(1)
}

#[test]
fn however_much_has_changed() {
    let disk = SimDisk::new(1);
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    let mut roots = Vec::new();
    for n in 0..20_u8 {
        db.insert(StateKey::component(1), vec![n; 1000]).unwrap();
        roots.push(db.commit().unwrap().root);
    }
    db.rollback(1).unwrap();
    db.close().unwrap();
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    assert_eq!(db.stats().undoable_commits, 19);
    for round in 0..2 {
        for unknown in [[7; 32], roots[19]] {
            match db.begin_read_at(&unknown) {
                Err(ReadAtError::UnknownRoot { held: 19 }) => {}
                other => panic!("round {round}: {other:?}"),
            }
        }
        match db.begin_read_at(&roots[2]) {
            Err(ReadAtError::HistoryTooLarge { bytes_max: 3_000, .. }) => {}
            other => panic!("round {round}: {other:?}"),
        }
        assert_eq!(db.begin_read_at(&roots[17]).unwrap().root(), roots[17]);
    }
    // By then nothing is read for a root that is not there.
    let before = disk.operation_count();
    assert!(matches!(db.begin_read_at(&[7; 32]), Err(ReadAtError::UnknownRoot { .. })));
    assert_eq!(disk.operation_count(), before);
}
