//! A lock has one holder, also when holders remove its file.

use super::{LOCK_FILE, try_lock};
use crate::error::IoError;
use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn a_removed_lock_file_lets_nobody_else_in() {
    let place = tempfile::tempdir().unwrap();
    let (holders, held_count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2000 {
                    match try_lock(place.path(), false) {
                        Ok(lock) => {
                            assert_eq!(holders.fetch_add(1, Ordering::SeqCst), 0, "two hold it");
                            held_count.fetch_add(1, Ordering::SeqCst);
                            // Without its name it keeps nobody out any more.
                            holders.fetch_sub(1, Ordering::SeqCst);
                            fs::remove_file(place.path().join(LOCK_FILE)).unwrap();
                            drop(lock);
                        }
                        Err(IoError::Locked { .. }) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
    });
    assert!(held_count.into_inner() > 100);
}
