//! A file of the operating system.

use super::positioned;
use crate::buffer::PAGE_SIZE;
use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::stats::Counters;
use crate::storage::{Direct, File, FileOptions};
use crate::units::len_u64;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// What zeros are written from.
static ZEROS: [u8; 64 * 1024] = [0; 64 * 1024];

/// The largest end of a range: offsets are signed in the system's calls.
const OFFSET_BYTES_MAX: u64 = i64::MAX.unsigned_abs();

/// An open file of the operating system.
#[derive(Debug)]
pub(super) struct RealFile {
    name: String,
    read_only: bool,
    /// Through the page cache.
    cached: fs::File,
    /// Around it, where that was asked for and can be had.
    direct: Option<fs::File>,
    counters: Arc<Counters>,
}

impl RealFile {
    pub(super) fn open(
        directory: &Path,
        name: &str,
        create: bool,
        read_only: bool,
        options: FileOptions,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        let path = directory.join(name);
        let cached =
            fs::OpenOptions::new().read(true).write(!read_only).create_new(create).open(&path)?;
        let direct = match options.direct {
            Direct::Never => None,
            Direct::Auto => open_direct(&path, read_only),
        };
        Ok(Self { name: name.to_owned(), read_only, cached, direct, counters })
    }

    fn site(&self, operation: Operation, offset_bytes: u64, len_bytes: u64) -> Site {
        Site::range(operation, &self.name, offset_bytes, len_bytes)
    }

    /// The direct handle, if it is there and the range is aligned as it demands.
    fn direct_for(&self, buffer: &[u8], offset_bytes: u64) -> Option<&fs::File> {
        let aligned = buffer.as_ptr().addr().is_multiple_of(PAGE_SIZE)
            && buffer.len().is_multiple_of(PAGE_SIZE)
            && offset_bytes.is_multiple_of(len_u64(PAGE_SIZE));
        self.direct.as_ref().filter(|_| aligned)
    }

    /// Reads until the buffer is full or the file ends. The direct handle does one call; what that
    /// leaves over (the end of a file that is no multiple of a page) goes through the cache.
    fn read(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let direct = self.direct_for(buffer, offset_bytes);
        let done = match direct {
            Some(file) => unless_refused(positioned::read_at(file, buffer, offset_bytes))?,
            None => 0,
        };
        let rest = &mut buffer[done..];
        let read = positioned::read_up_to(&self.cached, rest, offset_bytes + len_u64(done))?;
        Ok(done + read)
    }

    /// Writes all; as [`RealFile::read`].
    fn write(&self, buffer: &[u8], offset_bytes: u64) -> io::Result<()> {
        let direct = self.direct_for(buffer, offset_bytes);
        let done = match direct {
            Some(file) => unless_refused(positioned::write_at(file, buffer, offset_bytes))?,
            None => 0,
        };
        positioned::write_all(&self.cached, &buffer[done..], offset_bytes + len_u64(done))
    }

    /// Runs a change of the file, counts it, and names the place if it fails.
    fn change(
        &self,
        operation: Operation,
        offset_bytes: u64,
        len_bytes: u64,
        run: impl FnOnce() -> io::Result<()>,
    ) -> Result<(), IoError> {
        let site = || self.site(operation, offset_bytes, len_bytes);
        if self.read_only {
            return Err(IoError::ReadOnly { site: site() });
        }
        if !in_range(offset_bytes, len_bytes) {
            return Err(IoError::OutOfRange { site: site() });
        }
        run().map_err(|source| IoError::new(site(), source))?;
        self.counters.record(operation, len_bytes);
        Ok(())
    }
}

/// No bytes if a direct call was interrupted, or wants another alignment than a page's: then the cached
/// handle does it all.
fn unless_refused(result: io::Result<usize>) -> io::Result<usize> {
    match result {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::InvalidInput) =>
        {
            Ok(0)
        }
        other => other,
    }
}

fn in_range(offset_bytes: u64, len_bytes: u64) -> bool {
    offset_bytes.checked_add(len_bytes).is_some_and(|end| end <= OFFSET_BYTES_MAX)
}

impl File for RealFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn len_bytes(&self) -> Result<u64, IoError> {
        let site = || Site::whole(Operation::Length, &self.name);
        let metadata = self.cached.metadata().map_err(|source| IoError::new(site(), source))?;
        self.counters.record(Operation::Length, 0);
        Ok(metadata.len())
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset_bytes: u64) -> Result<(), IoError> {
        let len_bytes = len_u64(buffer.len());
        let site = || self.site(Operation::Read, offset_bytes, len_bytes);
        if !in_range(offset_bytes, len_bytes) {
            return Err(IoError::OutOfRange { site: site() });
        }
        let read =
            self.read(buffer, offset_bytes).map_err(|source| IoError::new(site(), source))?;
        if read < buffer.len() {
            return Err(IoError::UnexpectedEnd { site: site(), read_bytes: len_u64(read) });
        }
        self.counters.record(Operation::Read, len_bytes);
        Ok(())
    }

    fn write_all_at(&self, buffer: &[u8], offset_bytes: u64) -> Result<(), IoError> {
        self.change(Operation::Write, offset_bytes, len_u64(buffer.len()), || {
            self.write(buffer, offset_bytes)
        })
    }

    fn set_len(&self, len_bytes: u64) -> Result<(), IoError> {
        self.change(Operation::SetLen, len_bytes, 0, || self.cached.set_len(len_bytes))
    }

    fn zero_fill(&self, offset_bytes: u64, len_bytes: u64) -> Result<(), IoError> {
        self.change(Operation::ZeroFill, offset_bytes, len_bytes, || {
            let mut at = 0;
            while at < len_bytes {
                let left = usize::try_from(len_bytes - at).unwrap_or(usize::MAX);
                let piece = &ZEROS[..left.min(ZEROS.len())];
                positioned::write_all(&self.cached, piece, offset_bytes + at)?;
                at += len_u64(piece.len());
            }
            Ok(())
        })
    }

    fn sync_data(&self) -> Result<(), IoError> {
        self.counters
            .syncs
            .time(|| self.change(Operation::SyncData, 0, 0, || self.cached.sync_data()))
    }

    fn os_file(&self) -> Option<&fs::File> {
        Some(self.direct.as_ref().unwrap_or(&self.cached))
    }
}

/// A second handle for direct I/O, if the file system has it.
#[cfg(target_os = "linux")]
fn open_direct(path: &Path, read_only: bool) -> Option<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::OpenOptions::new().read(true).write(!read_only).custom_flags(libc::O_DIRECT).open(path).ok()
}

/// A second handle for direct I/O: not on this system.
#[cfg(not(target_os = "linux"))]
fn open_direct(_path: &Path, _read_only: bool) -> Option<fs::File> {
    None
}
