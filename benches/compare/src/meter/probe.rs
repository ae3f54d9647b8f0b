//! What the device can do by itself: the bounds that some figures are judged by.

use super::disk::drop_cached;
use crate::engine::Outcome;
use crate::workload::Random;
use serde::{Deserialize, Serialize};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

const PAGE_BYTES: usize = 4096;
/// Size of the file that is read and overwritten.
const FILE_BYTES: u64 = 1 << 30;
/// Readers at once: the queue depth of the random reads.
const READER_COUNT: u64 = 32;
/// How long random reads go on.
const READ_FOR: Duration = Duration::from_secs(3);
/// Overwrites that are timed.
const OVERWRITE_COUNT: usize = 300;

/// The bare device, through the file system but past the page cache.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Probe {
    /// Random reads of 4 KiB a second, 32 at once.
    pub random_reads_per_s: f64,
    /// Median time of one overwrite of 4 KiB and its `fdatasync`, in microseconds.
    pub overwrite_sync_us: f64,
}

/// Measures the device below `dir` with a file of 1 GiB, which is removed.
///
/// # Errors
/// Those of the file.
pub fn probe(dir: &Path) -> Outcome<Probe> {
    let own = dir.join("probe");
    fs::create_dir_all(&own)?;
    let path = own.join("file");
    let mut file = File::create(&path)?;
    let chunk = vec![0x5a; 1 << 20];
    for _ in 0..FILE_BYTES >> 20 {
        file.write_all(&chunk)?;
    }
    drop_cached(&own)?;
    let overwrite_sync_us = overwrites(&path)?;
    let random_reads_per_s = random_reads(&path)?;
    fs::remove_dir_all(&own)?;
    Ok(Probe { random_reads_per_s, overwrite_sync_us })
}

fn overwrites(path: &Path) -> Outcome<f64> {
    let file = OpenOptions::new().write(true).custom_flags(libc::O_DIRECT).open(path)?;
    let page = Page::new();
    let mut times = Vec::with_capacity(OVERWRITE_COUNT);
    for at in 0..OVERWRITE_COUNT {
        let start = Instant::now();
        // SAFETY: the page is mapped, aligned for direct I/O, and outlives the call.
        let code = unsafe {
            libc::pwrite(file.as_raw_fd(), page.at.cast(), PAGE_BYTES, (at * PAGE_BYTES) as i64)
        };
        moved_all(code)?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    times.sort_unstable();
    Ok(times[OVERWRITE_COUNT / 2].as_secs_f64() * 1e6)
}

fn random_reads(path: &Path) -> Outcome<f64> {
    let begin = Instant::now();
    let readers: Vec<_> = (0..READER_COUNT)
        .map(|seed| {
            let path = path.to_path_buf();
            std::thread::spawn(move || read_at_random(&path, seed, begin))
        })
        .collect();
    let mut count = 0;
    for reader in readers {
        count += reader.join().map_err(|_| "a probing thread panicked")??;
    }
    Ok(count as f64 / begin.elapsed().as_secs_f64())
}

fn read_at_random(path: &Path, seed: u64, begin: Instant) -> Outcome<u64> {
    let file = OpenOptions::new().read(true).custom_flags(libc::O_DIRECT).open(path)?;
    let page = Page::new();
    let mut random = Random::new(seed);
    let mut count = 0;
    while begin.elapsed() < READ_FOR {
        let offset = random.below(FILE_BYTES / PAGE_BYTES as u64) * PAGE_BYTES as u64;
        // SAFETY: the page is mapped, aligned for direct I/O, and outlives the call.
        let code =
            unsafe { libc::pread(file.as_raw_fd(), page.at.cast(), PAGE_BYTES, offset as i64) };
        moved_all(code)?;
        count += 1;
    }
    Ok(count)
}

/// A page of memory as direct I/O wants it.
struct Page {
    at: *mut u8,
}

impl Page {
    const LAYOUT: Layout = match Layout::from_size_align(PAGE_BYTES, PAGE_BYTES) {
        Ok(layout) => layout,
        Err(_) => panic!("a page is a valid layout"),
    };

    fn new() -> Self {
        // SAFETY: the layout has a size.
        let at = unsafe { alloc_zeroed(Self::LAYOUT) };
        assert!(!at.is_null(), "there is memory for a page");
        Self { at }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.at, Self::LAYOUT) };
    }
}

/// An error unless the call moved a whole page.
fn moved_all(code: isize) -> Outcome<()> {
    match code == PAGE_BYTES as isize {
        true => Ok(()),
        false => Err(std::io::Error::last_os_error().into()),
    }
}
