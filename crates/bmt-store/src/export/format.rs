//! The bytes of an export: header, chunks, trailer; `docs/format/export.md`.

use bmt_core::{Hash, Key, Scheme};
use bmt_io::checksum;

pub(crate) const MAGIC: [u8; 8] = *b"BMTEXPRT";
/// The only version that this build writes and reads.
pub(crate) const VERSION: u32 = 1;
/// Bytes of the header, its checksum included.
pub(crate) const HEADER_BYTES: usize = 72;
/// Bytes before a chunk's body: how many entries, how long.
pub(crate) const PREFIX_BYTES: usize = 8;
/// Bytes of a checksum.
pub(crate) const CHECKSUM_BYTES: usize = 8;
/// Bytes of the trailer's body.
pub(crate) const TRAILER_BODY_BYTES: usize = 16;
/// A body of several entries is not longer (INV-EX-03).
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// Bytes that an entry has beside its value: key and length.
pub(crate) const fn entry_overhead(key_bytes: usize) -> usize {
    key_bytes + 4
}

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) root: Hash,
    pub(crate) key_count: u64,
}

impl Header {
    /// The header's bytes, and their checksum, from which the chain begins.
    pub(crate) fn encode<S: Scheme>(&self) -> (Vec<u8>, u64) {
        let key_bytes = u32::try_from(S::Key::LEN).unwrap_or(u32::MAX);
        let mut bytes = Vec::with_capacity(HEADER_BYTES);
        bytes.extend_from_slice(&MAGIC);
        for field in [VERSION, 0, S::ID, key_bytes] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        bytes.extend_from_slice(&self.root);
        bytes.extend_from_slice(&self.key_count.to_le_bytes());
        let chain = checksum(0, &bytes);
        bytes.extend_from_slice(&chain.to_le_bytes());
        (bytes, chain)
    }
}

/// A chunk that is being filled.
pub(crate) struct ChunkWriter {
    bytes: Vec<u8>,
    entry_count: u32,
    /// The checksum of what was before.
    chain: u64,
}

impl ChunkWriter {
    pub(crate) fn new(chain: u64) -> Self {
        let mut bytes = Vec::with_capacity(BODY_BYTES_MAX + PREFIX_BYTES + CHECKSUM_BYTES);
        bytes.resize(PREFIX_BYTES, 0);
        Self { bytes, entry_count: 0, chain }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entry_count == 0
    }

    /// Whether an entry is to go to the next chunk.
    pub(crate) fn is_full_for(&self, key_bytes: usize, value_bytes: usize) -> bool {
        let body_bytes = self.bytes.len() - PREFIX_BYTES;
        !self.is_empty() && body_bytes + entry_overhead(key_bytes) + value_bytes > BODY_BYTES_MAX
    }

    pub(crate) fn push(&mut self, key: &[u8], value: &[u8]) {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(value);
        self.entry_count += 1;
    }

    /// Hands over the chunk's bytes, and begins the next.
    pub(crate) fn finish<T>(&mut self, write: impl FnOnce(&[u8]) -> T) -> T {
        self.seal();
        let written = write(&self.bytes);
        self.bytes.clear();
        self.bytes.resize(PREFIX_BYTES, 0);
        self.entry_count = 0;
        written
    }

    /// The trailer's bytes: `offset_bytes` is where it begins.
    pub(crate) fn trailer(mut self, key_count: u64, offset_bytes: u64) -> Vec<u8> {
        assert!(self.is_empty(), "the last chunk was handed over");
        let file_bytes = offset_bytes + trailer_bytes();
        self.bytes.extend_from_slice(&key_count.to_le_bytes());
        self.bytes.extend_from_slice(&file_bytes.to_le_bytes());
        self.seal();
        self.bytes
    }

    fn seal(&mut self) {
        let body_bytes = u32::try_from(self.bytes.len() - PREFIX_BYTES).unwrap_or(u32::MAX);
        let prefix = [self.entry_count.to_le_bytes(), body_bytes.to_le_bytes()].concat();
        self.bytes.iter_mut().zip(prefix).for_each(|(to, from)| *to = from);
        self.chain = checksum(self.chain, &self.bytes);
        self.bytes.extend_from_slice(&self.chain.to_le_bytes());
    }
}

/// Bytes of the whole trailer.
pub(crate) const fn trailer_bytes() -> u64 {
    (PREFIX_BYTES + TRAILER_BODY_BYTES + CHECKSUM_BYTES) as u64
}
