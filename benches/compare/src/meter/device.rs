//! The device below a directory: how many cache flushes it has been asked for.
//!
//! This sees syncs that no libc call shows (an fsync submitted through io_uring), but it counts
//! the whole machine, so it is evidence only while nothing else writes.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Place of the count of completed flushes among the fields of a block device's `stat`.
const FLUSHES_FIELD: usize = 15;

/// The block device that holds a directory.
#[derive(Debug, Clone)]
pub struct Device {
    stat: PathBuf,
}

impl Device {
    /// The device of `dir`, if the kernel tells its statistics and it has a volatile cache;
    /// a device without one is never sent a flush.
    #[must_use]
    pub fn of(dir: &Path) -> Option<Self> {
        let number = fs::metadata(dir).ok()?.dev();
        let (major, minor) = (libc::major(number), libc::minor(number));
        let part = fs::canonicalize(format!("/sys/dev/block/{major}:{minor}")).ok()?;
        // A partition's flushes are counted on the whole disk.
        let disk = match part.join("partition").exists() {
            true => part.parent()?.to_path_buf(),
            false => part,
        };
        let cache = fs::read_to_string(disk.join("queue/write_cache")).ok()?;
        let device = Self { stat: disk.join("stat") };
        (cache.trim() == "write back" && device.flushes().is_some()).then_some(device)
    }

    /// Flushes completed since the machine started.
    #[must_use]
    pub fn flushes(&self) -> Option<u64> {
        let text = fs::read_to_string(&self.stat).ok()?;
        text.split_whitespace().nth(FLUSHES_FIELD)?.parse().ok()
    }
}
