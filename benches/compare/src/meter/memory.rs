//! Peak memory: resident, from the kernel, and anonymous, sampled.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often the anonymous memory is looked at.
const SAMPLE_EVERY: Duration = Duration::from_millis(20);

/// Makes the kernel forget the peak so far; says whether it could.
pub fn reset_peak_resident() -> bool {
    fs::write("/proc/self/clear_refs", "5").is_ok()
}

/// The largest resident size since the start or the last reset: memory, mapped files included.
#[must_use]
pub fn peak_resident_bytes() -> u64 {
    status_bytes("VmHWM:")
}

fn status_bytes(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").expect("a process has a status");
    let line =
        text.lines().find_map(|line| line.strip_prefix(name)).expect("a field of the status");
    let number = line.trim().trim_end_matches("kB").trim();
    number.parse::<u64>().expect("a number of kB") * 1024
}

/// A thread that keeps the largest anonymous resident size that it sees: memory that the kernel
/// could not take back, so what counts against the limit where there is no cgroup.
#[derive(Debug)]
pub struct AnonymousPeak {
    peak: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl AnonymousPeak {
    /// Starts to look.
    #[must_use]
    pub fn watch() -> Self {
        let peak = Arc::new(AtomicU64::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let (seen, ended) = (Arc::clone(&peak), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            while !ended.load(Ordering::Relaxed) {
                seen.fetch_max(status_bytes("RssAnon:"), Ordering::Relaxed);
                std::thread::sleep(SAMPLE_EVERY);
            }
        });
        Self { peak, stop, thread: Some(thread) }
    }

    /// Stops looking and returns the peak in bytes.
    #[must_use]
    pub fn finish(mut self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the sampling thread does not panic");
        }
        self.peak.fetch_max(status_bytes("RssAnon:"), Ordering::Relaxed);
        self.peak.load(Ordering::Relaxed)
    }
}
