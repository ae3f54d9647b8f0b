//! The log keeps the rollback window and what no checkpoint has written, and nothing older.

use bmt::{Db, Options, StateKey};

#[test]
fn however_many_commits_are_made() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().seed(1).log_segment_bytes(32 << 10).rollback_commits_max(5);
    let mut db: Db = Db::open_with(directory.path(), &options).unwrap();
    let mut largest = 0;
    for n in 0..300_u32 {
        db.insert(StateKey::component(1), vec![1; 5000]).unwrap();
        db.insert(StateKey::service_storage(1, &(n % 9).to_le_bytes()), n.to_le_bytes()).unwrap();
        db.commit().unwrap();
        if n % 10 == 9 {
            db.flush().unwrap();
            let log = db.stats().log;
            assert!(log.first_sequence + 16 > u64::from(n), "{log:?}");
            largest = largest.max(log.file_bytes);
        }
        if n % 100 == 50 {
            db.close().unwrap();
            db = Db::open_with(directory.path(), &options).unwrap();
        }
    }
    assert!(largest < 600_000, "{largest} bytes for a window of about 100,000");
    assert_eq!(db.rollback(5).unwrap().sequence, 301);
}
