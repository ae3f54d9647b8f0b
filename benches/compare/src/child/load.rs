//! Filling an empty database: in commits, or from sorted entries at once.

use super::latency::Latencies;
use super::span::Span;
use super::{setup, verify};
use crate::engine::{self, Engine, Outcome};
use crate::job::{Costs, Job, Report, Violation};
use crate::meter;
use crate::meter::syncs::Syncs;
use crate::workload::{expect::Expected, load_batches, sorted_entries};
use std::time::{Duration, Instant};

/// About how many keys are looked up afterwards.
const SAMPLE: u64 = 20_000;

pub(super) fn incremental(job: &Job, batch_ops: u64) -> Outcome<Report> {
    let mut engine = engine::open(job.engine, &setup(job))?;
    let mut latencies = Latencies::new();
    let mut costs = Costs::default();
    let mut undurable = 0;
    let mut failed = Ok(());
    let span = Span::begin(&job.dir);
    let mut outside = meter::thread_cpu();
    let mut generator_cpu = Duration::ZERO;
    load_batches(job.dataset, batch_ops, |batch| {
        generator_cpu += meter::thread_cpu() - outside;
        if failed.is_ok() {
            let before = Syncs::now();
            let start = Instant::now();
            failed = engine.commit(batch, false).map(drop);
            latencies.add(start.elapsed());
            undurable += u64::from(Syncs::now() == before && !engine.syncs_through_ring());
            costs.op_count += batch.len() as u64;
            costs.commit_count += 1;
        }
        outside = meter::thread_cpu();
    });
    failed?;
    latencies.fill(&mut costs);
    let violations = match undurable {
        0 => Vec::new(),
        count => vec![Violation::NotDurable { commit_count: count, of: costs.commit_count }],
    };
    finish(job, engine, costs, span, generator_cpu, violations)
}

pub(super) fn bulk(job: &Job) -> Outcome<Report> {
    let mut engine = engine::open(job.engine, &setup(job))?;
    let mut entries = sorted_entries(job.dataset);
    let mut costs = Costs { op_count: job.dataset.key_count, ..Costs::default() };
    let span = Span::begin(&job.dir);
    let syncs = Syncs::now();
    let start = Instant::now();
    engine.bulk_build(&mut entries)?;
    costs.wall_s = start.elapsed().as_secs_f64();
    costs.commit_count = 1;
    let undurable = Syncs::now() == syncs && !engine.syncs_through_ring();
    let violations = match undurable {
        false => Vec::new(),
        true => vec![Violation::NotDurable { commit_count: 1, of: 1 }],
    };
    finish(job, engine, costs, span, Duration::ZERO, violations)
}

/// Flushes, closes, opens again and looks a sample up.
fn finish(
    job: &Job,
    mut engine: Box<dyn Engine>,
    mut costs: Costs,
    span: Span,
    generator_cpu: Duration,
    mut violations: Vec<Violation>,
) -> Outcome<Report> {
    let flushing = Instant::now();
    engine.flush()?;
    costs.flush_s = flushing.elapsed().as_secs_f64();
    costs.wall_s += costs.flush_s;
    span.end(&mut costs, generator_cpu);
    costs.disk_bytes = meter::allocated_bytes(&job.dir)?;
    costs.key_count = job.dataset.key_count;
    let notes = engine.notes();
    let mut roots = Vec::new();
    if let Some(root) = engine.root().filter(|_| job.engine.scheme().is_some()) {
        roots.push((costs.commit_count, verify::hex(&root)));
    }
    engine.close()?;

    let mut engine = engine::open(job.engine, &setup(job))?;
    let stride = (job.dataset.key_count / SAMPLE).max(1) as usize;
    let expected: Expected =
        (0..job.dataset.key_count).step_by(stride).map(|number| (number, Some(0))).collect();
    violations.extend(verify::matches(engine.as_mut(), &job.dataset, &expected)?);
    engine.close()?;
    Ok(Report { costs, violations, notes, roots, unsupported: false })
}
