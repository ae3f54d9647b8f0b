//! Building a database from an export: [`Import`].

mod reader;

use crate::db::{Commit, Db};
use crate::error::{BulkLoadError, CloseError, OpenError};
use crate::export::TransferProgress;
use crate::export::format::Header;
use crate::options::Options;
use crate::staging::{Staging, StagingError};
use bmt_core::{Hash, Scheme};
use reader::{ChunkValue, Entries};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// An export whose header was read and is right.
///
/// See [`Db::export`] for an example. `R` is read in steps of up to 1 MiB, so it needs no buffer.
pub struct Import<S: Scheme, R> {
    entries: Entries<S, R>,
    header: Header,
}

/// Why an export was not imported. Nothing of it is in any database.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The file does not begin as an export does.
    #[error("not an export: the file does not begin like one")]
    NotAnExport,
    /// It was written in a version of the format that this build does not know.
    #[error("format version {found} is not supported, this build reads {supported}")]
    UnsupportedVersion {
        /// The version found.
        found: u32,
        /// The version this build reads.
        supported: u32,
    },
    /// It uses features that this build does not know.
    #[error("features {found:#x} are not supported by this build")]
    UnsupportedFeatures {
        /// The feature flags found.
        found: u32,
    },
    /// It is a state of another scheme: other keys, other hashes.
    #[error("the export has scheme {stored}, it was read as {asked}")]
    SchemeMismatch {
        /// The identifier of the export's scheme.
        stored: u32,
        /// The identifier of the scheme asked for.
        asked: u32,
    },
    /// Bytes that cannot be what was written.
    #[error("the export is damaged at byte {offset_bytes}: {reason}")]
    Damaged {
        /// Where: a field, an entry, or the beginning of the header or chunk whose checksum does not match.
        offset_bytes: u64,
        /// What does not hold.
        reason: String,
    },
    /// The file ends before its trailer.
    #[error("the export ends too early, after {offset_bytes} bytes")]
    Truncated {
        /// Its length.
        offset_bytes: u64,
    },
    /// The file can't be read.
    #[error("the export can't be read at byte {offset_bytes}: {source}")]
    Read {
        /// Bytes that were read before.
        offset_bytes: u64,
        /// What the reader says.
        source: Arc<io::Error>,
    },
    /// The entries do not have the root that the file says.
    #[error("the entries have the root {}, the export says {}", Hex(computed), Hex(stated))]
    RootMismatch {
        /// The root in the file.
        stated: Hash,
        /// The root of its entries.
        computed: Hash,
    },
    /// The place where the database is to be.
    #[error(transparent)]
    Staging(#[from] StagingError),
    /// The database can't be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The entries can't be loaded.
    #[error(transparent)]
    Load(#[from] BulkLoadError),
    /// The database can't be closed.
    #[error(transparent)]
    Close(#[from] CloseError),
}

/// A hash, in a message.
struct Hex<'a>(&'a Hash);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<S: Scheme, R: Read> Import<S, R> {
    /// Reads the header of an export.
    ///
    /// # Errors
    /// Those of [`ImportError`] that are about the file.
    pub fn begin(reader: R) -> Result<Self, ImportError> {
        let (entries, header) = Entries::begin(reader)?;
        Ok(Self { entries, header })
    }

    /// The root that the file says.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.header.root
    }

    /// How many keys it says to have.
    #[must_use]
    pub fn key_count(&self) -> u64 {
        self.header.key_count
    }

    /// Makes a database of the entries at `path`, where there must be nothing, or an empty directory. The state
    /// is that of sequence 0, durable when this returns; its root is computed, and compared with the file's.
    ///
    /// The database is built in the directory `PATH.unfinished` beside it, and gets its name at the end, in one
    /// step: what has the name is whole. After an error that directory is removed. After a crash
    /// it stays: the same import made again takes it away and begins anew; so does [`Db::checkpoint_to`].
    ///
    /// One pass: entries are hashed, and pages written, as they are read. Takes
    /// [`Options::memory_bytes`], of which the buffer of changes is not used, and about 15 bytes a key.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub fn build(
        self,
        path: &Path,
        options: &Options,
        progress: impl FnMut(TransferProgress),
    ) -> Result<Commit, ImportError> {
        let staging = Staging::begin(path)?;
        let db = Db::open_with(staging.path(), &options.clone().create(true))?;
        let commit = self.load_into(&db, progress)?;
        db.close()?;
        staging.finish()?;
        Ok(commit)
    }

    /// Loads the entries into a database that is open and empty, as [`Db::bulk_load`] does. After an error it is
    /// empty still.
    ///
    /// # Errors
    /// See [`ImportError`].
    pub fn load_into(
        self,
        db: &Db<S>,
        mut progress: impl FnMut(TransferProgress),
    ) -> Result<Commit, ImportError> {
        let Self { mut entries, header } = self;
        let end = End::default();
        let source = Source { entries: &mut entries, end: &end, progress: &mut progress };
        let loaded = db.engine.bulk_load(source, |root| {
            end.computed.set(Some(*root));
            end.is_reached.get() && *root == header.root
        });
        if let Some(error) = end.error.take() {
            return Err(error);
        }
        match (loaded, end.computed.get()) {
            (Err(BulkLoadError::Refused), Some(computed)) => {
                Err(ImportError::RootMismatch { stated: header.root, computed })
            }
            (loaded, _) => Ok(loaded?),
        }
    }
}

impl<S: Scheme, R> fmt::Debug for Import<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Import").field("key_count", &self.header.key_count).finish_non_exhaustive()
    }
}

/// How reading ended.
#[derive(Default)]
struct End {
    is_reached: Cell<bool>,
    error: RefCell<Option<ImportError>>,
    computed: Cell<Option<Hash>>,
}

/// The entries, until the first error.
struct Source<'a, S: Scheme, R, P> {
    entries: &'a mut Entries<S, R>,
    end: &'a End,
    progress: &'a mut P,
}

impl<S: Scheme, R: Read, P: FnMut(TransferProgress)> Iterator for Source<'_, S, R, P> {
    type Item = (S::Key, ChunkValue);

    fn next(&mut self) -> Option<Self::Item> {
        if self.end.is_reached.get() || self.end.error.borrow().is_some() {
            return None;
        }
        if self.entries.is_between_chunks() {
            (self.progress)(self.entries.progress());
        }
        match self.entries.advance() {
            Ok(Some(entry)) => Some(entry),
            Ok(None) => {
                (self.progress)(self.entries.progress());
                self.end.is_reached.set(true);
                None
            }
            Err(error) => {
                self.end.error.replace(Some(error));
                None
            }
        }
    }
}
