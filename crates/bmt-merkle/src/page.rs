//! Merkle pages: parts of the upper trie, each under a prefix, immutable.
//!
//! # Format
//! `docs/format/merkle.md`, "Page".

pub(crate) mod body;
pub(crate) mod cost;
pub(crate) mod decode;
pub(crate) mod draft;
pub(crate) mod encode;
pub(crate) mod handle;
pub(crate) mod outline;

use crate::bits::Prefix;
use bmt_core::{Key, lanes};

/// What a page is stored under: a hash of the trie's id, the page's prefix and its birth.
pub type PageId = [u8; 32];

/// The longest page image, so that a header of 64 bytes and the image fill 4 KiB.
pub const PAGE_BYTES_MAX: usize = 4032;

/// Which step made a page. The owner never gives one step's id to another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct StepId {
    /// Grows whenever the owner is opened.
    pub generation: u64,
    /// Grows with each step of a generation.
    pub counter: u64,
}

/// The id of the page at `prefix` that was born in the step `birth`.
pub(crate) fn page_id<K: Key>(trie_id: u32, prefix: &Prefix<K>, birth: StepId) -> PageId {
    let mut message = Vec::with_capacity(72);
    message.extend_from_slice(b"bmt.page");
    message.extend_from_slice(&trie_id.to_le_bytes());
    message.extend_from_slice(&birth.generation.to_le_bytes());
    message.extend_from_slice(&birth.counter.to_le_bytes());
    message.extend_from_slice(&crate::bits::stored_bits(prefix.bits()).to_le_bytes());
    message.extend_from_slice(prefix.first_key().as_bytes());
    lanes::hash_one(&message)
}

#[cfg(test)]
mod tests;
