//! The timed run of commits: warm up, commit, flush, close, open again, verify.

use super::latency::Latencies;
use super::span::Span;
use super::{setup, verify};
use crate::engine::{self, Engine, Outcome, Reader};
use crate::job::{Costs, Job, Report, Stream, Violation};
use crate::meter::syncs::Syncs;
use crate::meter::{self, Device};
use crate::workload::{Batch, Dataset, Generator, Random};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Reads per second of each reader thread.
const READER_PACE: f64 = 1_000.0;
/// A root is kept after every so many commits.
const ROOT_EVERY: u64 = 10;
/// How many times longer than asked a run may go on for the sake of [`Stream::checkpoints_min`].
const OVERTIME: f64 = 3.0;

pub(super) fn generator(job: &Job, stream: &Stream) -> Generator {
    Generator::new(job.dataset, stream.mix, stream.pick, stream.batch_ops, job.seed)
}

/// Commits of the timed phase and what was seen in them.
struct Run {
    latencies: Latencies,
    costs: Costs,
    generator_cpu: Duration,
    undurable: u64,
    not_found: u64,
    witness_bytes: u64,
    roots: Vec<(u64, String)>,
}

pub(super) fn timed(job: &Job, stream: &Stream) -> Outcome<Report> {
    meter::read_all(&job.dir)?;
    let setup = setup(job);
    let mut engine = engine::open(job.engine, &setup)?;
    let mut generator = generator(job, stream);
    let mut batch = Batch::default();
    let mut witnessed = false;
    for _ in 0..stream.warm_commits {
        generator.next_into(&mut batch);
        witnessed = engine.commit(&batch, stream.witness)?.witness_bytes.is_some();
    }
    let readers = Readers::start(engine.as_ref(), stream.reader_count, job.dataset);
    if stream.witness && !witnessed || stream.reader_count > 0 && readers.is_none() {
        let notes = engine.why_unsupported().to_owned();
        engine.close()?;
        return Ok(Report { unsupported: true, notes, ..Report::default() });
    }
    let span = Span::begin(&job.dir);
    let mut run = commit_all(job, stream, engine.as_mut(), &mut generator)?;
    let flushing = Instant::now();
    let written = meter::io_bytes().written;
    engine.flush()?;
    let flush = flushing.elapsed();
    run.latencies.fill(&mut run.costs);
    run.costs.flush_s = flush.as_secs_f64();
    run.costs.flush_written_bytes = meter::io_bytes().written - written;
    run.costs.wall_s += flush.as_secs_f64();
    span.end(&mut run.costs, run.generator_cpu);
    if let Some(readers) = readers {
        readers.stop(&mut run.costs, run.latencies.sum())?;
    }
    run.costs.disk_bytes = meter::allocated_bytes(&job.dir)?;
    run.costs.key_count = generator.live_count();
    let notes = engine.notes();
    engine.close()?;

    let commit_count = stream.warm_commits + run.costs.commit_count;
    let mut violations = run.violations();
    violations.extend(verify::reopened(job, stream, commit_count)?);
    if stream.witness {
        run.costs.witness_bytes = Some(run.witness_bytes / run.costs.commit_count);
    }
    Ok(Report { costs: run.costs, violations, notes, roots: run.roots, unsupported: false })
}

fn commit_all(
    job: &Job,
    stream: &Stream,
    engine: &mut dyn Engine,
    generator: &mut Generator,
) -> Outcome<Run> {
    let device = Device::of(&job.dir).filter(|_| engine.syncs_through_ring());
    let checkpoints = engine.checkpoint_count();
    let mut batch = Batch::default();
    let mut run = Run::new();
    let begin = Instant::now();
    loop {
        let before = meter::thread_cpu();
        generator.next_into(&mut batch);
        run.generator_cpu += meter::thread_cpu() - before;

        let durable = (Syncs::now(), device.as_ref().and_then(Device::flushes));
        let start = Instant::now();
        let done = engine.commit(&batch, stream.witness)?;
        run.latencies.add(start.elapsed());
        let synced = Syncs::now() != durable.0
            || device.as_ref().is_some_and(|device| device.flushes() != durable.1);

        run.undurable += u64::from(!synced);
        run.not_found += batch.read_count() - done.found_count;
        run.witness_bytes += done.witness_bytes.unwrap_or(0);
        run.costs.op_count += batch.len() as u64;
        run.costs.commit_count += 1;
        let number = stream.warm_commits + run.costs.commit_count;
        if number.is_multiple_of(ROOT_EVERY)
            && let Some(root) = engine.root().filter(|_| job.engine.scheme().is_some())
        {
            run.roots.push((number, verify::hex(&root)));
        }
        let seconds = begin.elapsed().as_secs_f64();
        let made = engine.checkpoint_count().zip(checkpoints).map(|(now, then)| now - then);
        run.costs.checkpoint_count = made;
        let long_enough =
            run.costs.commit_count >= stream.commits_max || seconds >= stream.seconds_max;
        let spanned = made.is_none_or(|made| made >= stream.checkpoints_min);
        if long_enough && (spanned || seconds >= OVERTIME * stream.seconds_max) {
            return Ok(run);
        }
    }
}

