//! Reading an export: every byte validated, every fault with its place.
#![deny(clippy::indexing_slicing)]

use super::ImportError;
use crate::db::VALUE_BYTES_MAX;
use crate::export::TransferProgress;
use crate::export::format::{
    BODY_BYTES_MAX, CHECKSUM_BYTES, HEADER_BYTES, Header, MAGIC, PREFIX_BYTES, TRAILER_BODY_BYTES,
    VERSION, entry_overhead, trailer_bytes,
};
use bmt_core::{Key, Scheme};
use bmt_io::checksum;
use std::io::{self, Read};
use std::marker::PhantomData;
use std::sync::Arc;

/// Bytes of a file that are read at a time when it is not known yet whether they are there.
const STEP_BYTES: u64 = 8 << 20;

/// A value, in the chunk that it was read with.
#[derive(Clone)]
pub(super) struct ChunkValue {
    chunk: Arc<Vec<u8>>,
    start: usize,
    end: usize,
}

impl AsRef<[u8]> for ChunkValue {
    fn as_ref(&self) -> &[u8] {
        self.chunk.get(self.start..self.end).unwrap_or_default()
    }
}

/// The entries of an export.
pub(super) struct Entries<S: Scheme, R> {
    reader: R,
    /// Bytes read.
    offset_bytes: u64,
    /// The checksum of what was read.
    chain: u64,
    chunk: Arc<Vec<u8>>,
    /// Where the chunk begins in the file.
    chunk_at: u64,
    /// How far in the chunk the entries were handed out.
    position: usize,
    /// Entries of the chunk that were not handed out.
    left: u32,
    last: Option<S::Key>,
    key_count: u64,
    keys_total: u64,
    scheme: PhantomData<S>,
}

impl<S: Scheme, R: Read> Entries<S, R> {
    /// Reads the header.
    pub(super) fn begin(reader: R) -> Result<(Self, Header), ImportError> {
        let mut entries = Self {
            reader,
            offset_bytes: 0,
            chain: 0,
            chunk: Arc::default(),
            chunk_at: 0,
            position: 0,
            left: 0,
            last: None,
            key_count: 0,
            keys_total: 0,
            scheme: PhantomData,
        };
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        let read = entries.read(HEADER_BYTES, &mut bytes);
        // Also of a file that is too short for a header.
        if bytes.iter().zip(&MAGIC).any(|(found, expected)| found != expected) {
            return Err(ImportError::NotAnExport);
        }
        read?;
        let header = entries.header(&bytes)?;
        entries.keys_total = header.key_count;
        Ok((entries, header))
    }

    /// Magic and version first: the checksum of another version may be elsewhere.
    fn header(&mut self, bytes: &[u8]) -> Result<Header, ImportError> {
        let mut fields = Fields(bytes);
        fields.array::<8>();
        let (version, features) = (fields.u32(), fields.u32());
        if version != VERSION {
            return Err(ImportError::UnsupportedVersion { found: version, supported: VERSION });
        }
        let covered = bytes.get(..HEADER_BYTES - CHECKSUM_BYTES).unwrap_or_default();
        let (id, key_bytes, root) = (fields.u32(), fields.u32(), fields.array::<32>());
        let (key_count, stored) = (fields.u64(), fields.u64());
        self.chain = checksum(0, covered);
        if stored != self.chain {
            return Err(damaged(0, "the header's checksum does not match"));
        }
        if features != 0 {
            return Err(ImportError::UnsupportedFeatures { found: features });
        }
        if id != S::ID {
            return Err(ImportError::SchemeMismatch { stored: id, asked: S::ID });
        }
        match usize::try_from(key_bytes) {
            Ok(key_bytes) if key_bytes == S::Key::LEN => Ok(Header { root, key_count }),
            _ => Err(damaged(20, "the keys are not as long as the scheme's")),
        }
    }

    /// The next entry; `None` at the end of the file, when everything was right.
    pub(super) fn advance(&mut self) -> Result<Option<(S::Key, ChunkValue)>, ImportError> {
        if self.left == 0 && !self.next_chunk()? {
            return Ok(None);
        }
        let at = self.position;
        let fault = |reason| damaged(self.chunk_at + at as u64, reason);
        let mut fields = Fields(self.chunk.get(at..).unwrap_or_default());
        let key = fields.take(S::Key::LEN).and_then(|bytes| S::Key::from_slice(bytes).ok());
        let Some(key) = key else { return Err(fault("a key reaches past the chunk")) };
        if self.last.is_some_and(|last| last >= key) {
            return Err(fault("the key is not greater than the one before"));
        }
        let length = usize::try_from(fields.u32()).unwrap_or(usize::MAX);
        let start = at + entry_overhead(S::Key::LEN);
        let end = start.saturating_add(length);
        if end > self.body_end() {
            return Err(fault("a value reaches past the chunk"));
        }
        self.last = Some(key);
        self.position = end;
        self.left -= 1;
        self.key_count += 1;
        if self.left == 0 && end != self.body_end() {
            return Err(fault("the chunk is longer than its entries"));
        }
        Ok(Some((key, ChunkValue { chunk: Arc::clone(&self.chunk), start, end })))
    }

