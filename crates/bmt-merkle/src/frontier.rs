//! Frontier entries, and changes of the frontier with their encoding.
//!
//! # Format
//! `docs/format/merkle.md`, "Frontier changes".

mod encoding;

use crate::bits::Prefix;
use bmt_core::{Hash, Key, NodeKind};
pub use encoding::{decode_changes, encode_changes};
pub(crate) use encoding::{put_bits, take_bits};

/// A bottom subtrie, as the trie above it needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrontierEntry<K> {
    /// Where its root is.
    pub prefix: Prefix<K>,
    /// What its root is.
    pub kind: NodeKind,
    /// The weights of its entries, added up.
    pub weight: u32,
    /// The labelled hash of its root.
    pub hash: Hash,
}

/// A step's effect on one place of the frontier, relative to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrontierChange<K> {
    /// The entry is there now; one with the same prefix, if there was one, is replaced.
    Set(FrontierEntry<K>),
    /// The entry with this prefix is gone.
    Remove(Prefix<K>),
}

impl<K: Key> FrontierChange<K> {
    /// The place.
    #[must_use]
    pub fn prefix(&self) -> &Prefix<K> {
        match self {
            Self::Set(entry) => &entry.prefix,
            Self::Remove(prefix) => prefix,
        }
    }
}

#[cfg(test)]
mod tests;
