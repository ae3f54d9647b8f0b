//! However little old versions may hold: commits, rollbacks and reads of the newest state go on while
//! checkpoints give old versions up. Only sessions that were begun notice.

use bmt::{Db, Options, ReadError, StateKey};
use std::sync::atomic::{AtomicBool, Ordering};

fn key(n: u32) -> StateKey {
    StateKey::service_storage(n % 3, &n.to_le_bytes())
}

/// Tells the other threads to end, also when its own thread panics.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn while_checkpoints_run() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new()
        .memory_bytes(1 << 20)
        .held_bytes_max(4096)
        .slice_changes_min(1)
        .checkpoint_log_bytes(16 << 10)
        .durability(bmt::Durability::Eventual);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    for n in 0..4000 {
        db.insert(key(n), vec![1; 100]).unwrap();
    }
    db.commit().unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _end = End(&is_over);
            while !is_over.load(Ordering::Relaxed) {
                db.flush().unwrap();
            }
        });
        scope.spawn(|| {
            let _end = End(&is_over);
            let mut n = 0;
            while !is_over.load(Ordering::Relaxed) {
                n += 7;
                let (root, value, proof) = db.prove_with_root(&key(n % 4000)).unwrap();
                let value = value.unwrap();
                proof.verify_present(&root, &key(n % 4000), &value).unwrap();
                assert!(db.get(&key(n % 4000)).unwrap().is_some());
                db.pending_root().unwrap();
            }
        });
        let _end = End(&is_over);
        let mut expired = 0;
        for round in 0..400_u32 {
            let session = db.begin_read();
            for n in 0..40 {
                db.insert(key((round * 97 + n * 101) % 4000), round.to_le_bytes().repeat(9))
                    .unwrap();
            }
            db.commit().unwrap();
            if round % 5 == 4 {
                db.rollback(2).unwrap();
            }
            if matches!(session.prove(&key(1)), Err(ReadError::SnapshotExpired)) {
                expired += 1;
            }
        }
        println!("{expired} sessions expired");
    });
}