    /// How far it is.
    pub(super) fn progress(&self) -> TransferProgress {
        let (keys, keys_total) = (self.key_count, self.keys_total);
        TransferProgress { keys, keys_total, bytes: self.offset_bytes }
    }

    /// Whether the next entry is the first of a chunk.
    pub(super) fn is_between_chunks(&self) -> bool {
        self.left == 0
    }

    fn body_end(&self) -> usize {
        self.chunk.len().saturating_sub(CHECKSUM_BYTES)
    }

    /// Reads a chunk, whose checksum is right; false if it was the trailer.
    fn next_chunk(&mut self) -> Result<bool, ImportError> {
        let at = self.offset_bytes;
        // The buffer again, if no value is held any more.
        let mut chunk = std::mem::take(&mut self.chunk);
        let mut bytes = Arc::get_mut(&mut chunk).map(std::mem::take).unwrap_or_default();
        bytes.clear();
        self.read(PREFIX_BYTES, &mut bytes)?;
        let mut fields = Fields(&bytes);
        let (entry_count, body_bytes) = (fields.u32(), u64::from(fields.u32()));
        check_lengths::<S>(entry_count, body_bytes).map_err(|reason| damaged(at, reason))?;
        let body_bytes = usize::try_from(body_bytes).unwrap_or(usize::MAX);
        self.read(body_bytes.saturating_add(CHECKSUM_BYTES), &mut bytes)?;
        let (covered, stored) = bytes.split_at(bytes.len().saturating_sub(CHECKSUM_BYTES));
        self.chain = checksum(self.chain, covered);
        if Fields(stored).u64() != self.chain {
            return Err(damaged(at, "the chunk's checksum does not match"));
        }
        if entry_count == 0 {
            self.trailer(at, &bytes)?;
            return Ok(false);
        }
        self.chunk = Arc::new(bytes);
        (self.chunk_at, self.position, self.left) = (at, PREFIX_BYTES, entry_count);
        Ok(true)
    }

    fn trailer(&mut self, at: u64, bytes: &[u8]) -> Result<(), ImportError> {
        let mut fields = Fields(bytes.get(PREFIX_BYTES..).unwrap_or_default());
        let (key_count, file_bytes) = (fields.u64(), fields.u64());
        if key_count != self.key_count || key_count != self.keys_total {
            return Err(damaged(at, "the trailer does not have the number of keys"));
        }
        if file_bytes != at + trailer_bytes() || file_bytes != self.offset_bytes {
            return Err(damaged(at, "the trailer does not have the length of the file"));
        }
        let mut next = [0];
        match self.reader.read(&mut next) {
            Ok(0) => Ok(()),
            Ok(_) => Err(damaged(file_bytes, "bytes follow the trailer")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.trailer(at, bytes),
            Err(source) => Err(self.failed(source)),
        }
    }

    /// Reads so many bytes to the end of a buffer. Memory is taken as the bytes come.
    fn read(&mut self, count: usize, buffer: &mut Vec<u8>) -> Result<(), ImportError> {
        let mut left = count as u64;
        while left > 0 {
            let step = left.min(STEP_BYTES);
            let read = self.reader.by_ref().take(step).read_to_end(buffer);
            let read = read.map_err(|source| self.failed(source))? as u64;
            self.offset_bytes += read;
            if read < step {
                return Err(ImportError::Truncated { offset_bytes: self.offset_bytes });
            }
            left -= read;
        }
        Ok(())
    }

    fn failed(&self, source: io::Error) -> ImportError {
        ImportError::Read { offset_bytes: self.offset_bytes, source: Arc::new(source) }
    }
}

/// What lengths of a chunk can be, before its checksum is known.
fn check_lengths<S: Scheme>(entry_count: u32, body_bytes: u64) -> Result<(), &'static str> {
    let overhead = entry_overhead(S::Key::LEN) as u64;
    match entry_count {
        0 if body_bytes == TRAILER_BODY_BYTES as u64 => Ok(()),
        0 => Err("the trailer is not as long as one"),
        1 if body_bytes > overhead + VALUE_BYTES_MAX => Err("the chunk is longer than one may be"),
        2.. if body_bytes > BODY_BYTES_MAX as u64 => Err("the chunk is longer than one may be"),
        count if u64::from(count) * overhead > body_bytes => {
            Err("the chunk is too short for its entries")
        }
        _ => Ok(()),
    }
}

fn damaged(offset_bytes: u64, reason: &str) -> ImportError {
    ImportError::Damaged { offset_bytes, reason: reason.to_owned() }
}

/// Bytes from which fields are taken; beyond their end fields are zero.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut array = [0; N];
        if let Some(bytes) = self.take(N) {
            array.copy_from_slice(bytes);
        }
        array
    }

    fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }
}
