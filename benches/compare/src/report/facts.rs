//! The machine and the versions that a result belongs to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// The peers' packages, whose versions are told.
const PACKAGES: &[&str] =
    &["bmt", "nomt", "redb", "heed", "lmdb-master-sys", "commonware-storage", "rocksdb"];

/// What must be known to compare results: processor, memory, kernel, file system, versions.
#[must_use]
pub fn facts(dir: &Path) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut add = |name: &str, value: String| drop(facts.insert(name.to_owned(), value));
    add("processor", field("/proc/cpuinfo", "model name"));
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    add("cores", cores.to_string());
    add("memory", field("/proc/meminfo", "MemTotal"));
    add("kernel", read("/proc/sys/kernel/osrelease"));
    add("file system", file_system(dir));
    let lock = include_str!("../../Cargo.lock");
    for package in PACKAGES {
        if let Some(version) = version(lock, package) {
            add(package, version);
        }
    }
    add("debug assertions", cfg!(debug_assertions).to_string());
    add("date", date());
    if let Some(commit) = commit() {
        add("commit", commit);
    }
    facts
}

/// Today in UTC, as 2026-01-31.
fn date() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    civil(seconds / 86_400)
}

/// The date of a day counted from 1970-01-01.
pub(super) fn civil(days: u64) -> String {
    let leap =
        |year: u64| year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", left + 1)
}

/// The commit that the sources are at, and whether they differ from it, if git tells.
fn commit() -> Option<String> {
    let git = |words: &[&str]| {
        let mut command = Command::new("git");
        let output = command.arg("-C").arg(env!("CARGO_MANIFEST_DIR")).args(words).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let hash = git(&["rev-parse", "--short", "HEAD"])?;
    let changed = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changed.is_empty() { hash } else { format!("{hash} and uncommitted changes") })
}

fn version(lock: &str, package: &str) -> Option<String> {
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?.1;
    Some(entry.split_once('"')?.0.to_owned())
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

fn field(path: &str, name: &str) -> String {
    let text = read(path);
    let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_once(':').map_or_else(String::new, |(_, value)| value.trim().to_owned())
}

/// Type and options of the file system that holds a directory: the longest mount point above it.
fn file_system(dir: &Path) -> String {
    let dir = fs::canonicalize(dir).unwrap_or_default();
    let mounts = read("/proc/mounts");
    let above = mounts.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let (point, kind, options) = (*fields.get(1)?, *fields.get(2)?, *fields.get(3)?);
        dir.starts_with(point).then(|| (point.len(), format!("{kind} ({options})")))
    });
    above.max_by_key(|(length, _)| *length).map_or_else(String::new, |(_, found)| found)
}
