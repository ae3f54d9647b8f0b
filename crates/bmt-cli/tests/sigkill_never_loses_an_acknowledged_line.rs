//! `bmt apply` is killed at random moments: what it had acknowledged is there, nothing is there in
//! part, and the rest of the file can be applied.
//!
//! `BMT_KILLS` says how often it is killed (20 unless told; 200 before a release), `BMT_SEED` at
//! which moments.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "cli/chain_file.rs"]
mod chain_file;
#[path = "cli/random.rs"]
mod random;

use bmt::{Db, StateKey};
use chain_file::{ChainFile, generate};
use random::Random;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

fn apply(database: &Path, file: &Path, after: usize) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bmt"));
    command.arg("apply").arg("--db").arg(database).arg(file);
    if after > 1 {
        command.arg("--after").arg(after.to_string());
    }
    command
}

/// Starts to apply the file after line `after`, kills the process after `delay`, and returns what it
/// had acknowledged: everything that can be read from the pipe.
fn killed(database: &Path, file: &Path, after: usize, delay: Duration) -> String {
    let mut child = apply(database, file, after).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut acknowledged = String::new();
    child.stdout.take().unwrap().read_to_string(&mut acknowledged).unwrap();
    acknowledged
}

/// The newest line that is in the database, 1 if there is none. Its state must be that line's.
fn newest_line(database: &Path, chain: &ChainFile) -> usize {
    let db = Db::open(database).unwrap();
    let count = usize::try_from(db.sequence()).unwrap();
    let found: Vec<(StateKey, Vec<u8>)> = (db.range(..).unwrap())
        .map(|entry| entry.map(|(key, value)| (key, value.to_vec())).unwrap())
        .collect();
    match count.checked_sub(1) {
        Some(at) => {
            assert_eq!(hex::encode(db.root()), chain.root(at), "root after line {}", at + 2);
            assert!(found.iter().map(|(key, value)| (key, value)).eq(&chain.states[at]));
        }
        None => assert!(found.is_empty()),
    }
    count + 1
}

#[test]
fn the_database_is_at_the_last_acknowledged_line_or_the_one_under_way() {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let (kills, seed) = (from_environment("BMT_KILLS", 20), from_environment("BMT_SEED", now));
    eprintln!("BMT_KILLS={kills} BMT_SEED={seed}");
    let mut random = Random::new(seed);
    let chain = generate(100, 6);
    let all = chain.acknowledgements();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chain.jsonl");
    std::fs::write(&file, &chain.text).unwrap();

    let begin = Instant::now();
    let whole = apply(&folder.path().join("whole"), &file, 1).output().unwrap();
    let duration = begin.elapsed();
    assert_eq!(String::from_utf8(whole.stdout).unwrap(), all);

    let mut killed_within = 0;
    for round in 0..kills.div_ceil(2) {
        let database = folder.path().join(round.to_string());
        let mut newest = 1;
        // Two kills a database: the second time it is killed while going on.
        for _ in 0..2 {
            let limit = usize::try_from(duration.as_micros()).unwrap();
            let delay = Duration::from_micros(random.below(limit) as u64);
            let acknowledged = killed(&database, &file, newest, delay);
            let expected: Vec<_> = all.lines().skip(newest - 1).collect();
            let count = acknowledged.matches('\n').count();
            assert!(acknowledged.lines().eq(expected[..count].iter().copied()));
            let last_acknowledged = newest + count;
            let found = newest_line(&database, &chain);
            assert!(
                (last_acknowledged..=last_acknowledged + 1).contains(&found),
                "line {last_acknowledged} was acknowledged, the database is at line {found}"
            );
            killed_within += usize::from(1 < found && found <= chain.states.len());
            newest = found;
        }
        let rest = apply(&database, &file, newest).output().unwrap();
        assert!(rest.status.success(), "{}", String::from_utf8_lossy(&rest.stderr));
        let expected: Vec<_> = all.lines().skip(newest - 1).collect();
        assert!(String::from_utf8(rest.stdout).unwrap().lines().eq(expected));
        assert_eq!(newest_line(&database, &chain), chain.states.len() + 1);
        std::fs::remove_dir_all(&database).unwrap();
    }
    assert!(killed_within > 0 || kills < 10, "no kill met a run between two lines");
}
