//! Suite `io`: reads and writes through bmt-io, next to fio and to a bare io_uring loop.
//!
//! Random 4 KiB reads at queue depth 64 and sequential 1 MiB writes at depth 8, past the page cache,
//! of one file. A missing fio fails the run.

mod peers;

use super::Plan;
use super::report::{Measure, Report};
use super::rounds::alternate;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt_io::{
    Backend, Direct, Directory, FileOptions, IoOptions, PagePool, Request, open_directory,
};
use peers::{Engine, Job, bare, fio};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const FILE: &str = "data";
const DEPTH_READ: usize = 64;
const DEPTH_WRITE: usize = 8;
/// Threads of the threads backend, and jobs of fio's: what can be going at once.
const THREADS: usize = 16;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::of("io", error))?;
    let path = folder.path();
    let file_bytes = plan.size(1 << 30, 64 << 20);
    let read = Job { is_read: true, depth: DEPTH_READ, operations: plan.size(60_000, 5_000) };
    let write = Job { is_read: false, depth: DEPTH_WRITE, operations: file_bytes >> 20 };
    bare::build(&plan.root)?;
    Ours::new(path, Backend::Auto)?.fill(file_bytes)?;
    for (name, backend, engine) in [
        ("uring", Backend::IoUring, Engine::Uring),
        ("threads", Backend::Threads, Engine::Threads(THREADS)),
    ] {
        let ours = Ours::new(path, backend)?;
        for (kind, job) in [("read", read), ("write", write)] {
            let mut cpu_us = Vec::new();
            let side = || {
                let (seconds, cpu) = ours.run(job)?;
                cpu_us.push(cpu * 1e6 / count(job.operations));
                Ok(count(job.operations) / seconds)
            };
            let theirs = || fio::rate(&path.join(FILE), job, engine);
            let pair = alternate(plan.rounds().min(7), side, theirs)?;
            report.figure(&format!("{kind}_{name}"), &pair.ours, "op/s");
            report.figure(&format!("{kind}_{name}_fio"), &pair.theirs, "op/s");
            report.ratio(&format!("{kind}_{name}_vs_fio"), Measure::Rate, &pair)?;
            if let Some(cpu) = Series::new(cpu_us) {
                report.figure(&format!("{kind}_{name}_cpu"), &cpu, "us/op");
            }
            if engine == Engine::Uring {
                let side = || Ok(ours.run(job)?.0);
                let pair = alternate(plan.rounds().min(7), side, || {
                    bare::seconds(&plan.root, &path.join(FILE), job)
                })?;
                report.ratio(&format!("{kind}_{name}_vs_bare"), Measure::Cost, &pair)?;
            }
        }
    }
    Ok(())
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// One backend of bmt-io over the file.
struct Ours {
    directory: Arc<dyn Directory>,
    pool: PagePool,
}

impl Ours {
    fn new(path: &Path, backend: Backend) -> Result<Self, Failure> {
        let options = IoOptions { backend, thread_count: THREADS, ..IoOptions::default() };
        let directory = open_directory(path, &options).map_err(|e| Failure::of("io", e))?;
        Ok(Self { directory, pool: PagePool::new(64 << 20) })
    }

    /// Makes the file, of bytes that a device can't compress.
    fn fill(&self, file_bytes: usize) -> Result<(), Failure> {
        let failed = |error| Failure::of("filling the file", error);
        let file = self.directory.create(FILE).map_err(failed)?;
        let mut numbers = Numbers::new(5);
        for mebibyte in 0..file_bytes >> 20 {
            let piece: Vec<u8> = (0..1 << 17).flat_map(|_| numbers.next().to_le_bytes()).collect();
            file.write_all_at(&piece, offset(mebibyte, 1 << 20)).map_err(failed)?;
        }
        file.sync_data().map_err(failed)
    }

    /// Runs the job; seconds of the clock and of the processor.
    fn run(&self, job: Job) -> Result<(f64, f64), Failure> {
        let failed = |error| Failure::of("bmt-io", error);
        let options = FileOptions { direct: Direct::Auto };
        let file = self.directory.open_with(FILE, options).map_err(failed)?;
        let mut queue = self.directory.queue(job.depth).map_err(failed)?;
        let block = job.block_bytes();
        let blocks = file.len_bytes().map_err(failed)? / offset(block, 1);
        let mut numbers = Numbers::new(6);
        let mut place = |sequence: usize| match job.is_read {
            true => (numbers.next() % blocks) * offset(block, 1),
            false => (offset(sequence, 1) % blocks) * offset(block, 1),
        };
        let buffers: Result<Vec<_>, _> =
            (0..job.depth).map(|_| self.pool.take(block / 4096)).collect();
        let mut idle = buffers.map_err(failed)?;
        let (cpu, began) = (peers::cpu_seconds()?, Instant::now());
        let (mut pushed, mut done) = (0, 0);
        while done < job.operations {
            while pushed < job.operations
                && let Some(buffer) = idle.pop()
            {
                let (file, offset_bytes, tag) = (Arc::clone(&file), place(pushed), 0);
                queue.push(match job.is_read {
                    true => Request::Read { file, offset_bytes, buffer, tag },
                    false => Request::Write { file, offset_bytes, buffer, tag },
                });
                pushed += 1;
            }
            let Some(completion) = queue.wait() else {
                return Err(Failure::Failed("the queue lost a request".to_owned()));
            };
            completion.result.map_err(failed)?;
            idle.push(completion.buffer);
            done += 1;
        }
        Ok((began.elapsed().as_secs_f64(), peers::cpu_seconds()? - cpu))
    }
}

fn offset(number: usize, unit: u64) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX).saturating_mul(unit)
}
