//! A small commit takes a block of the log: what a checkpoint waits for, and what the rollback window keeps, are
//! counted in such bytes.
use bmt_core::StateKey;
use bmt_io::SimDisk;
use bmt_store::{Db, Options};

const BLOCK_BYTES: u64 = 4096;

fn commit(db: &Db, number: u64) {
    db.insert(StateKey::component(1), number.to_le_bytes()).unwrap();
    db.commit().unwrap();
}

fn database(options: &Options) -> (SimDisk, Db) {
    let disk = SimDisk::new(0);
    let db = Db::open_in(disk.directory(), options).unwrap();
    (disk, db)
}

#[test]
fn a_checkpoint_is_made_when_the_log_is_as_long_as_it_may_be() {
    let options = Options::new().seed(1).checkpoint_log_bytes(50 * BLOCK_BYTES);
    let (disk, db) = database(&options);
    for number in 0..49 {
        commit(&db, number);
    }
    assert_eq!(db.stats().checkpoint_count, 0);
    commit(&db, 49);
    assert_eq!((db.stats().checkpoint_count, db.stats().checkpoint_sequence), (1, 50));
    // Recovery counts the same.
    for number in 50..99 {
        commit(&db, number);
    }
    drop(db);
    let db: Db = Db::open_in(disk.process_crash().directory(), &options).unwrap();
    assert_eq!((db.stats().recovery.replayed_steps, db.stats().checkpoint_sequence), (49, 50));
    commit(&db, 99);
    assert_eq!(db.stats().checkpoint_sequence, 100);
}

#[test]
fn the_window_keeps_as_many_bytes_of_the_log_as_it_may() {
    let options = Options::new().seed(1).rollback_bytes_max(20 * BLOCK_BYTES);
    let (disk, db) = database(&options);
    for number in 0..60 {
        commit(&db, number);
    }
    assert_eq!((db.stats().undoable_commits, db.stats().undo_bytes), (20, 20 * BLOCK_BYTES));
    assert_eq!(db.stats().log.written_bytes, 60 * BLOCK_BYTES, "what the log has written");
    drop(db);
    let db: Db = Db::open_in(disk.process_crash().directory(), &options).unwrap();
    assert_eq!((db.stats().undoable_commits, db.stats().undo_bytes), (20, 20 * BLOCK_BYTES));
}
