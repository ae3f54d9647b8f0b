//! The lock of a real directory: the system's lock on its lock file.

use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::storage::{DirectoryLock, LOCK_FILE};
use std::fs::{OpenOptions, TryLockError};
use std::path::Path;

/// Locks `path`: shared if it is read-only (the lock file must then exist), else exclusively.
pub(super) fn try_lock(path: &Path, read_only: bool) -> Result<DirectoryLock, IoError> {
    let fail = |source| IoError::new(Site::whole(Operation::Lock, LOCK_FILE), source);
    let mut options = OpenOptions::new();
    options.read(true).write(!read_only).create(!read_only).truncate(false);
    let file = options.open(path.join(LOCK_FILE)).map_err(fail)?;
    let locked = if read_only { file.try_lock_shared() } else { file.try_lock() };
    match locked {
        Ok(()) => Ok(DirectoryLock::new(file)),
        Err(TryLockError::WouldBlock) => {
            Err(IoError::Locked { directory: path.display().to_string().into() })
        }
        Err(TryLockError::Error(source)) => Err(fail(source)),
    }
}
