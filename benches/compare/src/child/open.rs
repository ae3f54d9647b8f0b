//! The time to open: after a clean close, and after a kill.

use super::latency::Latencies;
use super::span::Span;
use super::{setup, verify};
use crate::engine::{self, Outcome};
use crate::job::{Costs, Job, Report, Stream};
use crate::meter;
use std::time::{Duration, Instant};

pub(super) fn clean(job: &Job, times: u64) -> Outcome<Report> {
    meter::read_all(&job.dir)?;
    let mut latencies = Latencies::new();
    let mut costs = Costs { op_count: times, ..Costs::default() };
    let mut notes = String::new();
    let span = Span::begin(&job.dir);
    for _ in 0..times {
        let start = Instant::now();
        let engine = engine::open(job.engine, &setup(job))?;
        latencies.add(start.elapsed());
        notes = engine.notes();
        engine.close()?;
    }
    latencies.fill(&mut costs);
    span.end(&mut costs, Duration::ZERO);
    costs.key_count = job.dataset.key_count;
    costs.disk_bytes = meter::allocated_bytes(&job.dir)?;
    Ok(Report { costs, notes, ..Report::default() })
}

/// Opens what a killed process left, with what was in the page cache still there, and looks
/// whether every commit that had returned is there.
pub(super) fn after_kill(job: &Job, stream: &Stream) -> Outcome<Report> {
    meter::read_all(&job.dir)?;
    let mut latencies = Latencies::new();
    let mut costs = Costs { op_count: 1, ..Costs::default() };
    let span = Span::begin(&job.dir);
    let start = Instant::now();
    let mut engine = engine::open(job.engine, &setup(job))?;
    latencies.add(start.elapsed());
    latencies.fill(&mut costs);
    span.end(&mut costs, Duration::ZERO);
    costs.disk_bytes = meter::allocated_bytes(&job.dir)?;
    costs.key_count = job.dataset.key_count;
    let commit_count = stream.warm_commits + stream.commits_max;
    let violations = verify::opened(engine.as_mut(), job, stream, commit_count)?;
    let notes = engine.notes();
    engine.close()?;
    Ok(Report { costs, violations, notes, ..Report::default() })
}
