//! fio on the same file.

use super::{Engine, Job};
use crate::failure::Failure;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Operations a second that fio makes of the job.
pub(in super::super) fn rate(file: &Path, job: Job, engine: Engine) -> Result<f64, Failure> {
    let (jobs, depth, name) = match engine {
        Engine::Uring => (1, job.depth, "io_uring"),
        Engine::Threads(threads) => (threads, 1, "psync"),
    };
    let bytes = job.operations / jobs * job.block_bytes();
    let output = Command::new("fio")
        .args(["--name=peer", "--direct=1", "--thread", "--group_reporting"])
        .args(["--output-format=json", "--norandommap", "--randrepeat=1"])
        .arg(format!("--filename={}", file.display()))
        .arg(format!("--rw={}", if job.is_read { "randread" } else { "write" }))
        .arg(format!("--bs={}", job.block_bytes()))
        .arg(format!("--io_size={bytes}"))
        .arg(format!("--ioengine={name}"))
        .arg(format!("--iodepth={depth}"))
        .arg(format!("--numjobs={jobs}"))
        .output()
        .map_err(|error| Failure::of("fio (install it: this suite compares with it)", error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(text.get(text.find('{').unwrap_or(0)..).unwrap_or(""))
        .map_err(|error| Failure::of("fio's report", error))?;
    let side = if job.is_read { "read" } else { "write" };
    let rate = report.pointer(&format!("/jobs/0/{side}/iops")).and_then(Value::as_f64);
    rate.filter(|rate| *rate > 0.0).ok_or_else(|| {
        Failure::of("fio", format!("no rate; {}", String::from_utf8_lossy(&output.stderr)))
    })
}
