//! The name of a version: [`RootPage`], for the owner's manifest.
//!
//! # Format
//! `docs/format/merkle.md`, "Root page".

use crate::bits::Prefix;
use crate::page::StepId;
use crate::page::handle::PageHandle;
use crate::varint::Reader;
use bmt_core::{Hash, Scheme};
use std::sync::Arc;

/// Bytes of an encoded [`RootPage`].
pub const ROOT_PAGE_BYTES: usize = 64;

/// The root page of a version that is only known by name. The owner's manifest has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootPage {
    /// The root.
    pub root: Hash,
    /// The step that made the page.
    pub birth: StepId,
    /// The checksum of its image.
    pub checksum: u64,
    /// Bytes of its items.
    pub items_bytes: u16,
}

impl RootPage {
    /// The bytes for a manifest.
    #[must_use]
    pub fn encode(&self) -> [u8; ROOT_PAGE_BYTES] {
        let mut bytes = [0; ROOT_PAGE_BYTES];
        let (root, rest) = bytes.split_at_mut(32);
        root.copy_from_slice(&self.root);
        let words = [self.birth.generation, self.birth.counter, self.checksum];
        let words = words.into_iter().chain([u64::from(self.items_bytes)]);
        for (place, word) in rest.as_chunks_mut().0.iter_mut().zip(words) {
            *place = word.to_le_bytes();
        }
        bytes
    }

    /// The name that these bytes encode; `None` if they are none that [`RootPage::encode`] makes.
    #[must_use]
    pub fn decode(bytes: &[u8; ROOT_PAGE_BYTES]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let root = reader.array()?;
        let birth = StepId { generation: reader.u64()?, counter: reader.u64()? };
        let checksum = reader.u64()?;
        let items_bytes = u16::try_from(reader.u64()?).ok()?;
        Some(Self { root, birth, checksum, items_bytes })
    }

    pub(crate) fn handle<S: Scheme>(&self) -> Arc<PageHandle<S::Key>> {
        let Self { root, birth, checksum, items_bytes } = *self;
        PageHandle::stored(Prefix::empty(), birth, root, items_bytes, checksum)
    }
}

#[cfg(test)]
mod tests;
