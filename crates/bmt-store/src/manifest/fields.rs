//! Little-endian fields, one after the other.

use super::BadManifest;

/// What is left of a record.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], BadManifest> {
        let short = BadManifest::Malformed("a manifest has all its fields");
        let (taken, rest) = self.0.split_at_checked(count).ok_or(short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], BadManifest> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(super) fn u32(&mut self) -> Result<u32, BadManifest> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, BadManifest> {
        self.array().map(u64::from_le_bytes)
    }
}

/// Appends fields.
pub(super) trait Put {
    fn put_u32(&mut self, field: u32);
    fn put_u64(&mut self, field: u64);
}

impl Put for Vec<u8> {
    fn put_u32(&mut self, field: u32) {
        self.extend_from_slice(&field.to_le_bytes());
    }

    fn put_u64(&mut self, field: u64) {
        self.extend_from_slice(&field.to_le_bytes());
    }
}
