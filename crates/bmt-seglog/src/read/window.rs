//! A window of a file in memory: reads ahead, so that small parts do not cost a read each.

use crate::format::{BLOCK_BYTES, to_usize};
use bmt_io::{File, IoError};

/// How far a window reads ahead.
const AHEAD_BYTES: u64 = 128 << 10;

/// Part of one file's bytes.
#[derive(Debug, Default)]
pub(crate) struct Window {
    name: String,
    offset_bytes: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// `len_bytes` bytes at `offset_bytes` of a file that ends at `end_bytes`; `None` if they
    /// reach past it. Memory is bounded by the larger of `len_bytes` and the read-ahead.
    pub(crate) fn get(
        &mut self,
        file: &dyn File,
        end_bytes: u64,
        offset_bytes: u64,
        len_bytes: u64,
    ) -> Result<Option<&[u8]>, IoError> {
        let Some(to) = offset_bytes.checked_add(len_bytes).filter(|to| *to <= end_bytes) else {
            return Ok(None);
        };
        let has = self.name == file.name()
            && self.offset_bytes <= offset_bytes
            && to <= self.offset_bytes + self.held_bytes();
        if !has {
            let ahead = (end_bytes - offset_bytes).min(len_bytes.max(AHEAD_BYTES));
            self.bytes.clear();
            self.bytes.shrink_to(to_usize(AHEAD_BYTES));
            self.bytes.resize(to_usize(ahead), 0);
            file.name().clone_into(&mut self.name);
            self.offset_bytes = offset_bytes;
            if let Err(error) = file.read_exact_at(&mut self.bytes, offset_bytes) {
                self.bytes.clear();
                return Err(error);
            }
        }
        let from = to_usize(offset_bytes - self.offset_bytes);
        Ok(Some(&self.bytes[from..from + to_usize(len_bytes)]))
    }

    /// Up to one block at `offset_bytes`; shorter only where the file ends.
    pub(crate) fn block(
        &mut self,
        file: &dyn File,
        end_bytes: u64,
        offset_bytes: u64,
    ) -> Result<&[u8], IoError> {
        let len_bytes = end_bytes.saturating_sub(offset_bytes).min(BLOCK_BYTES);
        Ok(self.get(file, end_bytes, offset_bytes, len_bytes)?.unwrap_or_default())
    }

    fn held_bytes(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }
}
