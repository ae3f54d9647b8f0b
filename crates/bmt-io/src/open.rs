//! Opening a real directory: which backend is asked for, which one is had, and why.

use crate::error::{IoError, Site};
use crate::files::RealDirectory;
use crate::operation::Operation;
use crate::storage::Directory;
use crate::uring;
use core::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The backend to use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Backend {
    /// io_uring where a ring works, else threads.
    #[default]
    Auto,
    /// io_uring, or an error.
    IoUring,
    /// A pool of threads making positioned reads and writes.
    Threads,
}

/// The backend that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackendKind {
    /// Queues are io_uring rings.
    IoUring,
    /// Queues are served by a pool of threads.
    Threads,
    /// Everything is simulated in memory.
    Sim,
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::IoUring => "io_uring",
            Self::Threads => "threads",
            Self::Sim => "sim",
        })
    }
}

/// Which backend won, and why: for statistics and the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackendReport {
    /// The backend in use.
    pub kind: BackendKind,
    /// Why it is this one, in words.
    pub reason: String,
    /// The error number with which io_uring was refused, if it was tried and refused; the newest one.
    pub errno: Option<i32>,
    /// Queues that threads serve although `kind` is io_uring, since no ring was to be had for them
    /// when they were made. Only with [`Backend::Auto`].
    pub fallback_count: u64,
}

impl fmt::Display for BackendReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.reason)?;
        match self.fallback_count {
            0 => Ok(()),
            count => write!(f, " (queues on threads: {count})"),
        }
    }
}

/// How to open a directory.
#[derive(Debug, Clone)]
pub struct IoOptions {
    /// The backend to use.
    pub backend: Backend,
    /// Open everything for reading only; anything that would write is [`IoError::ReadOnly`].
    pub read_only: bool,
    /// Make the directory, and those above it, if it is not there.
    pub create: bool,
    /// Threads that serve the queues of the threads backend, 1 to 64.
    pub thread_count: usize,
}

impl Default for IoOptions {
    fn default() -> Self {
        Self { backend: Backend::Auto, read_only: false, create: false, thread_count: 4 }
    }
}

/// Opens the directory at `path`.
///
/// # Errors
/// [`IoError::NotFound`] if it is not there and `options.create` is not set,
/// [`IoError::BackendUnavailable`] if io_uring was asked for by name and cannot be had, and what the
/// system reports.
pub fn open_directory(path: &Path, options: &IoOptions) -> Result<Arc<dyn Directory>, IoError> {
    let report = choose(options.backend, uring::probe)?;
    let fail = |source| {
        let site = Site::whole(Operation::OpenDirectory, &path.display().to_string());
        IoError::new(site, source)
    };
    if options.create && !options.read_only {
        create_durably(path).map_err(fail)?;
    }
    let metadata = std::fs::metadata(path).map_err(fail)?;
    if !metadata.is_dir() {
        return Err(fail(std::io::ErrorKind::NotADirectory.into()));
    }
    Ok(Arc::new(RealDirectory::new(path.to_path_buf(), options, report)))
}

/// The backend for what is asked for; `probe` tells whether io_uring works.
fn choose(
    backend: Backend,
    probe: impl FnOnce() -> std::io::Result<()>,
) -> Result<BackendReport, IoError> {
    let report = |kind, reason: &str, errno| {
        Ok(BackendReport { kind, reason: reason.to_owned(), errno, fallback_count: 0 })
    };
    if backend == Backend::Threads {
        return report(BackendKind::Threads, "it was asked for", None);
    }
    match (probe(), backend) {
        (Ok(()), Backend::IoUring) => report(BackendKind::IoUring, "it was asked for", None),
        (Ok(()), _) => report(BackendKind::IoUring, "a ring works", None),
        (Err(source), Backend::IoUring) => Err(uring::unavailable(&source)),
        (Err(source), _) => {
            let reason = uring::unavailable(&source).to_string();
            report(BackendKind::Threads, &reason, source.raw_os_error())
        }
    }
}

/// Makes the directory and those above it; their entries are durable when it returns.
fn create_durably(path: &Path) -> std::io::Result<()> {
    let mut missing: Vec<PathBuf> = Vec::new();
    let mut at = std::path::absolute(path)?;
    while !at.try_exists()? {
        missing.push(at.clone());
        if !at.pop() {
            break;
        }
    }
    std::fs::create_dir_all(path)?;
    missing.iter().filter_map(|made| made.parent()).try_for_each(crate::files::sync_directory)
}

#[cfg(test)]
mod tests;
