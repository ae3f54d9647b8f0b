//! Runs a job in a child process under its memory limit, and says what became of it.

use crate::engine::Outcome;
use crate::job::{Job, Report, Task, Violation};
use crate::limit::{Enforcement, Limit};
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A child that takes longer is ended.
const TIME_LIMIT: Duration = Duration::from_secs(45 * 60);

/// Starts children from one program.
#[derive(Debug)]
pub struct Children {
    /// The program that understands `child JOB REPORT`.
    pub program: PathBuf,
    /// Where job files, reports and the children's messages go.
    pub scratch: PathBuf,
    /// Whether limits are by options even where a cgroup could be made.
    pub by_options: bool,
}

impl Children {
    /// Does one job. What goes wrong in the child is a violation in the report.
    ///
    /// # Errors
    /// When no child can be started or its files cannot be read.
    pub fn run(&self, mut job: Job) -> Outcome<(Report, Enforcement)> {
        let limit = Limit::new(job.memory_bytes, self.by_options);
        job.cgroup = limit.dir().map(Path::to_path_buf);
        fs::create_dir_all(&self.scratch)?;
        let [job_file, report_file, words_file] =
            ["job.json", "report.json", "stderr.txt"].map(|name| self.scratch.join(name));
        fs::write(&job_file, serde_json::to_vec(&job)?)?;
        if report_file.exists() {
            fs::remove_file(&report_file)?;
        }
        let child = Command::new(&self.program)
            .arg("child")
            .args([&job_file, &report_file])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&words_file)?)
            .spawn()?;
        let status = wait(child)?;
        let report = match fs::read(&report_file) {
            Ok(bytes) if status.success() => serde_json::from_slice(&bytes)?,
            _ => Report {
                violations: cause(&job, status, limit.kill_count(), &words_file)?,
                ..Report::default()
            },
        };
        Ok((report, limit.enforcement()))
    }
}

fn wait(mut child: Child) -> Outcome<ExitStatus> {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if begin.elapsed() > TIME_LIMIT {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Why there is no report; nothing, if that is as it should be.
fn cause(job: &Job, status: ExitStatus, kills: u64, words: &Path) -> Outcome<Vec<Violation>> {
    if kills > 0 {
        let limit_bytes = job.memory_bytes;
        return Ok(vec![Violation::OverMemory { limit_bytes, seen_bytes: None }]);
    }
    if matches!(job.task, Task::Die(_)) && status.signal() == Some(libc::SIGKILL) {
        return Ok(Vec::new());
    }
    let words = String::from_utf8_lossy(&fs::read(words)?).into_owned();
    let last: Vec<&str> = words.lines().rev().take(4).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Ok(vec![Violation::Crashed { why: format!("{status}: {}", last.join(" / ")) }])
}
