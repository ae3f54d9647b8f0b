//! Suites `readers` and `memory`: what readers cost commits, and whether memory and pauses stay within their limits.

use super::Plan;
use super::report::Report;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt::{Db, GrayPaper, Options, ReadError, ReadSession, StateKey};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const THREADS: u64 = 8;
/// Gets a second of all threads together.
const GETS_PER_SECOND: u64 = 50_000;
/// Gets after which a reader looks at the clock.
const GETS_AT_ONCE: u64 = 50;
const CHANGES: usize = 1000;
const MEMORY_BYTES: u64 = 256 << 20;
const VALUE_BYTES: usize = 32;

/// Commits in turn without readers and with eight of them, whose every value is compared.
pub(super) fn readers(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(failed)?;
    let options = Options::new().memory_bytes(MEMORY_BYTES).checkpoint_log_bytes(16 << 20);
    let db: Db = Db::open_with(directory.path(), &options).map_err(failed)?;
    let keys = load(&db, plan.size(200_000, 20_000))?;
    let rounds = plan.size(6, 2);
    let total = plan.seconds.unwrap_or(plan.size(60, 4) as u64);
    let length = Duration::from_secs(total) / u32::try_from(rounds).unwrap_or(1);
    let mut numbers = Numbers::new(7);
    let (mut alone, mut among) = (Vec::new(), Vec::new());
    let gets = AtomicU64::new(0);
    for _ in 0..rounds {
        alone.push(Round::of(commit_for(&db, &keys, &mut numbers, length / 2)?));
        let stop = AtomicBool::new(false);
        let made = std::thread::scope(|scope| {
            let readers: Vec<_> = (0..THREADS)
                .map(|at| {
                    let reader = Reader { db: &db, keys: &keys, stop: &stop, gets: &gets };
                    scope.spawn(move || reader.run(at))
                })
                .collect();
            let made = commit_for(&db, &keys, &mut numbers, length);
            stop.store(true, Ordering::Relaxed);
            let wrong = readers.into_iter().filter_map(|reader| reader.join().ok()?.err()).next();
            wrong.map_or(made, Err)
        })?;
        among.push(Round::of(made));
    }
    let seconds = length.as_secs_f64() * rounds as f64;
    report.figure("gets", &one(gets.into_inner() as f64 / seconds)?, "gets/s");
    report.figure("checkpoints", &one(db.stats().checkpoint_count as f64)?, "checkpoints");
    for (name, of) in [("p50", Round::p50 as fn(&Round) -> f64), ("p99", Round::p99)] {
        report.figure(&format!("commit_{name}_alone"), &series(&alone, of)?, "ms");
        report.figure(&format!("commit_{name}_with_readers"), &series(&among, of)?, "ms");
        let pairs = alone.iter().zip(&among).map(|(alone, among)| of(among) / of(alone));
        let ratios = Series::new(pairs.collect()).ok_or_else(|| failed("no rounds"))?;
        report.figure(&format!("commit_{name}_with_readers_by_alone"), &ratios, "times");
    }
    Ok(())
}

/// A random load: the peak of memory beside its limit, and the longest commit.
pub(super) fn memory(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let directory = tempfile::tempdir().map_err(failed)?;
    let options = Options::new().memory_bytes(MEMORY_BYTES);
    let db: Db = Db::open_with(directory.path(), &options).map_err(failed)?;
    let keys = load(&db, plan.size(2_000_000, 100_000))?;
    // The keys are ours, and loading is not the load.
    let own_bytes = keys.len() * size_of::<StateKey>();
    reset_peak();
    let mut numbers = Numbers::new(8);
    let length = Duration::from_secs(plan.seconds.unwrap_or(plan.size(600, 3) as u64));
    let round = Round::of(commit_for(&db, &keys, &mut numbers, length)?);
    report.figure("commit_p50", &one(round.p50())?, "ms");
    report.figure("commit_p99", &one(round.p99())?, "ms");
    report.figure("commit_longest", &one(round.longest())?, "ms");
    if let Some(peak) = peak_bytes() {
        let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
        let over = mib(peak) - mib(own_bytes) - (MEMORY_BYTES >> 20) as f64;
        report.figure("peak_memory", &one(mib(peak) - mib(own_bytes))?, "MiB");
        report.figure("peak_memory_over_the_limit", &one(over)?, "MiB");
    }
    Ok(())
}

/// A thread that reads at its share of the rate.
struct Reader<'a> {
    db: &'a Db,
    keys: &'a [StateKey],
    stop: &'a AtomicBool,
    gets: &'a AtomicU64,
}

