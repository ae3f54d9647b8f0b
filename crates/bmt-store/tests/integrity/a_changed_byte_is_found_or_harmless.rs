//! A byte that changes in a file of a closed database is found by opening or by the check, or does no harm.
//!
//! `BMT_FLIPS` says how many bytes are tried (250 unless told), `BMT_SEED` which ones.

use crate::random::{Random, from_environment};
use bmt_core::{Hash, StateKey};
use bmt_io::{Directory, SimDisk};
use bmt_store::{CheckError, Db, InspectOptions, OpenError, Options, ReadError, inspect};
use std::collections::BTreeMap;
use std::sync::Arc;

type Files = Vec<(String, Vec<u8>)>;
type State = BTreeMap<StateKey, Vec<u8>>;

fn options() -> Options {
    Options::new().seed(3).log_segment_bytes(1 << 18)
}

/// The files of a closed database, its state and its root.
fn closed() -> (Files, State, Hash) {
    let directory: Arc<dyn Directory> = SimDisk::new(1).directory();
    let db: Db = Db::open_in(Arc::clone(&directory), &options()).unwrap();
    let (mut random, mut state) = (Random(5), State::new());
    for round in 0..12 {
        for (key, value) in random.changes() {
            match value {
                Some(value) => {
                    db.insert(key, &value).unwrap();
                    state.insert(key, value);
                }
                None => {
                    db.delete(&key).unwrap();
                    state.remove(&key);
                }
            }
        }
        db.commit().unwrap();
        if round % 3 == 0 {
            db.flush().unwrap();
        }
    }
    let root = db.root();
    db.close().unwrap();
    let read = |name: String| {
        let file = directory.open(&name).unwrap();
        let mut bytes = vec![0; usize::try_from(file.len_bytes().unwrap()).unwrap()];
        file.read_exact_at(&mut bytes, 0).unwrap();
        (name, bytes)
    };
    (directory.entries().unwrap().into_iter().map(read).collect(), state, root)
}

fn directory_of(files: &Files) -> Arc<dyn Directory> {
    let directory: Arc<dyn Directory> = SimDisk::new(1).directory();
    for (name, bytes) in files {
        directory.create(name).unwrap().write_all_at(bytes, 0).unwrap();
    }
    directory
}

/// A byte of some file: one that is not zero, more often than not.
fn place(files: &Files, random: &mut Random) -> (usize, usize) {
    let mut pick =
        |count: usize| usize::try_from(random.below(u64::try_from(count).unwrap())).unwrap();
    let file = pick(files.len());
    let bytes = &files[file].1;
    let written: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at] != 0).collect();
    match pick(4) {
        0 => (file, pick(bytes.len())),
        _ if written.is_empty() => (file, pick(bytes.len())),
        _ => (file, written[pick(written.len())]),
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    NotOpened,
    Found,
    Harmless,
}

/// Opens and checks; what was not found must not matter.
fn outcome(directory: Arc<dyn Directory>, state: &State, root: Hash, what: &str) -> Outcome {
    let db: Db = match Db::open_in(directory, &options()) {
        Ok(db) => db,
        Err(OpenError::Io(error)) => panic!("{what}: {error}"),
        Err(_) => return Outcome::NotOpened,
    };
    assert_eq!(db.root(), root, "{what}");
    match db.check(|_| {}) {
        Ok(report) if !report.is_clean() => return Outcome::Found,
        Ok(_) => {}
        Err(CheckError::Read(ReadError::Corruption(_))) => return Outcome::Found,
        Err(error) => panic!("{what}: {error}"),
    }
    let entries = db.range(..).unwrap().map(|entry| entry.unwrap());
    let found: State = entries.map(|(key, value)| (key, value.to_vec())).collect();
    assert!(found == *state, "{what}: other entries, and nothing was found");
    Outcome::Harmless
}

#[test]
fn of_any_file() {
    let (files, state, root) = closed();
    let whole = outcome(directory_of(&files), &state, root, "nothing changed");
    assert_eq!(whole, Outcome::Harmless);
    let mut random = Random(from_environment("BMT_SEED", 11));
    let mut counts: BTreeMap<Outcome, u32> = BTreeMap::new();
    for _ in 0..from_environment("BMT_FLIPS", 250) {
        let (file, at) = place(&files, &mut random);
        let bit = 1 << random.below(8);
        let mut changed = files.clone();
        changed[file].1[at] ^= bit;
        let what = format!("bit {bit:#x} of byte {at} of {}", files[file].0);
        let directory = directory_of(&changed);
        let all = InspectOptions::new().records(true).pages(true);
        inspect(&directory, all, |_| {}).unwrap();
        *counts.entry(outcome(directory, &state, root, &what)).or_default() += 1;
    }
    // None of the three is an empty case.
    assert_eq!(counts.len(), 3, "{counts:?}");
}
