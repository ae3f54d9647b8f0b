//! Commits, rollbacks, overlays, checkpoints, readers and reopenings in any order leave a sound database.
//!
//! `BMT_STEPS` says how many steps a run has (300 unless told), `BMT_SEED` which ones.

use crate::random::{Random, from_environment};
use bmt_core::GrayPaper;
use bmt_io::{Directory, SimDisk};
use bmt_store::{Db, Options, Overlay, WriteOptions};
use std::sync::Arc;

#[track_caller]
fn assert_sound(db: &Db, when: &str) {
    let report = db.check(|_| {}).unwrap();
    assert!(report.is_clean(), "{when}: {:#?}", report.findings);
    assert_eq!(report.key_count, db.stats().key_count);
}

fn overlay(db: &Db, on: Option<&Overlay<GrayPaper>>, random: &mut Random) -> Overlay<GrayPaper> {
    let options = on.iter().fold(WriteOptions::new(), |options, overlay| options.on(overlay));
    let mut session = db.begin_write_with(&options).unwrap();
    for (key, value) in random.changes() {
        match value {
            Some(value) => session.insert(key, value).unwrap(),
            None => session.delete(&key),
        }
    }
    session.prepare().unwrap().into_overlay()
}

/// One step: a commit, a rollback, overlays of which some are committed, a checkpoint, a reader that stays.
fn step(db: &Db, random: &mut Random, readers: &mut Vec<bmt_store::ReadSession<GrayPaper>>) {
    match random.below(20) {
        0..10 => {
            for (key, value) in random.changes() {
                match value {
                    Some(value) => db.insert(key, value).unwrap(),
                    None => db.delete(&key).unwrap(),
                }
            }
            db.commit().unwrap();
        }
        10..12 => {
            let held = u64::try_from(db.stats().undoable_commits).unwrap();
            if held > 0 {
                let count = usize::try_from(1 + random.below(held.min(4))).unwrap();
                db.rollback(count).unwrap();
            }
        }
        12..15 => {
            let first = overlay(db, None, random);
            let fork = overlay(db, None, random);
            let second = overlay(db, Some(&first), random);
            drop(overlay(db, Some(&fork), random));
            if random.below(3) > 0 {
                first.commit().unwrap();
                assert!(fork.commit().is_err());
                if random.below(2) == 0 {
                    db.flush().unwrap();
                }
                second.commit().unwrap();
            }
        }
        15..17 => db.flush().unwrap(),
        17 => readers.push(db.begin_read()),
        18 => readers.clear(),
        _ => {
            let root = readers.first().map_or_else(|| db.root(), bmt_store::ReadSession::root);
            drop(db.begin_read_at(&root));
        }
    }
}

fn run(options: &Options, mut random: Random) {
    let directory: Arc<dyn Directory> = SimDisk::new(1).directory();
    let mut db = Db::open_in(Arc::clone(&directory), options).unwrap();
    let mut readers = Vec::new();
    for number in 0..from_environment("BMT_STEPS", 300) {
        step(&db, &mut random, &mut readers);
        match random.below(30) {
            0 => assert_sound(&db, &format!("after step {number}")),
            1 => {
                readers.clear();
                match random.below(2) {
                    0 => drop(db.close().unwrap()),
                    _ => drop(db),
                }
                db = Db::open_in(Arc::clone(&directory), options).unwrap();
                assert_sound(&db, &format!("opened after step {number}"));
            }
            _ => {}
        }
    }
    readers.clear();
    db.flush().unwrap();
    assert_sound(&db, "at the end");
}

#[test]
fn with_checkpoints_within_commits() {
    for seed in 0..3 {
        let seed = from_environment("BMT_SEED", seed);
        let options = Options::new().seed(seed).memory_bytes(1 << 20).slice_changes_min(50);
        run(&options.checkpoint_log_bytes(100_000).log_segment_bytes(1 << 16), Random(seed));
    }
}

#[test]
fn with_checkpoints_in_the_background() {
    for seed in 10..12 {
        let seed = from_environment("BMT_SEED", seed);
        let options = Options::new().threads(2).memory_bytes(2 << 20).slice_changes_min(50);
        run(&options.checkpoint_log_bytes(200_000).log_segment_bytes(1 << 17), Random(seed));
    }
}
