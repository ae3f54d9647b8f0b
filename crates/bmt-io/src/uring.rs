//! The io_uring backend: whether a ring can be had, and queues on rings of their own.

#[cfg(target_os = "linux")]
mod queue;
#[cfg(target_os = "linux")]
mod ring;

use crate::error::IoError;
use crate::stats::Counters;
use crate::storage::Queue;
use std::io;
use std::sync::Arc;

/// Where the kernel says who may use io_uring: 0 everyone, 1 the privileged, 2 nobody.
const SETTING: &str = "/proc/sys/kernel/io_uring_disabled";

/// Sets up a ring, sends one NOP through it, and asks for the operations that queues need.
#[cfg(target_os = "linux")]
pub(crate) fn probe() -> io::Result<()> {
    ring::probe()
}

/// Not on this system.
#[cfg(not(target_os = "linux"))]
pub(crate) fn probe() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// A queue with a ring of its own.
#[cfg(target_os = "linux")]
pub(crate) fn queue(depth: usize, counters: &Arc<Counters>) -> io::Result<Box<dyn Queue>> {
    Ok(Box::new(queue::RingQueue::new(depth, Arc::clone(counters))?))
}

/// Not on this system.
#[cfg(not(target_os = "linux"))]
pub(crate) fn queue(_depth: usize, _counters: &Arc<Counters>) -> io::Result<Box<dyn Queue>> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What to tell a user who asked for io_uring and cannot have it.
pub(crate) fn unavailable(source: &io::Error) -> IoError {
    let setting = std::fs::read_to_string(SETTING).ok().map(|text| text.trim().into());
    let hint = hint(source, setting.as_deref());
    IoError::BackendUnavailable { errno: source.raw_os_error(), setting, hint }
}

/// What most likely stands in the way.
fn hint(source: &io::Error, setting: Option<&str>) -> &'static str {
    match (source.kind(), setting) {
        (io::ErrorKind::PermissionDenied, Some("1" | "2")) => {
            "the kernel setting kernel.io_uring_disabled forbids it; set it to 0, or use the \
             threads backend"
        }
        (io::ErrorKind::PermissionDenied, _) => {
            "a seccomp filter or security module forbids it, as container runtimes often do; \
             allow io_uring_setup, io_uring_enter and io_uring_register, or use the threads backend"
        }
        (io::ErrorKind::OutOfMemory, _) => {
            "the limit on locked memory is too low for this kernel; raise RLIMIT_MEMLOCK, or use \
             the threads backend"
        }
        (io::ErrorKind::Unsupported, _) => {
            "io_uring needs Linux 5.6 or newer, and no filter that hides it; use the threads backend"
        }
        _ => "use the threads backend",
    }
}

#[cfg(test)]
mod tests;
