//! The machine and the versions that a result belongs to.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

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
    facts
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
