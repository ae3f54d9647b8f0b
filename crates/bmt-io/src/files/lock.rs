//! The lock of a real directory: the system's lock on its lock file.

use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::storage::{DirectoryLock, LOCK_FILE};
#[cfg(unix)]
use std::fs::{self, Metadata};
use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// How often a lock file that was removed meanwhile is opened anew.
const ATTEMPTS: usize = 8;

/// Locks `path`: shared if it is read-only (the lock file must then exist), else exclusively.
pub(super) fn try_lock(path: &Path, read_only: bool) -> Result<DirectoryLock, IoError> {
    let fail = |source| IoError::new(Site::whole(Operation::Lock, LOCK_FILE), source);
    let mut options = OpenOptions::new();
    options.read(true).write(!read_only).create(!read_only).truncate(false);
    let file_path = path.join(LOCK_FILE);
    for _ in 0..ATTEMPTS {
        let file = options.open(&file_path).map_err(fail)?;
        let locked = if read_only { file.try_lock_shared() } else { file.try_lock() };
        match locked {
            Ok(()) if is_named(&file, &file_path) => return Ok(DirectoryLock::new(file)),
            // Who held it removed it after this thread had opened it: somebody else may have locked a new one.
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => break,
            Err(TryLockError::Error(source)) => return Err(fail(source)),
        }
    }
    Err(IoError::Locked { directory: path.display().to_string().into() })
}

/// Whether the file is still the one with this name.
#[cfg(unix)]
fn is_named(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |metadata: Metadata| (metadata.dev(), metadata.ino());
    let named = fs::metadata(path).map(id);
    named.is_ok_and(|named| file.metadata().is_ok_and(|own| id(own) == named))
}

/// Whether the file is still the one with this name: an open file keeps its name here.
#[cfg(not(unix))]
fn is_named(_: &File, _: &Path) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests;
