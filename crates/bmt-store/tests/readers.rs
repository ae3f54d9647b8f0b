//! Eight threads read on real files, on fresh versions and on held ones, while commits and checkpoints go on:
//! every version shows its own commit, whole.
//!
//! `BMT_READ_SECONDS` says for how long (3 unless told).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

use bmt_core::{GrayPaper, StateKey};
use bmt_store::{Db, Options, ReadError, ReadSession};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const KEY_COUNT: u64 = 4_000;
const CHANGES: u64 = 400;

fn key(index: u64) -> StateKey {
    StateKey::service_storage(8, &index.to_le_bytes())
}

/// The keys that a commit changes: each key in one commit of ten.
fn round_of(index: u64) -> u64 {
    index % (KEY_COUNT / CHANGES)
}

/// The commit that set a key last, as a version of commit `sequence` shows it. The first sets all.
fn setter(index: u64, sequence: u64) -> u64 {
    let rounds = KEY_COUNT / CHANGES;
    let newest = sequence.saturating_sub((sequence + rounds - round_of(index)) % rounds);
    newest.max(1)
}

fn value(index: u64, setter: u64) -> Vec<u8> {
    let length = 2 + usize::try_from(index % 11).unwrap() * 7;
    [setter, index].map(u64::to_le_bytes).concat().repeat(length)
}

/// A few entries, a stretch of them, and a proof.
fn look(session: &ReadSession<GrayPaper>, random: &mut u64) -> Result<u64, ReadError> {
    let mut next = || {
        *random = random.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        *random >> 33
    };
    let sequence = session.sequence().unwrap();
    for _ in 0..20 {
        let index = next() % KEY_COUNT;
        let found = session.get(&key(index))?.unwrap();
        assert!(found == value(index, setter(index, sequence)), "key {index} at {sequence}");
    }
    let index = next() % KEY_COUNT;
    let proof = session.prove(&key(index))?;
    let expected = value(index, setter(index, sequence));
    proof.verify_present(&session.root(), &key(index), &expected).unwrap();
    if next() % 16 == 0 {
        let mut count = 0;
        for entry in session.range(..)? {
            let (_, value) = entry?;
            let [setter_of_it, index] =
                [0, 8].map(|at| u64::from_le_bytes(value[at..at + 8].try_into().unwrap()));
            assert_eq!(setter_of_it, setter(index, sequence), "key {index} at {sequence}");
            count += 1;
        }
        assert_eq!(count, KEY_COUNT);
        return Ok(21 + KEY_COUNT);
    }
    Ok(21)
}

fn read_until(db: &Db, stop: &AtomicBool, thread: u64) -> u64 {
    let mut random = thread;
    let mut reads = 0;
    let mut held = db.begin_read();
    let mut round = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        round += 1;
        if round.is_multiple_of(40 + thread) {
            held = db.begin_read();
        }
        let fresh = db.begin_read();
        for is_held in [false, true] {
            match look(if is_held { &held } else { &fresh }, &mut random) {
                Ok(count) => reads += count,
                Err(ReadError::SnapshotExpired) if is_held => held = db.begin_read(),
                Err(ReadError::SnapshotExpired) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    reads
}

#[test]
fn every_version_shows_its_own_commit() {
    let seconds = std::env::var("BMT_READ_SECONDS").map_or(3, |text| text.parse().unwrap());
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new()
        .memory_bytes(4 << 20)
        .checkpoint_log_bytes(1 << 20)
        .slice_changes_min(200)
        .log_segment_bytes(256 << 10)
        .held_bytes_max(16 << 20)
        .rollback_commits_max(8);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    for index in 0..KEY_COUNT {
        db.insert(key(index), value(index, 1)).unwrap();
    }
    db.commit().unwrap();
    let (stop, reads) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (db, stop, reads) = (&db, &stop, &reads);
            scope.spawn(move || {
                let count = read_until(db, stop, thread);
                reads.fetch_add(count, Ordering::Relaxed);
            });
        }
        let end = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < end {
            let sequence = db.sequence() + 1;
            let rounds = KEY_COUNT / CHANGES;
            for index in (0..KEY_COUNT).filter(|index| round_of(*index) == sequence % rounds) {
                db.insert(key(index), value(index, sequence)).unwrap();
            }
            db.commit().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
    });
    let stats = db.stats();
    assert!(stats.checkpoint_count > 1, "checkpoints went on: {}", stats.checkpoint_count);
    assert!(reads.load(Ordering::Relaxed) > 1000, "readers came to read");
    let (sequence, root) = (db.sequence(), db.root());
    db.close().unwrap();
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    assert_eq!((db.sequence(), db.root()), (sequence, root));
    look(&db.begin_read(), &mut 1).unwrap();
    assert!(db.check(|_| {}).unwrap().is_clean());
}
