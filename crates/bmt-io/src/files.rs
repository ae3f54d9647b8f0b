//! Files of the operating system: [`RealDirectory`], which both real backends share.

mod file;
mod lock;
mod positioned;

use crate::error::{IoError, Site};
use crate::latency::Histogram;
use crate::name::validate;
use crate::open::{Backend, BackendKind, BackendReport, IoOptions};
use crate::operation::Operation;
use crate::stats::{Counters, IoStats};
use crate::storage::{Directory, DirectoryLock, File, FileOptions, LOCK_FILE, Queue};
use crate::threads::{ThreadPool, ThreadQueue};
use file::RealFile;
use parking_lot::Mutex;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most requests that a queue runs at once.
const DEPTH_MAX: usize = 4096;

/// A directory of the operating system.
#[derive(Debug)]
pub(crate) struct RealDirectory {
    path: PathBuf,
    read_only: bool,
    thread_count: usize,
    requested: Backend,
    report: Mutex<BackendReport>,
    counters: Arc<Counters>,
    /// Started with the first queue that needs it.
    pool: Mutex<Option<Arc<ThreadPool>>>,
}

impl RealDirectory {
    pub(crate) fn new(path: PathBuf, options: &IoOptions, report: BackendReport) -> Self {
        Self {
            path,
            read_only: options.read_only,
            thread_count: options.thread_count.clamp(1, 64),
            requested: options.backend,
            report: Mutex::new(report),
            counters: Arc::default(),
            pool: Mutex::new(None),
        }
    }

    fn writable(&self, operation: Operation, name: &str) -> Result<(), IoError> {
        match self.read_only {
            true => Err(IoError::ReadOnly { site: Site::whole(operation, name) }),
            false => Ok(()),
        }
    }

    /// Counts `result` if it is a success, names the file if it is a failure.
    fn finish<T>(
        &self,
        operation: Operation,
        name: &str,
        result: io::Result<T>,
    ) -> Result<T, IoError> {
        let value = result.map_err(|source| IoError::new(Site::whole(operation, name), source))?;
        self.counters.record(operation, 0);
        Ok(value)
    }

    fn file(
        &self,
        operation: Operation,
        name: &str,
        options: FileOptions,
    ) -> Result<Arc<dyn File>, IoError> {
        validate(name)?;
        let create = operation == Operation::Create;
        if create {
            self.writable(operation, name)?;
        }
        let counters = Arc::clone(&self.counters);
        let opened = RealFile::open(&self.path, name, create, self.read_only, options, counters);
        Ok(Arc::new(self.finish(operation, name, opened)?))
    }

    /// Takes note of a ring that was not to be had.
    fn note_fallback(&self, source: &io::Error) {
        let reason = crate::uring::unavailable(source).to_string();
        let mut report = self.report.lock();
        report.fallback_count += 1;
        report.errno = source.raw_os_error();
        report.reason = format!("a ring worked at first; later: {reason}");
    }

    fn pool(&self) -> Result<Arc<ThreadPool>, IoError> {
        let mut pool = self.pool.lock();
        if let Some(pool) = &*pool {
            return Ok(Arc::clone(pool));
        }
        let site = || Site::whole(Operation::Queue, &self.path.display().to_string());
        let started =
            ThreadPool::start(self.thread_count).map_err(|source| IoError::new(site(), source))?;
        Ok(Arc::clone(pool.insert(Arc::new(started))))
    }
}

impl Directory for RealDirectory {
    fn create_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        self.file(Operation::Create, name, options)
    }

    fn open_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        self.file(Operation::Open, name, options)
    }

    fn remove(&self, name: &str) -> Result<(), IoError> {
        validate(name)?;
        self.writable(Operation::Remove, name)?;
        self.finish(Operation::Remove, name, fs::remove_file(self.path.join(name)))
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), IoError> {
        validate(from)?;
        validate(to)?;
        self.writable(Operation::Rename, from)?;
        let renamed = fs::rename(self.path.join(from), self.path.join(to));
        self.finish(Operation::Rename, from, renamed)
    }

    fn entries(&self) -> Result<Vec<String>, IoError> {
        let listed = list(&self.path);
        self.finish(Operation::List, &self.path.display().to_string(), listed)
    }

    fn sync(&self) -> Result<(), IoError> {
        if self.read_only {
            return Ok(());
        }
        let synced = sync_directory(&self.path);
        self.finish(Operation::SyncDirectory, &self.path.display().to_string(), synced)
    }

    fn try_lock(&self) -> Result<DirectoryLock, IoError> {
        lock::try_lock(&self.path, self.read_only).inspect(|_| {
            self.counters.record(Operation::Lock, 0);
        })
    }

    fn queue(&self, depth: usize) -> Result<Box<dyn Queue>, IoError> {
        let depth = depth.clamp(1, DEPTH_MAX);
        let kind = self.report.lock().kind;
        if kind == BackendKind::IoUring {
            match crate::uring::queue(depth, &self.counters) {
                Ok(queue) => return Ok(queue),
                // Descriptors or locked memory ran out: where threads were welcome, they still are.
                Err(source) if self.requested == Backend::Auto => self.note_fallback(&source),
                Err(source) => {
                    let directory = self.path.display().to_string();
                    return Err(IoError::new(Site::whole(Operation::Queue, &directory), source));
                }
            }
        }
        Ok(Box::new(ThreadQueue::new(self.pool()?, depth)))
    }

    fn stats(&self) -> IoStats {
        self.counters.snapshot()
    }

    fn sync_latency(&self) -> Histogram {
        self.counters.syncs.histogram()
    }

    fn backend(&self) -> BackendReport {
        self.report.lock().clone()
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

fn list(path: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && name != LOCK_FILE
            && entry.file_type()?.is_file()
        {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Makes a directory's entries durable. Windows can't, and needs no such call.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    fs::File::open(path)?.sync_all()
}
