//! One turn: a process that loads a database, or commits random updates to one and reports.

use crate::store::Beatree;
use bmt_compare::engine::{Committed, Engine, Outcome, Setup};
use bmt_compare::engines::{lmdb, redb};
use bmt_compare::limit;
use bmt_compare::meter;
use bmt_compare::workload::{Batch, Dataset, Generator, Mix, Pick, load_batches};
use std::path::Path;
use std::time::{Duration, Instant};

/// Updates in a commit.
pub(crate) const BATCH_OPS: u64 = 25_000;
/// Entries in a commit of the load.
const LOAD_OPS: u64 = 250_000;

/// What a turn is about: its words on the command line, in this order.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    pub(crate) engine: String,
    pub(crate) dir: String,
    pub(crate) key_count: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) commits: u64,
    pub(crate) seconds: u64,
    pub(crate) seed: u64,
    /// The memory cgroup to join; empty if there is none.
    pub(crate) cgroup: String,
}

impl Turn {
    pub(crate) fn words(&self) -> Vec<String> {
        let numbers = [self.key_count, self.memory_bytes, self.commits, self.seconds, self.seed];
        let mut words = vec!["turn".to_owned(), self.engine.clone(), self.dir.clone()];
        words.extend(numbers.iter().map(u64::to_string));
        words.push(self.cgroup.clone());
        words
    }

    fn parse(words: &[String]) -> Outcome<Self> {
        let [engine, dir, numbers @ .., cgroup] = words else {
            return Err("words of a turn".into());
        };
        let numbers: Vec<u64> =
            numbers.iter().map(|word| word.parse()).collect::<Result<_, _>>()?;
        let [key_count, memory_bytes, commits, seconds, seed] = numbers[..] else {
            return Err("numbers of a turn".into());
        };
        let (engine, dir, cgroup) = (engine.clone(), dir.clone(), cgroup.clone());
        Ok(Self { engine, dir, key_count, memory_bytes, commits, seconds, seed, cgroup })
    }

    fn open(&self) -> Outcome<Box<dyn Engine>> {
        let setup = Setup {
            dir: Path::new(&self.dir),
            dataset: Dataset::plain(self.key_count),
            memory_bytes: self.memory_bytes,
            core_count: std::thread::available_parallelism()?.get(),
        };
        match self.engine.as_str() {
            "beatree" => Beatree::open(&setup),
            "redb" => redb::open(&setup),
            "lmdb" => lmdb::open(&setup),
            other => Err(format!("no engine {other}").into()),
        }
    }
}

/// `ordered turn ...`: loads if no commits are asked for, else measures. Prints one line of numbers:
/// operations per second with the flush, p50 and p99 of commits in ms, seconds of the flush, bytes
/// written per operation, peak resident MiB.
pub(crate) fn run(words: &[String]) -> Outcome<()> {
    let turn = Turn::parse(words)?;
    if !turn.cgroup.is_empty() {
        limit::join(Path::new(&turn.cgroup))?;
    }
    if turn.commits == 0 { load(&turn) } else { measure(&turn) }
}

fn load(turn: &Turn) -> Outcome<()> {
    let mut engine = turn.open()?;
    let mut result = Ok(Committed::default());
    load_batches(Dataset::plain(turn.key_count), LOAD_OPS, |batch| {
        if result.is_ok() {
            result = engine.commit(batch, false);
        }
    });
    result?;
    engine.flush()?;
    engine.close()
}

fn measure(turn: &Turn) -> Outcome<()> {
    let dir = Path::new(&turn.dir);
    meter::read_all(dir)?;
    let mut engine = turn.open()?;
    let dataset = Dataset::plain(turn.key_count);
    let mut generator = Generator::new(dataset, Mix::Updates, Pick::Uniform, BATCH_OPS, turn.seed);
    let mut batch = Batch::default();
    for _ in 0..5 {
        generator.next_into(&mut batch);
        engine.commit(&batch, false)?;
    }
    let written = meter::io_bytes().written;
    let (mut busy, mut latencies) = (Duration::ZERO, Vec::new());
    while (latencies.len() as u64) < turn.commits && busy.as_secs() < turn.seconds {
        generator.next_into(&mut batch);
        let begin = Instant::now();
        engine.commit(&batch, false)?;
        let took = begin.elapsed();
        busy += took;
        latencies.push(took.as_secs_f64() * 1e3);
    }
    let begin = Instant::now();
    engine.flush()?;
    let flush = begin.elapsed();
    let ops = (latencies.len() as u64 * BATCH_OPS) as f64;
    let written = (meter::io_bytes().written - written) as f64;
    latencies.sort_by(f64::total_cmp);
    let at = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
    println!(
        "{} {} {} {} {} {}",
        ops / (busy + flush).as_secs_f64(),
        at(50),
        at(99),
        flush.as_secs_f64(),
        written / ops,
        meter::peak_resident_bytes() as f64 / f64::from(1 << 20),
    );
    engine.close()
}
