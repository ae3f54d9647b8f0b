//! Opening without changing a byte: what recovery would write stays in memory.
//!
//! Recovery of a database that is opened for reading is that of any other. It works on a [`MemoryWrites`]: a
//! directory whose files are those of another one until they are written to, and then what was written over
//! them. The directory below is opened for reading only, so nothing can pass by accident.

mod file;
mod queue;

use crate::db::Db;
use crate::engine::Engine;
use crate::error::{CommitError, OpenError, WriteError};
use crate::open::io_error;
use bmt_core::Scheme;
use bmt_io::{
    BackendReport, Directory, DirectoryLock, File, FileOptions, IoError, IoOptions, IoStats,
    LOCK_FILE, Operation, Queue, Site, open_directory,
};
use file::{Changes, MemoryFile};
use parking_lot::Mutex;
use queue::MemoryQueue;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

impl<S: Scheme> Engine<S> {
    /// Fails if the database was opened for reading only.
    pub(crate) fn check_writable(&self) -> Result<(), CommitError> {
        match self.options.read_only {
            true => Err(CommitError::ReadOnly),
            false => Ok(()),
        }
    }
}

impl<S: Scheme> Db<S> {
    /// Fails if the database was opened for reading only.
    pub(crate) fn check_writable(&self) -> Result<(), WriteError> {
        self.engine.check_writable().map_err(|_| WriteError::ReadOnly)
    }
}

/// Opens the directory of a database for reading only.
pub(crate) fn open_at(path: &Path, io: &IoOptions) -> Result<Arc<dyn Directory>, OpenError> {
    let options = IoOptions { read_only: true, create: false, ..io.clone() };
    let directory = open_directory(path, &options).map_err(io_error)?;
    let is_database = directory.entries().map_err(io_error)?.iter().any(|name| is_manifest(name));
    if is_database && !path.join(LOCK_FILE).exists() {
        make_lock_file(path, io)?;
    }
    Ok(directory)
}

fn is_manifest(name: &str) -> bool {
    name == crate::manifest::FILE
}

/// A copy of a database may lack the empty file by which processes exclude each other. On a file system
/// that can't be written nobody has to be excluded.
fn make_lock_file(path: &Path, io: &IoOptions) -> Result<(), OpenError> {
    let options = IoOptions { create: false, ..io.clone() };
    let made = open_directory(path, &options).and_then(|directory| directory.try_lock());
    match made {
        Ok(_) | Err(IoError::ReadOnly { .. } | IoError::Locked { .. }) => Ok(()),
        Err(error) => Err(io_error(error)),
    }
}

/// Takes the lock of a directory that is only read.
pub(crate) fn lock(directory: &dyn Directory) -> Result<DirectoryLock, IoError> {
    match directory.try_lock() {
        // On a file system that can't be written.
        Err(IoError::NotFound { .. }) => Ok(DirectoryLock::new(())),
        other => other,
    }
}

/// A directory that reads another one and keeps to itself what is written.
#[derive(Debug)]
pub(crate) struct MemoryWrites {
    below: Arc<dyn Directory>,
    /// Files that were opened, made or removed. `None` is one that is there no more.
    files: Mutex<BTreeMap<String, Option<Arc<Changes>>>>,
}

impl MemoryWrites {
    pub(crate) fn new(below: Arc<dyn Directory>) -> Self {
        Self { below, files: Mutex::default() }
    }

    /// The changes of a file that is there.
    fn changes(&self, name: &str) -> Result<Arc<Changes>, IoError> {
        let mut files = self.files.lock();
        match files.get(name) {
            Some(Some(changes)) => return Ok(Arc::clone(changes)),
            Some(None) => return Err(not_found(Operation::Open, name)),
            None => {}
        }
        let changes = Arc::new(Changes::of(self.below.open(name)?)?);
        files.insert(name.to_owned(), Some(Arc::clone(&changes)));
        Ok(changes)
    }
}

impl Directory for MemoryWrites {
    fn create_with(&self, name: &str, _: FileOptions) -> Result<Arc<dyn File>, IoError> {
        if self.entries()?.iter().any(|entry| entry == name) {
            let site = Site::whole(Operation::Create, name);
            return Err(IoError::new(site, io::ErrorKind::AlreadyExists.into()));
        }
        let changes = Arc::new(Changes::default());
        self.files.lock().insert(name.to_owned(), Some(Arc::clone(&changes)));
        Ok(Arc::new(MemoryFile::new(name, None, changes)))
    }

    fn open_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        let changes = self.changes(name)?;
        let below = match changes.has_file_below() {
            true => Some(self.below.open_with(changes.name_below(), options)?),
            false => None,
        };
        Ok(Arc::new(MemoryFile::new(name, below, changes)))
    }

    fn remove(&self, name: &str) -> Result<(), IoError> {
        self.changes(name)?;
        self.files.lock().insert(name.to_owned(), None);
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), IoError> {
        let changes = self.changes(from)?;
        let mut files = self.files.lock();
        files.insert(from.to_owned(), None);
        files.insert(to.to_owned(), Some(changes));
        Ok(())
    }

    fn entries(&self) -> Result<Vec<String>, IoError> {
        let below = self.below.entries()?;
        let files = self.files.lock();
        let mut names: Vec<String> =
            below.into_iter().filter(|name| !files.contains_key(name)).collect();
        let known = files.iter().filter(|(_, changes)| changes.is_some());
        names.extend(known.map(|(name, _)| name.clone()));
        names.sort_unstable();
        Ok(names)
    }

    fn sync(&self) -> Result<(), IoError> {
        Ok(())
    }

    fn try_lock(&self) -> Result<DirectoryLock, IoError> {
        lock(&*self.below)
    }

    fn queue(&self, depth: usize) -> Result<Box<dyn Queue>, IoError> {
        Ok(Box::new(MemoryQueue::new(self.below.queue(depth)?)))
    }

    fn stats(&self) -> IoStats {
        self.below.stats()
    }

    fn backend(&self) -> BackendReport {
        self.below.backend()
    }

    fn path(&self) -> &Path {
        self.below.path()
    }
}

fn not_found(operation: Operation, name: &str) -> IoError {
    IoError::new(Site::whole(operation, name), io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests;
