//! Writing a whole state to a file or a stream, keys in order: [`Db::export`].
//!
//! # Format
//!
//! Version 1, `docs/format/export.md`: a header with the state's root, chunks of entries, a trailer; each under
//! a checksum that goes on from the one before.

pub(crate) mod format;

use crate::db::Db;
use crate::error::{Corruption, ReadAtError, ReadError};
use crate::read_session::ReadSession;
use bmt_core::{Hash, Key, Scheme};
use format::{ChunkWriter, HEADER_BYTES, Header};
use std::io::{self, Write};
use std::sync::Arc;

/// How far an export or an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// Keys that were written or read.
    pub keys: u64,
    /// How many there are.
    pub keys_total: u64,
    /// Bytes of the file that were written or read.
    pub bytes: u64,
}

/// An export that is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The root of the state.
    pub root: Hash,
    /// How many keys it has.
    pub key_count: u64,
    /// Bytes that were written.
    pub bytes: u64,
}

/// Why a state was not exported, or not whole. What was written is refused by an import.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The state with that root can't be read.
    #[error(transparent)]
    ReadAt(#[from] ReadAtError),
    /// An entry can't be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The writer failed.
    #[error("the export can't be written at byte {offset_bytes}: {source}")]
    Write {
        /// Bytes that were written before.
        offset_bytes: u64,
        /// What it says.
        source: Arc<io::Error>,
    },
}

impl<S: Scheme> Db<S> {
    /// Writes a state to a stream, its keys in order: the newest, or one that [`Db::begin_read_at`] can read.
    /// `progress` is called after each chunk of about 1 MiB.
    ///
    /// Commits and checkpoints go on: it is a read session that lasts as long as the writing, and holds what
    /// it reads. Takes a few MiB of memory, and reads every leaf page once. The bytes are a function of the
    /// state alone. Nothing is flushed or synced.
    ///
    /// ```
    /// use bmt_core::{GrayPaper, StateKey};
    /// use bmt_store::{Db, Import, Options};
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let (here, there) = (directory.path().join("here"), directory.path().join("there"));
    /// let db = Db::open(here)?;
    /// db.insert(StateKey::component(1), b"alpha")?;
    /// let root = db.commit()?.root;
    ///
    /// let mut file = Vec::new();
    /// db.export(None, &mut file, |_| ())?;
    /// let import = Import::<GrayPaper, _>::begin(file.as_slice())?;
    /// assert_eq!(import.root(), root);
    /// import.build(&there, &Options::new(), |_| ())?;
    /// assert_eq!(Db::open(&there)?.root(), root);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// See [`ExportError`].
    pub fn export(
        &self,
        root: Option<&Hash>,
        writer: impl Write,
        progress: impl FnMut(TransferProgress),
    ) -> Result<Exported, ExportError> {
        let session = match root {
            Some(root) => self.begin_read_at(root)?,
            None => self.begin_read(),
        };
        session.export(writer, progress)
    }
}

impl<S: Scheme> ReadSession<S> {
    /// Writes this state to a stream; see [`Db::export`].
    ///
    /// # Errors
    /// See [`ExportError`].
    pub fn export(
        &self,
        writer: impl Write,
        progress: impl FnMut(TransferProgress),
    ) -> Result<Exported, ExportError> {
        let (root, key_count) = (self.root(), self.key_count());
        let (header, chain) = Header { root, key_count }.encode::<S>();
        assert_eq!(header.len(), HEADER_BYTES, "as the format says");
        let at = TransferProgress { keys: 0, keys_total: key_count, bytes: 0 };
        let mut sink = Sink { writer, progress, at };
        sink.write(&header)?;
        let mut chunk = ChunkWriter::new(chain);
        let mut keys = 0;
        for entry in self.range(..)? {
            let (key, value) = entry?;
            if chunk.is_full_for(S::Key::LEN, value.len()) {
                sink.at.keys = keys;
                chunk.finish(|bytes| sink.write(bytes))?;
            }
            chunk.push(key.as_bytes(), &value);
            keys += 1;
        }
        if keys != key_count {
            let reason = format!("the state has {key_count} keys, and {keys} are stored");
            return Err(
                ReadError::from(Corruption::new(crate::layout::TREE_FILE, 0, reason)).into()
            );
        }
        sink.at.keys = keys;
        if !chunk.is_empty() {
            chunk.finish(|bytes| sink.write(bytes))?;
        }
        let offset_bytes = sink.at.bytes;
        sink.write(&chunk.trailer(key_count, offset_bytes))?;
        Ok(Exported { root, key_count, bytes: sink.at.bytes })
    }
}

/// Where the bytes go, and how many have.
struct Sink<W, P> {
    writer: W,
    progress: P,
    at: TransferProgress,
}

impl<W: Write, P: FnMut(TransferProgress)> Sink<W, P> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.writer.write_all(bytes).map_err(|source| {
            let offset_bytes = self.at.bytes;
            ExportError::Write { offset_bytes, source: Arc::new(source) }
        })?;
        self.at.bytes += bytes.len() as u64;
        (self.progress)(self.at);
        Ok(())
    }
}
