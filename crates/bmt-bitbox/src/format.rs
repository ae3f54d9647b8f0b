//! The bytes of a table.
//!
//! # Format
//! The byte maps and the numbered invariants stand in `docs/format/bitbox.md`.

pub(crate) mod geometry;
pub(crate) mod header;
pub(crate) mod image;
pub(crate) mod meta;
pub(crate) mod names;
pub(crate) mod record;

use bmt_io::{PAGE_SIZE, checksum};

/// The version of everything that this crate writes, and the only one it reads.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The checksum covers all from here on; the magic before it is compared byte for byte.
pub(crate) const COVERED_FROM: usize = 16;

/// Bytes of a page before its contents, in meta pages and page images.
pub(crate) const PREFIX_BYTES: usize = 64;

/// Bytes of contents in a meta page or page image.
pub(crate) const CONTENT_BYTES: usize = PAGE_SIZE - PREFIX_BYTES;

const MAGIC_BYTES: usize = 8;
const CHECKSUM_AT: usize = 8;
const VERSION_AT: usize = 16;
const FLAGS_AT: usize = 20;

const _: () = assert!(PAGE_SIZE == 4096 && CONTENT_BYTES == 4032, "docs/format/bitbox.md");

/// Why some bytes are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Torn, damaged, or never written.
    Invalid(&'static str),
    /// Whole, and of a version that this release does not know.
    Version(u32),
    /// Whole, and with feature flags that this release does not know.
    Flags(u32),
}

/// Puts magic, version and flags into an empty page.
fn start(page: &mut [u8], magic: [u8; MAGIC_BYTES]) {
    put(page, 0, magic);
    put(page, VERSION_AT, FORMAT_VERSION.to_le_bytes());
    put(page, FLAGS_AT, [0; 4]);
}

/// Puts the checksum into a page of which all else is there; the checksum.
fn seal(page: &mut [u8], seed: u64) -> u64 {
    let sum = checksum(seed, &page[COVERED_FROM..PAGE_SIZE]);
    put(page, CHECKSUM_AT, sum.to_le_bytes());
    sum
}

/// Compares magic and checksum, then version and flags; the checksum.
fn verify(
    page: &[u8],
    magic: [u8; MAGIC_BYTES],
    seed: u64,
    ignore_checksum: bool,
) -> Result<u64, Damage> {
    check_magic(page, magic)?;
    let found = checksum_of(page);
    if !ignore_checksum && found != checksum(seed, &page[COVERED_FROM..PAGE_SIZE]) {
        return Err(Damage::Invalid("the checksum is wrong"));
    }
    check_version(page)?;
    Ok(found)
}

fn check_magic(page: &[u8], magic: [u8; MAGIC_BYTES]) -> Result<(), Damage> {
    if page[..MAGIC_BYTES] != magic {
        return Err(Damage::Invalid("the magic is wrong"));
    }
    Ok(())
}

/// The page's version and flags must be known: compared after the checksum (INV-BB-11).
fn check_version(page: &[u8]) -> Result<(), Damage> {
    match (u32_at(page, VERSION_AT), u32_at(page, FLAGS_AT)) {
        (FORMAT_VERSION, 0) => Ok(()),
        (FORMAT_VERSION, flags) => Err(Damage::Flags(flags)),
        (version, _) => Err(Damage::Version(version)),
    }
}

fn check_zeros(bytes: &[u8]) -> Result<(), Damage> {
    match bytes.iter().all(|byte| *byte == 0) {
        true => Ok(()),
        false => Err(Damage::Invalid("bytes that should be zero are not")),
    }
}

/// The checksum that stands in a page.
pub(crate) fn checksum_of(page: &[u8]) -> u64 {
    u64_at(page, CHECKSUM_AT)
}

fn put<const N: usize>(page: &mut [u8], at: usize, bytes: [u8; N]) {
    page[at..at + N].copy_from_slice(&bytes);
}

fn u32_at(page: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(core::array::from_fn(|byte| page[at + byte]))
}

fn u64_at(page: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(core::array::from_fn(|byte| page[at + byte]))
}

#[cfg(test)]
mod tests;
