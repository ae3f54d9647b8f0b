//! **Should I be using this crate?** Yes, if you keep a large state somewhere in key order and want its
//! Merkle root, proofs and witnesses, updated in time proportional to what changes, without storing the
//! bottom of the trie. For a set that fits in memory take `bmt_core::Trie`; for a durable database take
//! the `bmt` crate.
#![forbid(unsafe_code)]

mod bits;
mod build;
mod cache;
mod change;
mod check;
mod error;
mod frontier;
mod load;
pub mod memory;
mod merkle;
mod page;
mod prove;
mod shape;
mod source;
mod store;
mod threads;
mod update;
mod upper;
mod varint;
mod version;
mod view;
mod walk;

pub use bits::Prefix;
pub use change::{Change, NewValue};
pub use check::{CheckReport, Difference};
pub use error::{MerkleError, PageDamage};
pub use frontier::{FrontierChange, FrontierEntry, decode_changes, encode_changes};
pub use load::RootPage;
pub use merkle::{Merkle, MerkleOptions};
pub use page::handle::PageHandle;
pub use page::{PAGE_BYTES_MAX, PageId, StepId};
pub use shape::{Shape, WeightOf};
pub use source::{LeafEntry, LeafSource, PageSource, SourceError};
pub use version::{PageImage, Step, Version};
pub use view::{VersionView, ViewNode};
pub use walk::PageStats;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
