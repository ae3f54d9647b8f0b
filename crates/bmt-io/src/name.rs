//! Which file names every backend accepts.

use crate::error::IoError;
use crate::storage::LOCK_FILE;

/// The longest name, in bytes, that common file systems take.
const NAME_LEN_MAX: usize = 255;

/// Refuses names that are not a plain path component, and the lock file's.
pub(crate) fn validate(name: &str) -> Result<(), IoError> {
    let reserved = matches!(name, "" | "." | "..") || name.eq_ignore_ascii_case(LOCK_FILE);
    let separator = name.contains(['/', '\\', ':', '\0']);
    if reserved || separator || name.len() > NAME_LEN_MAX {
        return Err(IoError::InvalidName { name: name.into() });
    }
    Ok(())
}
