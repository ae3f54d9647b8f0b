//! Fields at fixed places of bytes that may be anything.

use bmt_io::{File, IoError, PAGE_SIZE};

/// Bytes that were read; fields beyond their end are zero.
pub(super) struct Raw<'a>(pub(super) &'a [u8]);

impl Raw<'_> {
    pub(super) fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut array = [0; N];
        if let Some(bytes) = at.checked_add(N).and_then(|end| self.0.get(at..end)) {
            array.copy_from_slice(bytes);
        }
        array
    }

    pub(super) fn u8(&self, at: usize) -> u32 {
        let [byte] = self.array(at);
        u32::from(byte)
    }

    pub(super) fn u16(&self, at: usize) -> u32 {
        u32::from(u16::from_le_bytes(self.array(at)))
    }

    pub(super) fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    pub(super) fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    pub(super) fn begins_with(&self, magic: &[u8]) -> bool {
        self.0.starts_with(magic)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }

    /// XXH3-64 of the bytes from `from` to `to`.
    pub(super) fn checksum(&self, seed: u64, from: usize, to: usize) -> u64 {
        bmt_io::checksum(seed, self.0.get(from..to).unwrap_or_default())
    }
}

/// A page's bytes.
pub(super) type Page = [u8; PAGE_SIZE];

/// Reads a page; `None` if the file ends before its end.
pub(super) fn read_page(file: &dyn File, offset_bytes: u64) -> Result<Option<Page>, IoError> {
    let mut page = [0; PAGE_SIZE];
    match file.read_exact_at(&mut page, offset_bytes) {
        Ok(()) => Ok(Some(page)),
        Err(IoError::UnexpectedEnd { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
