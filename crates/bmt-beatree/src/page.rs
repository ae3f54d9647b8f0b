//! What all pages have in common: the header, its checksum, and references to pages.
//!
//! # Format
//! 16 bytes; see `docs/format/beatree.md`, "Header of every page".

use crate::error::Damage;
use crate::little_endian::{array, put, u16_at};
use crate::units::PAGE_SIZE;
use bmt_io::checksum;

pub(crate) mod branch;
pub(crate) mod file_header;
pub(crate) mod free_list;
pub(crate) mod leaf;
pub(crate) mod overflow;

/// The only format version that this release reads and writes.
pub(crate) const VERSION: u16 = 1;
/// Bytes of the header that every page has.
pub(crate) const HEADER_BYTES: usize = 16;
/// Bytes of the header and the fields that leaves and branch pages have after it.
pub(crate) const NODE_HEADER_BYTES: usize = 24;
/// Room for the prefix and the cells of a leaf or branch page.
pub(crate) const NODE_ROOM_BYTES: usize = PAGE_SIZE - NODE_HEADER_BYTES;

const CHECKSUM_AT: usize = 8;
const PAGE_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// The kinds of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    File,
    Leaf,
    Branch,
    Overflow,
    FreeList,
}

impl PageKind {
    const fn magic(self) -> [u8; 4] {
        match self {
            Self::File => *b"BTHD",
            Self::Leaf => *b"BTLF",
            Self::Branch => *b"BTBR",
            Self::Overflow => *b"BTOV",
            Self::FreeList => *b"BTFR",
        }
    }

    /// Magic, version and flags.
    fn head(self) -> [u8; 8] {
        let mut head = [0; 8];
        head[..4].copy_from_slice(&self.magic());
        head[4..6].copy_from_slice(&VERSION.to_le_bytes());
        head
    }
}

/// A page and the checksum of its bytes: what a parent knows of its child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct PageRef {
    pub(crate) page: u32,
    pub(crate) checksum: u64,
}

/// Makes and compares checksums with a tree's salt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seal {
    salt: u64,
    /// A deliberate fault.
    pub(crate) ignores_checksum: bool,
}

impl Seal {
    pub(crate) const fn new(salt: u64) -> Self {
        Self { salt, ignores_checksum: false }
    }

    fn seed(self, page: u32, head: [u8; 8]) -> u64 {
        let place = (u64::from(page) + 1).wrapping_mul(PAGE_FACTOR);
        (self.salt ^ u64::from_le_bytes(head)).wrapping_add(place)
    }

    /// Writes the header of a page whose other bytes are final.
    pub(crate) fn close(self, kind: PageKind, page: u32, bytes: &mut [u8]) -> PageRef {
        let head = kind.head();
        let checksum = checksum(self.seed(page, head), &bytes[HEADER_BYTES..PAGE_SIZE]);
        put(bytes, 0, &head);
        put(bytes, CHECKSUM_AT, &checksum.to_le_bytes());
        PageRef { page, checksum }
    }

    /// Compares a page that was read with what its parent says of it (INV-BT-04).
    pub(crate) fn verify(
        self,
        kind: PageKind,
        expected: PageRef,
        bytes: &[u8],
    ) -> Result<(), Damage> {
        let found = self.check(kind, expected.page, bytes)?;
        match found == expected.checksum || self.ignores_checksum {
            true => Ok(()),
            false => Err(Damage::Checksum { expected: expected.checksum, found }),
        }
    }

    /// Checks that a page is whole by itself; its checksum.
    pub(crate) fn check(self, kind: PageKind, page: u32, bytes: &[u8]) -> Result<u64, Damage> {
        let short = Damage::Layout("not a page");
        let covered = bytes.get(HEADER_BYTES..PAGE_SIZE).ok_or(short)?;
        let head: [u8; 8] = array(bytes, 0).ok_or(short)?;
        let found = checksum(self.seed(page, head), covered);
        let magic: [u8; 4] = array(bytes, 0).ok_or(short)?;
        if magic != kind.magic() {
            return Err(Damage::Magic { expected: kind.magic(), found: magic });
        }
        let stored = u64::from_le_bytes(array(bytes, CHECKSUM_AT).ok_or(short)?);
        if found != stored && !self.ignores_checksum {
            return Err(Damage::Checksum { expected: stored, found });
        }
        // The checksum covers version and flags: a whole page of another version, not a damaged one.
        let (version, flags) = (u16_at(bytes, 4).ok_or(short)?, u16_at(bytes, 6).ok_or(short)?);
        match (version, flags) {
            (VERSION, 0) => Ok(found),
            _ => Err(Damage::Unsupported { version, flags }),
        }
    }

    /// The checksum of an extent's bytes.
    pub(crate) fn extent(self, page: u32, bytes: &[u8]) -> u64 {
        checksum(self.seed(page, [0; 8]), bytes)
    }
}

#[cfg(test)]
mod tests;