impl Run {
    fn new() -> Self {
        Self {
            latencies: Latencies::new(),
            costs: Costs::default(),
            generator_cpu: Duration::ZERO,
            undurable: 0,
            not_found: 0,
            witness_bytes: 0,
            roots: Vec::new(),
        }
    }

    fn violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        if self.undurable > 0 {
            let of = self.costs.commit_count;
            violations.push(Violation::NotDurable { commit_count: self.undurable, of });
        }
        if self.not_found > 0 {
            violations.push(Violation::ReadsNotFound { count: self.not_found });
        }
        violations
    }
}

/// Commits the warm-up and the timed commits, then dies as a process does under `kill -9`.
pub(super) fn then_die(job: &Job, stream: &Stream) -> Outcome<Report> {
    let mut engine = engine::open(job.engine, &setup(job))?;
    let mut generator = generator(job, stream);
    let mut batch = Batch::default();
    for _ in 0..stream.warm_commits + stream.commits_max {
        generator.next_into(&mut batch);
        engine.commit(&batch, false)?;
    }
    // SAFETY: sending a signal to oneself touches no memory.
    let code = unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    Err(format!("the process outlived its own SIGKILL, which returned {code}").into())
}

/// Threads that read at a fixed pace while commits go on.
struct Readers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<Latencies, String>>>,
}

impl Readers {
    /// Starts them; `None` if none are asked for or the engine has no concurrent readers.
    fn start(engine: &dyn Engine, count: usize, dataset: Dataset) -> Option<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let handles: Option<Vec<_>> = (0..count).map(|_| engine.reader()).collect();
        let handles = handles.filter(|handles| !handles.is_empty())?;
        let threads = handles
            .into_iter()
            .zip(0u64..)
            .map(|(mut reader, seed)| {
                let stop = Arc::clone(&stop);
                std::thread::spawn(move || read_paced(reader.as_mut(), dataset, seed, &stop))
            })
            .collect();
        Some(Self { stop, threads })
    }

    fn stop(self, costs: &mut Costs, elapsed: Duration) -> Outcome<()> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Latencies::new();
        let mut count = 0u64;
        for thread in self.threads {
            let latencies = thread.join().map_err(|_| "a reader panicked")??;
            count += latencies.count();
            all.merge(&latencies);
        }
        costs.reader_gets_per_s = Some(count as f64 / elapsed.as_secs_f64());
        costs.reader_p99_us = Some(all.quantile_us(0.99));
        Ok(())
    }
}

/// Reads keys of the newest loaded quarter, which no run is long enough to delete. A latency
/// counts from when the read was due, so that a stall delays all reads behind it.
fn read_paced(
    reader: &mut dyn Reader,
    dataset: Dataset,
    seed: u64,
    stop: &AtomicBool,
) -> Result<Latencies, String> {
    let mut random = Random::new(seed);
    let mut latencies = Latencies::new();
    let begin = Instant::now();
    for at in 0u64.. {
        let due = begin + Duration::from_secs_f64(at as f64 / READER_PACE);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let number = dataset.key_count - 1 - random.below(dataset.key_count / 4);
        let value = reader.get(&dataset.keys.key(number)).map_err(|error| error.to_string())?;
        if value.is_none() {
            return Err(format!("a reader did not find key {number}"));
        }
        latencies.add(due.elapsed());
    }
    Ok(latencies)
}
