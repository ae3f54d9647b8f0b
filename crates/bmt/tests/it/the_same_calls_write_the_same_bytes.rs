//! In deterministic mode a directory is a function of the calls: every file, to the last byte, whatever the
//! size, with checkpoints, rollbacks, overlays and reopening on the way, on either backend.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Backend, Db, GrayPaper, Options, StateKey, WriteOptions};
use std::collections::BTreeMap;
use std::path::Path;

/// How much is done.
struct Size {
    commits: u64,
    changes: u64,
    value_bytes: u64,
}

const SIZES: [Size; 4] = [
    Size { commits: 0, changes: 0, value_bytes: 0 },
    Size { commits: 3, changes: 5, value_bytes: 40 },
    Size { commits: 24, changes: 300, value_bytes: 200 },
    Size { commits: 8, changes: 150, value_bytes: 9000 },
];

fn options(backend: Backend) -> Options {
    let memory = Options::new().memory_bytes(1 << 20).log_segment_bytes(256 << 10);
    memory.deterministic(9).backend(backend).slice_changes_min(50).checkpoint_log_bytes(1 << 20)
}

/// A number that is a function of others.
fn mixed(parts: [u64; 3]) -> u64 {
    let fold =
        |sum: u64, part: &u64| (sum ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    parts.iter().fold(7, fold)
}

fn key(commit: u64, change: u64) -> StateKey {
    StateKey::service_storage(3, &(mixed([1, commit, change]) % 2000).to_le_bytes())
}

fn value(size: &Size, commit: u64, change: u64) -> Vec<u8> {
    let len = usize::try_from(mixed([2, commit, change]) % (size.value_bytes + 1)).unwrap();
    vec![commit.to_le_bytes()[0]; len]
}

/// The directory's files after the calls, and how many checkpoints there were.
fn run(directory: &Path, size: &Size, backend: Backend) -> (BTreeMap<String, Vec<u8>>, u64) {
    let mut db: Db = Db::open_with(directory, &options(backend)).unwrap();
    let mut checkpoints = 0;
    for commit in 0..size.commits {
        let mut session = db.begin_write();
        for change in 0..size.changes {
            match mixed([3, commit, change]) % 5 {
                0 => session.delete(&key(commit, change)),
                _ => session.insert(key(commit, change), value(size, commit, change)).unwrap(),
            }
        }
        let parent = session.prepare().unwrap().into_overlay();
        let mut child = db.begin_write_with(&WriteOptions::new().on(&parent)).unwrap();
        child.insert(key(commit, 0), b"child").unwrap();
        let child = child.prepare().unwrap();
        db.prove(&key(commit, 1)).unwrap();
        parent.commit().unwrap();
        match commit % 3 {
            0 => drop(child.commit().unwrap()),
            _ => child.discard(),
        }
        match commit % 7 {
            2 => drop(db.rollback(1).unwrap()),
            4 => db.flush().unwrap(),
            5 => {
                checkpoints += db.stats().checkpoint_count;
                drop(parent);
                db.close().unwrap();
                db = Db::open_with(directory, &options(backend)).unwrap();
            }
            _ => {}
        }
    }
    checkpoints += db.stats().checkpoint_count;
    // Not closed, so that the log has records that no checkpoint has written.
    drop(db);
    let files = std::fs::read_dir(directory).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())
    });
    (files.collect(), checkpoints)
}

#[test]
fn the_same_calls_write_the_same_bytes() {
    for (number, size) in SIZES.iter().enumerate() {
        let runs = [Backend::Auto, Backend::Auto, Backend::Threads].map(|backend| {
            let directory = tempfile::tempdir().unwrap();
            run(directory.path(), size, backend)
        });
        let (first, checkpoints) = &runs[0];
        assert!(first.len() >= 4, "size {number}: {:?}", first.keys());
        assert!(number < 2 || *checkpoints > 3, "size {number}: {checkpoints} checkpoints");
        for (other, other_checkpoints) in &runs[1..] {
            assert_eq!(checkpoints, other_checkpoints, "size {number}");
            assert!(first.keys().eq(other.keys()), "{:?} and {:?}", first.keys(), other.keys());
            for (name, bytes) in first {
                let differs = bytes.iter().zip(&other[name]).position(|(one, two)| one != two);
                assert_eq!(
                    (bytes.len(), None),
                    (other[name].len(), differs),
                    "size {number}: {name}"
                );
            }
        }
    }
}

#[test]
fn another_seed_writes_other_bytes() {
    let files = [9, 10].map(|seed| {
        let directory = tempfile::tempdir().unwrap();
        drop(
            Db::<GrayPaper>::open_with(directory.path(), &Options::new().deterministic(seed))
                .unwrap(),
        );
        std::fs::read(directory.path().join("MANIFEST")).unwrap()
    });
    assert_ne!(files[0], files[1]);
}
