//! The memory limit of an engine's process: a cgroup where the machine allows one.

use serde::{Deserialize, Serialize};
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How a limit is enforced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Enforcement {
    /// A memory cgroup, version 2: the kernel kills what goes over; the page cache counts.
    CgroupV2,
    /// A memory cgroup, version 1: the same.
    CgroupV1,
    /// By the engines' options alone; anonymous memory is sampled and judged afterwards.
    Options,
}

impl std::fmt::Display for Enforcement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CgroupV2 => "memory cgroup v2",
            Self::CgroupV1 => "memory cgroup v1",
            Self::Options => "options only (no memory cgroup could be made)",
        })
    }
}

/// A limit for one child process; its cgroup goes when this is dropped.
#[derive(Debug)]
pub struct Limit {
    enforcement: Enforcement,
    dir: Option<PathBuf>,
}

impl Limit {
    /// A limit of `bytes`, in a cgroup unless `by_options` or none can be made.
    #[must_use]
    pub fn new(bytes: u64, by_options: bool) -> Self {
        let made = match by_options {
            true => None,
            false => version_2(bytes).or_else(|| version_1(bytes)),
        };
        match made {
            Some((enforcement, dir)) => Self { enforcement, dir: Some(dir) },
            None => Self { enforcement: Enforcement::Options, dir: None },
        }
    }

    /// How it is enforced.
    #[must_use]
    pub const fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    /// The cgroup's directory, for [`join`].
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// How many processes the kernel has killed in it for lack of memory.
    #[must_use]
    pub fn kill_count(&self) -> u64 {
        let Some(dir) = &self.dir else { return 0 };
        let file = match self.enforcement {
            Enforcement::CgroupV2 => "memory.events",
            Enforcement::CgroupV1 | Enforcement::Options => "memory.oom_control",
        };
        let text = fs::read_to_string(dir.join(file)).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        line.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        let Some(dir) = &self.dir else { return };
        // The kernel may need a moment to let the last process go.
        for _ in 0..50 {
            if fs::remove_dir(dir).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("the cgroup {} could not be removed", dir.display());
    }
}

/// Moves this process into the cgroup, before it touches any data.
///
/// # Errors
/// When the kernel refuses.
pub fn join(dir: &Path) -> io::Result<()> {
    fs::write(dir.join("cgroup.procs"), std::process::id().to_string())
}

/// A name that no other process and no earlier limit of this one has.
fn unique_name() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("bmt-compare-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn version_2(bytes: u64) -> Option<(Enforcement, PathBuf)> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = own.lines().find_map(|line| line.strip_prefix("0::/"))?.to_string();
    let root = mount_point("cgroup2", "")?;
    // Beside this process first: a group with processes of its own can have no limited children.
    let beside =
        root.join(&own).parent().filter(|dir| dir.starts_with(&root)).map(Path::to_path_buf);
    beside.into_iter().chain([root]).find_map(|parent| {
        let dir = limited(&parent, "memory.max", bytes)?;
        // Without this file the machine has no swap to limit.
        if let Err(error) = set(&dir.join("memory.swap.max"), 0)
            && error.kind() != io::ErrorKind::NotFound
        {
            fs::remove_dir(&dir).ok()?;
            return None;
        }
        Some((Enforcement::CgroupV2, dir))
    })
}

fn version_1(bytes: u64) -> Option<(Enforcement, PathBuf)> {
    let root = mount_point("cgroup", "memory")?;
    Some((Enforcement::CgroupV1, limited(&root, "memory.limit_in_bytes", bytes)?))
}

/// A new group below `parent` whose file `limit` says `bytes`; none if the kernel has no such
/// file, as where the memory controller is elsewhere.
fn limited(parent: &Path, limit: &str, bytes: u64) -> Option<PathBuf> {
    let dir = parent.join(unique_name());
    fs::create_dir(&dir).ok()?;
    if set(&dir.join(limit), bytes).is_err() {
        fs::remove_dir(&dir).ok()?;
        return None;
    }
    Some(dir)
}

/// Writes a number into a file that exists: in a directory that is no cgroup nothing is made.
fn set(file: &Path, value: u64) -> io::Result<()> {
    OpenOptions::new().write(true).open(file)?.write_all(value.to_string().as_bytes())
}

/// Where a cgroup hierarchy is mounted whose options contain `option` (empty: any).
fn mount_point(kind: &str, option: &str) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/mounts").ok()?;
    mounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        let fits = *fields.get(2)? == kind
            && (option.is_empty() || fields.get(3)?.split(',').any(|given| given == option));
        fits.then(|| PathBuf::from(fields[1]))
    })
}
