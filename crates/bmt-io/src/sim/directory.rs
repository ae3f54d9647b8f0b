//! The directory of a simulated disk, and its lock.

use super::disk::{Disk, Inode, LockState, failure};
use super::fault::{Course, Fault};
use super::file::SimFile;
use super::names::NameChange;
use super::queue::SimQueue;
use crate::error::{IoError, Site};
use crate::name::validate;
use crate::open::{BackendKind, BackendReport};
use crate::operation::Operation;
use crate::stats::IoStats;
use crate::storage::{Directory, DirectoryLock, File, FileOptions, LOCK_FILE, Queue};
use parking_lot::Mutex;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The one directory of a simulated disk.
#[derive(Debug)]
pub(super) struct SimDirectory {
    disk: Arc<Mutex<Disk>>,
    read_only: bool,
    path: PathBuf,
}

impl SimDirectory {
    pub(super) fn new(disk: &Arc<Mutex<Disk>>, read_only: bool) -> Self {
        Self { disk: Arc::clone(disk), read_only, path: PathBuf::from("sim") }
    }

    fn change(
        &self,
        operation: Operation,
        name: &str,
        run: impl FnOnce(&mut Disk, &Site) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        let site = Site::whole(operation, name);
        if self.read_only {
            return Err(IoError::ReadOnly { site });
        }
        self.disk.lock().operate(site, |disk, course, site| match course {
            Course::Normal => run(disk, site),
            Course::Crash if disk.random.coin() => run(disk, site),
            Course::Crash | Course::Fault(Fault::Ignored) => Ok(()),
            Course::Fault(fault) => Err(failure(site, fault)),
        })
    }
}

fn error(site: &Site, kind: io::ErrorKind) -> IoError {
    IoError::new(site.clone(), kind.into())
}

fn find(disk: &Disk, name: &str, site: &Site) -> Result<u64, IoError> {
    let inode = disk.names.volatile.get(name).copied();
    inode.ok_or_else(|| error(site, io::ErrorKind::NotFound))
}

impl Directory for SimDirectory {
    fn create_with(&self, name: &str, _options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        validate(name)?;
        let mut created = None;
        self.change(Operation::Create, name, |disk, site| {
            if disk.names.volatile.contains_key(name) {
                return Err(error(site, io::ErrorKind::AlreadyExists));
            }
            let inode = disk.fresh_id();
            disk.inodes.insert(inode, Inode::default());
            disk.names.change(NameChange::Create { name: name.to_owned(), inode });
            created = Some(SimFile::new(&self.disk, disk, inode, name, false));
            Ok(())
        })?;
        match created {
            Some(file) => Ok(Arc::new(file)),
            // The creation was made to be ignored: there is nothing to open.
            None => Err(error(&Site::whole(Operation::Create, name), io::ErrorKind::NotFound)),
        }
    }

    fn open_with(&self, name: &str, _options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        validate(name)?;
        let site = Site::whole(Operation::Open, name);
        let opened = self.disk.lock().operate(site, |disk, course, site| {
            match course {
                Course::Normal => {}
                Course::Crash => return Err(IoError::Crashed { site: site.clone() }),
                Course::Fault(fault) => return Err(failure(site, fault)),
            }
            let inode = find(disk, name, site)?;
            Ok(Arc::new(SimFile::new(&self.disk, disk, inode, name, self.read_only)))
        });
        Ok(opened?)
    }

    fn remove(&self, name: &str) -> Result<(), IoError> {
        validate(name)?;
        self.change(Operation::Remove, name, |disk, site| {
            let inode = find(disk, name, site)?;
            disk.names.change(NameChange::Remove { name: name.to_owned(), inode });
            Ok(())
        })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), IoError> {
        validate(from)?;
        validate(to)?;
        self.change(Operation::Rename, from, |disk, site| {
            let inode = find(disk, from, site)?;
            let (from, to) = (from.to_owned(), to.to_owned());
            disk.names.change(NameChange::Rename { from, to, inode });
            Ok(())
        })
    }

    fn entries(&self) -> Result<Vec<String>, IoError> {
        let site = Site::whole(Operation::List, "sim");
        self.disk.lock().operate(site, |disk, course, site| match course {
            Course::Fault(fault) => Err(failure(site, fault)),
            _ => Ok(disk.names.volatile.keys().cloned().collect()),
        })
    }

    fn sync(&self) -> Result<(), IoError> {
        if self.read_only {
            return Ok(());
        }
        let site = Site::whole(Operation::SyncDirectory, "sim");
        self.disk.lock().operate(site, |disk, course, site| {
            let Disk { random, names, .. } = disk;
            match course {
                _ if disk.ignore_directory_sync => return Ok(()),
                Course::Normal => names.sync(),
                Course::Crash | Course::Fault(Fault::Ignored) => return Ok(()),
                Course::Fault(fault) => {
                    names.sync_failing(random);
                    return Err(failure(site, fault));
                }
            }
            disk.collect_all();
            Ok(())
        })
    }

    fn try_lock(&self) -> Result<DirectoryLock, IoError> {
        let site = Site::whole(Operation::Lock, LOCK_FILE);
        self.disk.lock().operate(site, |disk, course, site| {
            if let Course::Fault(fault) = course {
                return Err(failure(site, fault));
            }
            disk.lock = match (disk.lock, self.read_only) {
                (LockState::Free, false) => LockState::Writer,
                (LockState::Free, true) => LockState::Readers(1),
                (LockState::Readers(count), true) => LockState::Readers(count + 1),
                _ => return Err(IoError::Locked { directory: "sim".into() }),
            };
            Ok(())
        })?;
        Ok(DirectoryLock::new(LockGuard(Arc::clone(&self.disk))))
    }

    fn queue(&self, depth: usize) -> Result<Box<dyn Queue>, IoError> {
        Ok(Box::new(SimQueue::new(&self.disk, depth)))
    }

    fn stats(&self) -> IoStats {
        self.disk.lock().done
    }

    fn backend(&self) -> BackendReport {
        let reason = "a simulated disk was asked for".to_owned();
        BackendReport { kind: BackendKind::Sim, reason, errno: None, fallback_count: 0 }
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

/// Releases the lock of a simulated directory.
struct LockGuard(Arc<Mutex<Disk>>);

impl Drop for LockGuard {
    fn drop(&mut self) {
        let mut disk = self.0.lock();
        disk.lock = match disk.lock {
            LockState::Readers(count) if count > 1 => LockState::Readers(count - 1),
            _ => LockState::Free,
        };
    }
}
