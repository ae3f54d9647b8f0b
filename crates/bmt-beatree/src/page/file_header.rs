//! Page 0: that this is a page file, and of which tree.
//!
//! # Format
//! `docs/format/beatree.md`, "Page 0: header".

use super::{PageKind, Seal};
use crate::error::Damage;
use crate::little_endian::{is_zero, put, u32_at, u64_at};
use crate::units::{PAGE_SIZE, len_u32};

const SALT_AT: usize = 16;
const PAGE_SIZE_AT: usize = 24;
const END: usize = 28;

/// The bytes of page 0.
pub(crate) fn encode(salt: u64) -> [u8; PAGE_SIZE] {
    let mut bytes = [0; PAGE_SIZE];
    put(&mut bytes, SALT_AT, &salt.to_le_bytes());
    put(&mut bytes, PAGE_SIZE_AT, &len_u32(PAGE_SIZE).to_le_bytes());
    Seal::new(salt).close(PageKind::File, 0, &mut bytes);
    bytes
}

/// Checks page 0 of a file that should have this salt.
pub(crate) fn check(salt: u64, bytes: &[u8]) -> Result<(), Damage> {
    Seal::new(salt).check(PageKind::File, 0, bytes)?;
    let fields = (u64_at(bytes, SALT_AT), u32_at(bytes, PAGE_SIZE_AT));
    if fields != (Some(salt), Some(len_u32(PAGE_SIZE))) {
        return Err(Damage::Layout("another salt or page size"));
    }
    match bytes.get(END..).is_some_and(is_zero) {
        true => Ok(()),
        false => Err(Damage::Layout("bytes after the file header")),
    }
}
