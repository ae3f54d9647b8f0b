//! Suite `open`: how long opening takes, of a database that was closed and of one that was not, and how fast the
//! log is applied.

use super::Plan;
use super::report::Report;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt::{Db, Durability, Options, StateKey};
use std::path::Path;
use std::time::Instant;

/// Keys of the database whose log is applied.
const BASE_KEYS: usize = 1_000_000;
/// Keys of one that was closed, and of a larger one with `--full`.
const CLEAN_KEYS: [usize; 2] = [4_000_000, 10_000_000];
const VALUE_BYTES: usize = 32;
const SEED: u64 = 4;

/// Commits of so many changes, and how many of them.
const REPLAYS: [(usize, usize); 3] = [(1, 50_000), (1000, 500), (25_000, 20)];

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    for (changes, commits) in REPLAYS {
        let commits = plan.size(commits, (commits / 50).max(2));
        replay(plan, report, changes, commits)?;
    }
    let sizes = if plan.full { &CLEAN_KEYS[..] } else { &CLEAN_KEYS[..1] };
    for keys in sizes {
        clean(plan, report, plan.size(*keys, keys / 100))?;
    }
    Ok(())
}

/// No checkpoint on the way: every change is in the log alone.
fn options() -> Options {
    Options::new()
        .memory_bytes(2 << 30)
        .checkpoint_log_bytes(1 << 40)
        .durability(Durability::Eventual)
        .rollback_commits_max(0)
}

/// Opens a database that was not closed, one core at work.
fn replay(plan: &Plan, report: &mut Report, changes: usize, commits: usize) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(failed)?;
    let keys = load(directory.path(), plan.size(BASE_KEYS, BASE_KEYS / 50))?;
    let mut numbers = Numbers::new(SEED + 1);
    let db: Db = Db::open_with(directory.path(), &options()).map_err(failed)?;
    for _ in 0..commits {
        for _ in 0..changes {
            // One in ten is new.
            let number = numbers.next();
            let at = usize::try_from(number >> 8).unwrap_or_default() % keys.len();
            let key = if number.is_multiple_of(10) { numbers.key() } else { keys[at] };
            db.insert(key, number.to_le_bytes().repeat(VALUE_BYTES / 8)).map_err(failed)?;
        }
        db.commit().map_err(failed)?;
    }
    let root = db.root();
    drop(db);
    let (mut open_ms, mut rates, mut cpu_rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..plan.size(7, 2) {
        let (begin, cpu_before) = (Instant::now(), cpu_seconds());
        let db: Db = Db::open_with(directory.path(), &options().threads(1)).map_err(failed)?;
        open_ms.push(begin.elapsed().as_secs_f64() * 1e3);
        let cpu = cpu_seconds().zip(cpu_before).map(|(after, before)| after - before);
        cpu_rates.extend(cpu.map(|cpu| (commits * changes) as f64 / cpu));
        let recovery = db.stats().recovery;
        if db.root() != root || recovery.replayed_steps != commits as u64 {
            return Err(failed("the reopened database is another one"));
        }
        rates.push((commits * changes) as f64 / recovery.replay_time.as_secs_f64());
    }
    report.figure(&format!("replay_of_{changes}"), &series(rates)?, "changes/s");
    if !cpu_rates.is_empty() {
        let name = format!("open_with_replay_of_{changes}");
        report.figure(&name, &series(cpu_rates)?, "changes/CPU-s");
    }
    report.figure(&format!("open_{commits}_commits_of_{changes}"), &series(open_ms)?, "ms");
    Ok(())
}

/// Opens a database that was closed.
fn clean(plan: &Plan, report: &mut Report, keys: usize) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(failed)?;
    load(directory.path(), keys)?;
    let mut open_ms = Vec::new();
    for _ in 0..plan.rounds() {
        let begin = Instant::now();
        let db = Db::open(directory.path()).map_err(failed)?;
        open_ms.push(begin.elapsed().as_secs_f64() * 1e3);
        db.close().map_err(failed)?;
    }
    report.figure(&format!("open_clean_{keys}_keys"), &series(open_ms)?, "ms");
    Ok(())
}

/// Makes a database of random keys, and closes it.
fn load(path: &Path, count: usize) -> Result<Vec<StateKey>, Failure> {
    let mut numbers = Numbers::new(SEED);
    let mut keys: Vec<StateKey> = (0..count).map(|_| numbers.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    let db: Db = Db::open_with(path, &options()).map_err(failed)?;
    db.bulk_load(keys.iter().map(|key| (*key, [7; VALUE_BYTES]))).map_err(failed)?;
    db.close().map_err(failed)?;
    Ok(keys)
}

/// Processor time of this thread, where the system tells: what a busy machine does not change.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanos: f64 = text.split(' ').next()?.parse().ok()?;
    Some(nanos / 1e9)
}

fn series(values: Vec<f64>) -> Result<Series, Failure> {
    Series::new(values).ok_or_else(|| failed("no measurement"))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::of("open", error)
}
