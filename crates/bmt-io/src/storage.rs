//! The storage trait: [`Directory`], [`File`] and [`Queue`], which every backend implements.

use crate::buffer::PageBuffer;
use crate::error::{IoError, Site};
use crate::latency::Histogram;
use crate::open::BackendReport;
use crate::operation::Operation;
use crate::stats::IoStats;
use crate::units::len_u64;
use core::any::Any;
use core::fmt;
use std::path::Path;
use std::sync::Arc;

/// The name of the lock file, which no other file may have and [`Directory::entries`] leaves out.
pub const LOCK_FILE: &str = "LOCK";

/// One directory of files, real or simulated; used as `Arc<dyn Directory>`.
///
/// Names are single path components; [`LOCK_FILE`] is reserved. A file that was created, renamed or
/// removed is durably so only after [`Directory::sync`]; its bytes only after [`File::sync_data`].
/// Neither implies the other.
pub trait Directory: fmt::Debug + Send + Sync {
    /// Makes a file for reading and writing.
    ///
    /// # Errors
    /// [`IoError::AlreadyExists`], [`IoError::ReadOnly`], [`IoError::NoSpace`], and others.
    fn create(&self, name: &str) -> Result<Arc<dyn File>, IoError> {
        self.create_with(name, FileOptions::default())
    }

    /// Opens a file that exists: read-only if the directory is, else for reading and writing.
    ///
    /// # Errors
    /// [`IoError::NotFound`] and others.
    fn open(&self, name: &str) -> Result<Arc<dyn File>, IoError> {
        self.open_with(name, FileOptions::default())
    }

    /// As [`Directory::create`], with options.
    ///
    /// # Errors
    /// As [`Directory::create`].
    fn create_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError>;

    /// As [`Directory::open`], with options.
    ///
    /// # Errors
    /// As [`Directory::open`].
    fn open_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError>;

    /// Removes a file. Handles that are open go on working.
    ///
    /// # Errors
    /// [`IoError::NotFound`], [`IoError::ReadOnly`] and others.
    fn remove(&self, name: &str) -> Result<(), IoError>;

    /// Renames a file, replacing atomically what had the name `to`.
    ///
    /// # Errors
    /// [`IoError::NotFound`], [`IoError::ReadOnly`] and others.
    fn rename(&self, from: &str, to: &str) -> Result<(), IoError>;

    /// The names of all files, sorted; without subdirectories, the lock file and names that are not
    /// Unicode.
    ///
    /// # Errors
    /// When the directory cannot be read.
    fn entries(&self) -> Result<Vec<String>, IoError>;

    /// Makes creations, renames and removals durable. Does nothing on Windows, which has no such
    /// call and journals directory changes by itself, and in a read-only directory.
    ///
    /// # Errors
    /// When it fails, which of the changes are durable is unknown; do not retry.
    fn sync(&self) -> Result<(), IoError>;

    /// Takes the directory's lock, or fails at once; never waits.
    ///
    /// A read-only directory takes it shared: any number of readers, or one writer. The lock belongs
    /// to the handle that is returned, not to the process, and the system releases it when the
    /// process dies.
    ///
    /// # Errors
    /// [`IoError::Locked`] and others.
    fn try_lock(&self) -> Result<DirectoryLock, IoError>;

    /// A queue that keeps up to `depth` requests going at once (at least one, at most 4096).
    ///
    /// # Errors
    /// When threads or a ring cannot be had.
    fn queue(&self, depth: usize) -> Result<Box<dyn Queue>, IoError>;

    /// Operations and bytes since the directory was opened.
    fn stats(&self) -> IoStats;

    /// How long [`File::sync_data`] took, since the directory was opened. Nothing where no time passes, as
    /// on a simulated disk.
    fn sync_latency(&self) -> Histogram {
        Histogram::default()
    }

    /// Which backend this is, and why.
    fn backend(&self) -> BackendReport;

    /// The directory's path; a display name for one that is simulated.
    fn path(&self) -> &Path;
}

/// One open file. Calls block; any number of threads may make them at once.
///
/// `Any`, so that a queue can tell its own files from others.
pub trait File: fmt::Debug + Send + Sync + Any {
    /// The name under which the file was created or opened.
    fn name(&self) -> &str;

    /// The file's length in bytes.
    ///
    /// # Errors
    /// When the system cannot tell.
    fn len_bytes(&self) -> Result<u64, IoError>;

    /// Fills `buffer` from the bytes at `offset_bytes`. The buffer need not be aligned.
    ///
    /// # Errors
    /// [`IoError::UnexpectedEnd`] when the file ends before that; what `buffer` holds is then
    /// unspecified.
    fn read_exact_at(&self, buffer: &mut [u8], offset_bytes: u64) -> Result<(), IoError>;

    /// Writes all of `buffer` at `offset_bytes`, growing the file if need be. The buffer need not be
    /// aligned. Not durable before [`File::sync_data`].
    ///
    /// # Errors
    /// Some of the bytes may have been written. [`IoError::NoSpace`], [`IoError::ReadOnly`], others.
    fn write_all_at(&self, buffer: &[u8], offset_bytes: u64) -> Result<(), IoError>;

    /// Cuts the file, or grows it with a hole that reads as zeros.
    ///
    /// # Errors
    /// As [`File::write_all_at`].
    fn set_len(&self, len_bytes: u64) -> Result<(), IoError>;

