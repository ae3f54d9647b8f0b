//! The meta record: what a version of the pages begins from.
//!
//! # Format
//! 80 bytes; `docs/format/beatree.md`, "Meta record".

use crate::error::Damage;
use crate::little_endian::{array, put, u16_at, u32_at, u64_at};
use crate::page::branch::LEVEL_MAX;
use crate::page::{PageRef, VERSION};

/// Bytes of an encoded [`Meta`].
pub const META_BYTES: usize = 80;

const MAGIC: [u8; 4] = *b"BTMT";

/// The root of a version of the pages: what a slice ends with, and what a tree is opened with.
///
/// The caller stores its bytes atomically and under a checksum, for example in [`bmt_io::slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    pub(crate) generation: u64,
    /// Place and level of the root page.
    pub(crate) root: Option<(PageRef, u8)>,
    pub(crate) free_list: Option<PageRef>,
    pub(crate) page_count: u32,
    pub(crate) counts: Counts,
}

/// What the pages of a version are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// Keys with a value.
    pub entries: u64,
    /// Leaf pages.
    pub leaf_pages: u32,
    /// Branch pages.
    pub branch_pages: u32,
    /// Overflow pages, head pages included.
    pub overflow_pages: u32,
    /// Free pages of the file.
    pub free_pages: u32,
    /// Pages that hold the free list.
    pub free_list_pages: u32,
}

impl Counts {
    /// Pages in use: for entries, for the index, for the free list.
    #[must_use]
    pub fn live_pages(&self) -> u64 {
        [self.leaf_pages, self.branch_pages, self.overflow_pages, self.free_list_pages]
            .into_iter()
            .map(u64::from)
            .sum()
    }
}

impl Meta {
    /// The meta record of a new, empty tree.
    pub(crate) const EMPTY: Self = Self {
        generation: 0,
        root: None,
        free_list: None,
        page_count: 1,
        counts: Counts {
            entries: 0,
            leaf_pages: 0,
            branch_pages: 0,
            overflow_pages: 0,
            free_pages: 0,
            free_list_pages: 0,
        },
    };

    /// One more for every slice since the tree was made.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Length of the page file in pages.
    #[must_use]
    pub fn page_count(&self) -> u32 {
        self.page_count
    }

    /// What the pages are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The record's bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; META_BYTES] {
        let none = PageRef { page: 0, checksum: 0 };
        let (root, level) = self.root.unwrap_or((none, 0));
        let free_list = self.free_list.unwrap_or(none);
        let mut bytes = [0; META_BYTES];
        put(&mut bytes, 0, &MAGIC);
        put(&mut bytes, 4, &VERSION.to_le_bytes());
        put(&mut bytes, 8, &self.generation.to_le_bytes());
        put(&mut bytes, 16, &root.page.to_le_bytes());
        put(&mut bytes, 20, &u32::from(level).to_le_bytes());
        put(&mut bytes, 24, &root.checksum.to_le_bytes());
        put(&mut bytes, 32, &free_list.page.to_le_bytes());
        put(&mut bytes, 36, &self.page_count.to_le_bytes());
        put(&mut bytes, 40, &free_list.checksum.to_le_bytes());
        let counts = &self.counts;
        put(&mut bytes, 48, &counts.free_pages.to_le_bytes());
        put(&mut bytes, 52, &counts.leaf_pages.to_le_bytes());
        put(&mut bytes, 56, &counts.branch_pages.to_le_bytes());
        put(&mut bytes, 60, &counts.overflow_pages.to_le_bytes());
        put(&mut bytes, 64, &counts.entries.to_le_bytes());
        put(&mut bytes, 72, &counts.free_list_pages.to_le_bytes());
        bytes
    }

    /// A record from its bytes.
    ///
    /// # Errors
    /// [`Damage`], when these are not the bytes of a meta record that this release reads.
    pub fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let damage = Damage::Layout("fields of the meta record");
        let magic = array(bytes, 0).ok_or(damage)?;
        if magic != MAGIC {
            return Err(Damage::Magic { expected: MAGIC, found: magic });
        }
        let (version, flags) = (u16_at(bytes, 4).ok_or(damage)?, u16_at(bytes, 6).ok_or(damage)?);
        if (version, flags) != (VERSION, 0) {
            return Err(Damage::Unsupported { version, flags });
        }
        Self::decode_fields(bytes).filter(Self::is_plausible).ok_or(damage)
    }

    fn decode_fields(bytes: &[u8]) -> Option<Self> {
        let place = |page_at, checksum_at| {
            let place =
                PageRef { page: u32_at(bytes, page_at)?, checksum: u64_at(bytes, checksum_at)? };
            (place.page > 0 || place.checksum == 0).then_some(place)
        };
        let (root, level) = (place(16, 24)?, u8::try_from(u32_at(bytes, 20)?).ok()?);
        let free_list = place(32, 40)?;
        if (root.page > 0) != (level > 0) || level > LEVEL_MAX || bytes.len() != META_BYTES {
            return None;
        }
        (u32_at(bytes, 76)? == 0).then_some(Self {
            generation: u64_at(bytes, 8)?,
            root: (root.page > 0).then_some((root, level)),
            free_list: (free_list.page > 0).then_some(free_list),
            page_count: u32_at(bytes, 36)?,
            counts: Counts {
                free_pages: u32_at(bytes, 48)?,
                leaf_pages: u32_at(bytes, 52)?,
                branch_pages: u32_at(bytes, 56)?,
                overflow_pages: u32_at(bytes, 60)?,
                entries: u64_at(bytes, 64)?,
                free_list_pages: u32_at(bytes, 72)?,
            },
        })
    }

    /// Whether the counts fit each other.
    pub(crate) fn is_plausible(&self) -> bool {
        let counts = &self.counts;
        let pages = 1 + counts.live_pages() + u64::from(counts.free_pages);
        pages == u64::from(self.page_count)
            && (self.root.is_some() == (counts.entries > 0))
            && (self.free_list.is_some() == (counts.free_list_pages > 0))
    }
}

#[cfg(test)]
mod tests;
