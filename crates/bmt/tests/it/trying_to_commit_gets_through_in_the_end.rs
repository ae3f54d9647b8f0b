//! `try_commit` does not wait, and sees to it that a later try finds room.

use bmt::{CommitError, Db, Options, StateKey};
use std::time::{Duration, Instant};

const KEY: StateKey = StateKey::component(1);

#[test]
fn when_the_buffer_has_no_room() {
    for seed in [None, Some(9)] {
        let directory = tempfile::tempdir().unwrap();
        let options = Options::new().memory_bytes(1 << 20).checkpoint_log_bytes(1 << 30);
        let options = seed.iter().fold(options, |options, seed| options.seed(*seed));
        let db: Db = Db::open_with(directory.path(), &options).unwrap();
        // Less than half of the buffer, so that no checkpoint is due.
        db.insert(KEY, vec![1; 140_000]).unwrap();
        db.commit().unwrap();
        let mut session = db.begin_write();
        session.insert(StateKey::component(2), vec![2; 250_000]).unwrap();
        let overlay = session.prepare().unwrap().into_overlay();
        let deadline = Instant::now() + Duration::from_secs(60);
        while overlay.try_commit().unwrap().is_none() {
            assert!(Instant::now() < deadline, "nobody makes room");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!((db.sequence(), db.root()), (2, overlay.root()));
    }
}

#[test]
fn a_stale_one_is_told_so_whether_there_is_room_or_not() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().memory_bytes(1 << 20).checkpoint_log_bytes(1 << 30);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    let mut session = db.begin_write();
    session.insert(StateKey::component(2), vec![2; 250_000]).unwrap();
    let overlay = session.prepare().unwrap().into_overlay();
    db.insert(KEY, vec![1; 140_000]).unwrap();
    db.commit().unwrap();
    assert!(matches!(overlay.try_commit(), Err(CommitError::Stale { .. })));
}
