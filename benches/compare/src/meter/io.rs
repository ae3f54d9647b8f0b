//! Bytes read and written, from `/proc/self/io`.

use std::fs;

/// Bytes that this process made the storage layer read and write.
///
/// Buffered writes count when a page becomes dirty, direct ones when they are issued.
#[derive(Debug, Clone, Copy, Default)]
pub struct IoBytes {
    /// Bytes fetched from storage.
    pub read: u64,
    /// Bytes sent, or to be sent, to storage; those of truncated dirty pages taken off.
    pub written: u64,
}

impl IoBytes {
    /// What happened since an earlier reading.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            read: self.read - earlier.read,
            written: self.written.saturating_sub(earlier.written),
        }
    }
}

/// The counters now.
#[must_use]
pub fn io_bytes() -> IoBytes {
    let text = fs::read_to_string("/proc/self/io").expect("the kernel counts I/O per task");
    let field = |name: &str| -> u64 {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.expect("a counter of /proc/self/io").trim().parse().expect("a number")
    };
    let cancelled = field("cancelled_write_bytes:");
    IoBytes { read: field("read_bytes:"), written: field("write_bytes:").saturating_sub(cancelled) }
}
