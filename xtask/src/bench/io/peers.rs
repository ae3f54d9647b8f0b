//! What bmt-io is measured against: fio, and the bare loop in `benches/bare`.

pub(super) mod bare;
pub(super) mod fio;

use crate::failure::Failure;

/// One run of one kind of operation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    pub(super) is_read: bool,
    pub(super) depth: usize,
    pub(super) operations: usize,
}

impl Job {
    pub(super) fn block_bytes(&self) -> usize {
        if self.is_read { 4096 } else { 1 << 20 }
    }
}

/// How the peer reaches the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Uring,
    /// Blocking calls on so many threads.
    Threads(usize),
}

/// Processor time of this process so far, in steps of the kernel's clock tick, 10 ms.
pub(super) fn cpu_seconds() -> Result<f64, Failure> {
    let text = std::fs::read_to_string("/proc/self/stat").map_err(|e| Failure::of("stat", e))?;
    let after_name = text.rsplit(')').next().unwrap_or_default();
    let ticks =
        |place| after_name.split_whitespace().nth(place).and_then(|word| word.parse::<f64>().ok());
    match (ticks(11), ticks(12)) {
        (Some(user), Some(system)) => Ok((user + system) / 100.0),
        _ => Err(Failure::Failed("the kernel's processor time is not understood".to_owned())),
    }
}
