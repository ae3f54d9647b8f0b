//! The bare loop: a program of its own, since it needs unsafe code.

use super::Job;
use crate::failure::Failure;
use std::path::{Path, PathBuf};
use std::process::Command;

const FOLDER: &str = "benches/bare";

pub(in super::super) fn build(root: &Path) -> Result<(), Failure> {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--quiet"]).current_dir(root.join(FOLDER));
    let status = cargo.status().map_err(|error| Failure::of("building the bare loop", error))?;
    if status.success() { Ok(()) } else { Err(Failure::of("building the bare loop", status)) }
}

/// Seconds that the bare loop takes for the job.
pub(in super::super) fn seconds(root: &Path, file: &Path, job: Job) -> Result<f64, Failure> {
    let program: PathBuf = root.join(FOLDER).join("target/release/bare-io");
    let mode = if job.is_read { "read" } else { "write" };
    let output = Command::new(program)
        .args([mode.as_ref(), file.as_os_str()])
        .args([job.depth.to_string(), job.operations.to_string()])
        .output()
        .map_err(|error| Failure::of("the bare loop", error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let seconds = text.split_whitespace().nth(1).and_then(|word| word.parse().ok());
    seconds.ok_or_else(|| Failure::of("the bare loop", String::from_utf8_lossy(&output.stderr)))
}