impl Reader<'_> {
    fn run(&self, at: u64) -> Result<(), Failure> {
        let mut numbers = Numbers::new(100 + at);
        let pause = Duration::from_secs(GETS_AT_ONCE * THREADS)
            / u32::try_from(GETS_PER_SECOND).unwrap_or(1);
        let mut pinned = self.db.begin_read();
        let mut next = Instant::now();
        for turn in 1_u64.. {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            if turn.is_multiple_of(500) {
                pinned = self.db.begin_read();
            }
            let fresh = self.db.begin_read();
            let session = if turn.is_multiple_of(2) { &pinned } else { &fresh };
            match self.look(session, &mut numbers) {
                Err(Looked::Expired) => pinned = self.db.begin_read(),
                Err(Looked::Wrong(error)) => return Err(error),
                Ok(()) => {}
            }
            self.gets.fetch_add(GETS_AT_ONCE, Ordering::Relaxed);
            next += pause;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }

    /// A value says which commit wrote it, and of which key: no commit after the session's.
    fn look(&self, session: &ReadSession<GrayPaper>, numbers: &mut Numbers) -> Result<(), Looked> {
        let sequence = session.sequence().unwrap_or_default();
        for _ in 0..GETS_AT_ONCE {
            // The same few keys again and again: they are in memory.
            let at = index(numbers.next(), self.keys.len().min(20_000));
            let value = session.get(&self.keys[at]).map_err(|error| match error {
                ReadError::SnapshotExpired => Looked::Expired,
                other => Looked::Wrong(failed(other)),
            })?;
            let wrong =
                |what: &str| Looked::Wrong(failed(format!("key {at} at {sequence}: {what}")));
            let value = value.ok_or_else(|| wrong("absent"))?;
            let part =
                |from: usize| value.get(from..from + 8).and_then(|part| part.try_into().ok());
            let (Some(writer), Some(key)) = (part(0), part(8)) else { return Err(wrong("short")) };
            if u64::from_le_bytes(writer) > sequence || u64::from_le_bytes(key) != at as u64 {
                return Err(wrong("another value"));
            }
        }
        Ok(())
    }
}

enum Looked {
    Expired,
    Wrong(Failure),
}

/// How long commits took, in milliseconds, ascending.
struct Round(Vec<f64>);

impl Round {
    fn of(mut millis: Vec<f64>) -> Self {
        millis.sort_by(f64::total_cmp);
        Self(millis)
    }

    fn at(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        self.0.get(last * percent / 100).copied().unwrap_or_default()
    }

    fn p50(&self) -> f64 {
        self.at(50)
    }

    fn p99(&self) -> f64 {
        self.at(99)
    }

    fn longest(&self) -> f64 {
        self.at(100)
    }
}

fn commit_for(
    db: &Db,
    keys: &[StateKey],
    numbers: &mut Numbers,
    length: Duration,
) -> Result<Vec<f64>, Failure> {
    let (end, mut millis) = (Instant::now() + length, Vec::new());
    while Instant::now() < end {
        let sequence = db.sequence() + 1;
        for _ in 0..CHANGES {
            let at = index(numbers.next(), keys.len());
            db.insert(keys[at], value(sequence, at)).map_err(failed)?;
        }
        let begin = Instant::now();
        db.commit().map_err(failed)?;
        millis.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    Ok(millis)
}

/// Which commit wrote it, and of which key.
fn value(sequence: u64, at: usize) -> [u8; VALUE_BYTES] {
    let mut value = [0; VALUE_BYTES];
    value[..8].copy_from_slice(&sequence.to_le_bytes());
    value[8..16].copy_from_slice(&(at as u64).to_le_bytes());
    value
}

fn load(db: &Db, count: usize) -> Result<Vec<StateKey>, Failure> {
    let mut numbers = Numbers::new(6);
    let mut keys: Vec<StateKey> = (0..count).map(|_| numbers.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    let entries = keys.iter().enumerate().map(|(at, key)| (*key, value(0, at)));
    db.bulk_load(entries).map_err(failed)?;
    Ok(keys)
}

fn index(number: u64, count: usize) -> usize {
    usize::try_from(number >> 16).unwrap_or_default() % count
}

/// The most memory that the process had at once, where the system tells.
fn peak_bytes() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: usize = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib << 10)
}

/// Starts to look for the peak anew, where the system lets us.
fn reset_peak() {
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

fn one(value: f64) -> Result<Series, Failure> {
    Series::new(vec![value]).ok_or_else(|| failed("no number"))
}

fn series(rounds: &[Round], of: fn(&Round) -> f64) -> Result<Series, Failure> {
    Series::new(rounds.iter().map(of).collect()).ok_or_else(|| failed("no rounds"))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::of("readers", error)
}
