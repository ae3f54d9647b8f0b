//! The child process: opens one engine, does one job, writes one report.

mod check;
mod commits;
mod latency;
mod load;
mod open;
mod reads;
mod span;
mod verify;

use crate::engine::{Outcome, Setup};
use crate::job::{Job, Report, Task, Violation};
use crate::limit;
use crate::meter::AnonymousPeak;
use std::fs;
use std::path::Path;

/// Does the job in the file `job` and writes its report to the file `report`.
///
/// # Errors
/// Those of the engine and of the files; the parent reports them as a crash.
pub fn run(job: &Path, report: &Path) -> Outcome<()> {
    let job: Job = serde_json::from_slice(&fs::read(job)?)?;
    if let Some(cgroup) = &job.cgroup {
        limit::join(cgroup)?;
    }
    let anonymous = AnonymousPeak::watch();
    let mut done = perform(&job)?;
    let peak = anonymous.finish();
    done.costs.peak_anonymous_bytes = peak;
    if peak > job.memory_bytes {
        let seen_bytes = Some(peak);
        done.violations.push(Violation::OverMemory { limit_bytes: job.memory_bytes, seen_bytes });
    }
    fs::write(report, serde_json::to_vec_pretty(&done)?)?;
    Ok(())
}

fn perform(job: &Job) -> Outcome<Report> {
    match job.task {
        Task::Load { batch_ops } => load::incremental(job, batch_ops),
        Task::BulkBuild => load::bulk(job),
        Task::Commits(stream) => commits::timed(job, &stream),
        Task::Gets { cold, batch_keys, seconds } => reads::gets(job, cold, batch_keys, seconds),
        Task::Proofs { seconds } => reads::proofs(job, seconds),
        Task::Open { times } => open::clean(job, times),
        Task::Die(stream) => commits::then_die(job, &stream),
        Task::Recover(stream) => open::after_kill(job, &stream),
        Task::Check => check::against_model(job),
    }
}

fn setup(job: &Job) -> Setup<'_> {
    let core_count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Setup { dir: &job.dir, dataset: job.dataset, memory_bytes: job.memory_bytes, core_count }
}