    /// Writes real zeros, so that later writes to the range change no metadata.
    ///
    /// # Errors
    /// As [`File::write_all_at`].
    fn zero_fill(&self, offset_bytes: u64, len_bytes: u64) -> Result<(), IoError>;

    /// Makes the file's bytes and length durable (`fdatasync`).
    ///
    /// # Errors
    /// When it fails, which of the bytes are durable is unknown, and a later success does not mean
    /// that these are: do not retry.
    fn sync_data(&self) -> Result<(), IoError>;

    /// The system's file, for a [`Queue`] that hands requests to the kernel; `None` if there is none
    /// and the blocking calls must be used. Open for direct I/O if the file is.
    fn os_file(&self) -> Option<&std::fs::File> {
        None
    }
}

/// Runs reads and writes, many at a time; completions come in any order.
///
/// Dropping a queue waits until nothing is in flight, and so may block. Requests that were never
/// submitted are then not run.
pub trait Queue: fmt::Debug + Send {
    /// Adds a request. As far as the queue's depth leaves room, it starts with the next
    /// [`Queue::submit`], or when a [`Queue::wait`] has to block.
    fn push(&mut self, request: Request);

    /// Starts the requests that were pushed, as many as the depth leaves room for. Does not block.
    ///
    /// # Errors
    /// When the kernel refuses; requests then stay pushed, and the next call tries again.
    fn submit(&mut self) -> Result<(), IoError>;

    /// Waits for one completion; submits before it blocks. `None` when nothing is in flight.
    fn wait(&mut self) -> Option<Completion>;

    /// Requests pushed whose completions have not been returned yet.
    fn in_flight(&self) -> usize;
}

/// One read or write for a [`Queue`]. The range is the whole buffer.
#[derive(Debug)]
pub enum Request {
    /// Fill the buffer from the file.
    Read {
        /// The file, opened from the directory that made the queue.
        file: Arc<dyn File>,
        /// Where in the file; a multiple of the page size if the file is open for direct I/O.
        offset_bytes: u64,
        /// The buffer to fill.
        buffer: PageBuffer,
        /// Handed back with the completion.
        tag: u64,
    },
    /// Write the buffer to the file.
    Write {
        /// The file, opened from the directory that made the queue.
        file: Arc<dyn File>,
        /// Where in the file; a multiple of the page size if the file is open for direct I/O.
        offset_bytes: u64,
        /// The bytes to write.
        buffer: PageBuffer,
        /// Handed back with the completion.
        tag: u64,
    },
}

/// The end of a [`Request`].
#[derive(Debug)]
pub struct Completion {
    /// The request's tag.
    pub tag: u64,
    /// The request's buffer. After a failed read its bytes are unspecified. It is empty only when the
    /// kernel could not be made to give it back; `result` is then an error.
    pub buffer: PageBuffer,
    /// How it went; short reads and writes have been resumed already.
    pub result: Result<(), IoError>,
}

impl Request {
    /// Runs the request with the file's blocking calls.
    #[must_use]
    pub fn run(self) -> Completion {
        match self {
            Self::Read { file, offset_bytes, mut buffer, tag } => {
                let result = file.read_exact_at(&mut buffer, offset_bytes);
                Completion { tag, buffer, result }
            }
            Self::Write { file, offset_bytes, buffer, tag } => {
                let result = file.write_all_at(&buffer, offset_bytes);
                Completion { tag, buffer, result }
            }
        }
    }

    /// The tag that the completion will carry.
    #[must_use]
    pub fn tag(&self) -> u64 {
        match self {
            Self::Read { tag, .. } | Self::Write { tag, .. } => *tag,
        }
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Arc<dyn File> {
        match self {
            Self::Read { file, .. } | Self::Write { file, .. } => file,
        }
    }

    /// The buffer.
    #[must_use]
    pub fn buffer(&self) -> &PageBuffer {
        match self {
            Self::Read { buffer, .. } | Self::Write { buffer, .. } => buffer,
        }
    }

    /// [`Operation::Read`] or [`Operation::Write`].
    #[must_use]
    pub fn operation(&self) -> Operation {
        match self {
            Self::Read { .. } => Operation::Read,
            Self::Write { .. } => Operation::Write,
        }
    }

    /// What an error of this request names.
    #[must_use]
    pub fn site(&self) -> Site {
        let (Self::Read { file, offset_bytes, buffer, .. }
        | Self::Write { file, offset_bytes, buffer, .. }) = self;
        Site::range(self.operation(), file.name(), *offset_bytes, len_u64(buffer.len()))
    }

    /// The completion with this result: for implementations of [`Queue`].
    #[must_use]
    pub fn complete(self, result: Result<(), IoError>) -> Completion {
        let (Self::Read { buffer, tag, .. } | Self::Write { buffer, tag, .. }) = self;
        Completion { tag, buffer, result }
    }
}

/// How to open a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileOptions {
    /// Whether to go around the system's page cache.
    pub direct: Direct,
}

/// Whether a file goes around the system's page cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direct {
    /// Through the page cache.
    #[default]
    Never,
    /// Around it where the file system allows (Linux, `O_DIRECT`), else through it. Blocking calls
    /// with a buffer, offset or length that is not a multiple of the page size go through it always.
    Auto,
}

/// The lock of a directory; released on drop.
pub struct DirectoryLock(
    #[expect(dead_code, reason = "kept for its drop")] Box<dyn Any + Send + Sync>,
);

impl DirectoryLock {
    /// A lock that lasts until `guard` is dropped: for implementations of [`Directory`].
    #[must_use]
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for DirectoryLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DirectoryLock")
    }
}
