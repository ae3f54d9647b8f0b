//! Timed reads and proofs of random present keys of a database that is only read.

use super::latency::Latencies;
use super::setup;
use super::span::Span;
use crate::engine::{self, Outcome};
use crate::job::{Costs, Job, Report, Violation};
use crate::meter;
use crate::workload::{Key, Random};
use std::time::{Duration, Instant};

/// Reads before the timed ones, where they are to be warm.
const WARM_READS: u64 = 200_000;
/// Proofs asked for at once: a session's worth.
const PROOF_BATCH: usize = 1_000;

pub(super) fn gets(job: &Job, cold: bool, batch_keys: usize, seconds: f64) -> Outcome<Report> {
    match cold {
        true => meter::drop_cached(&job.dir)?,
        false => meter::read_all(&job.dir)?,
    }
    let mut engine = engine::open(job.engine, &setup(job))?;
    let mut random = Random::new(job.seed);
    if !cold {
        for _ in 0..WARM_READS {
            engine.get(&present_key(job, &mut random))?;
        }
    }
    let mut latencies = Latencies::new();
    let mut costs = Costs::default();
    let mut not_found = 0;
    let mut generator_cpu = Duration::ZERO;
    let mut keys = Vec::new();
    let span = Span::begin(&job.dir);
    let begin = Instant::now();
    while begin.elapsed().as_secs_f64() < seconds {
        let before = meter::thread_cpu();
        // Single reads take a stretch of keys too: asking the clock costs as much as a read.
        keys.clear();
        keys.extend((0..batch_keys.max(64)).map(|_| present_key(job, &mut random)));
        generator_cpu += meter::thread_cpu() - before;
        if batch_keys > 1 {
            let start = Instant::now();
            let values = engine.get_many(&keys)?;
            latencies.add(start.elapsed());
            not_found += values.iter().filter(|value| value.is_none()).count() as u64;
        } else {
            for key in &keys {
                let start = Instant::now();
                let value = engine.get(key)?;
                latencies.add(start.elapsed());
                not_found += u64::from(value.is_none());
            }
        }
        costs.op_count += keys.len() as u64;
    }
    latencies.fill(&mut costs);
    span.end(&mut costs, generator_cpu);
    costs.key_count = job.dataset.key_count;
    costs.disk_bytes = meter::allocated_bytes(&job.dir)?;
    let notes = engine.notes();
    engine.close()?;
    let violations = match not_found {
        0 => Vec::new(),
        count => vec![Violation::ReadsNotFound { count }],
    };
    Ok(Report { costs, violations, notes, ..Report::default() })
}

pub(super) fn proofs(job: &Job, seconds: f64) -> Outcome<Report> {
    meter::read_all(&job.dir)?;
    let mut engine = engine::open(job.engine, &setup(job))?;
    let mut random = Random::new(job.seed);
    let mut latencies = Latencies::new();
    let mut costs = Costs::default();
    let mut span = Span::begin(&job.dir);
    let mut warm = true;
    let mut begin = Instant::now();
    while begin.elapsed().as_secs_f64() < seconds {
        let keys: Vec<Key> = (0..PROOF_BATCH).map(|_| present_key(job, &mut random)).collect();
        let start = Instant::now();
        let Some(count) = engine.prove(&keys)? else {
            let notes = engine.why_unsupported().to_owned();
            engine.close()?;
            return Ok(Report { unsupported: true, notes, ..Report::default() });
        };
        if warm {
            // The first batch warms the caches.
            warm = false;
            span = Span::begin(&job.dir);
            begin = Instant::now();
            continue;
        }
        latencies.add(start.elapsed());
        costs.op_count += count;
    }
    latencies.fill(&mut costs);
    span.end(&mut costs, Duration::ZERO);
    costs.key_count = job.dataset.key_count;
    let notes = engine.notes();
    engine.close()?;
    Ok(Report { costs, notes, ..Report::default() })
}

fn present_key(job: &Job, random: &mut Random) -> Key {
    job.dataset.keys.key(random.below(job.dataset.key_count))
}
