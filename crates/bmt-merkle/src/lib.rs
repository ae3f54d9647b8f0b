//! **Should I be using this crate?** Yes, if you keep a large state somewhere in key order and want its
//! Merkle root, proofs and witnesses, updated in time proportional to what changes, without storing the
//! bottom of the trie. For a set that fits in memory take `bmt_core::Trie`; for a durable database take
//! the `bmt` crate.
//!
//! The engine is [`Merkle`]; it holds no state but a cache. A state is a [`Version`]: immutable pages, shared
//! with other versions where they do not differ. The owner keeps the entries, and the images of pages.
//!
//! # For the owner
//!
//! **Opening.** [`Version::stored`] is the version of a [`RootPage`], whose 64 bytes
//! ([`RootPage::encode`]) the manifest has; [`Merkle::empty`] is that of an owner without one. Pages are
//! loaded when they are needed, in batches; [`Merkle::preload`] loads the upper ones ahead, and
//! [`Merkle::warm_up`] what some keys need.
//!
//! **Updating.** [`Merkle::update`] makes a [`Step`] of a version (also one of a step that was never
//! committed), sorted changes, and a [`StepId`] of the owner's. No two computations may have the same id, not
//! even one that is repeated after a crash; {0, 0} is that of [`Merkle::empty`]. The [`LeafSource`]
//! presents the entries of the version that the step stands on. Nothing happens to that version, and a step
//! that is dropped leaves no trace.
//!
//! **Recording.** [`encode_changes`] of [`Step::frontier_changes`] is for the commit record.
//! [`decode_changes`] and [`Merkle::apply_frontier`] make the same state of it after a crash, without
//! reading entries, under a new id; the owner compares the root with the recorded one.
//! [`Merkle::check_at`] recomputes a sample from the entries, [`Merkle::check`] everything.
//!
//! **Checkpoint of a version.** In this order:
//!
//! 1. [`Merkle::unwritten`] gives the version's pages without a stored image, children first.
//!    [`Merkle::image`] gives what to put: at most [`PAGE_BYTES_MAX`] bytes under a [`PageId`]. The same
//!    page has the same image whenever it is asked for, so a checkpoint can be given up.
//! 2. Of the pages in [`Step::replaced_pages`] of the steps that came since the checkpoint before, up to
//!    this version, [`Merkle::stored_id`] gives the ids to delete. Pages that were born and replaced
//!    in between were never stored.
//! 3. When images and deletions are durable together with [`Merkle::root_page`] in the manifest, and
//!    readers see them, [`Merkle::set_written`] with the pages of (1) lets go of them: from now on they
//!    can be dropped from memory and loaded again.
//!
//! **Page sources of versions.** An image never changes under its id, so only deletions matter: a version
//! that is kept needs the table of images as the checkpoint before it left it, and as the one after it did.
//! So its page source has a snapshot of the table from its commit, and one more from each checkpoint
//! that ends later, taken before [`Merkle::set_written`], up to and with the first that stores the version
//! or a later one (`docs/adr/0053`). That of a step that is not committed is its newest ancestor's that is;
//! when an ancestor is committed, what stands on it goes over to the ancestor's source.
//!
//! **Memory.** Pages in memory take [`MerkleOptions::cache_bytes`], and more only when pages that were not
//! written ([`MerkleStats::unwritten_bytes`]; the owner makes a checkpoint when they are too many) take over
//! three quarters of it: a quarter is always for those that were, so that the ones in constant use stay. The
//! bound is `max(cache_bytes, unwritten_bytes + cache_bytes / 4)`, and what operations are using. It is kept
//! at the beginning of every operation and at the end of updates.
//! [`Step::memory_bytes`] is what a step holds. An update takes, beside its step, about 300 bytes for each
//! change.
//!
//! **Threads.** Sources are asked to read on the caller's thread alone. With [`MerkleOptions::threads`] over 1 the
//! engine hashes on a pool of its own meanwhile, and goes there through what [`LeafSource::fetch`] returned: a
//! source whose entries are not in memory reads them in `fetch`, or it will block the pool.
//!
//! **Proofs.** [`Merkle::view`] of a version gives proofs and witnesses ([`VersionView::prove`],
//! [`VersionView::prove_many`], [`VersionView::witness`]), and is a `TrieView` for all other proofs of
//! `bmt-core`.
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
mod residency;
mod root_page;
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
pub use merkle::{Merkle, MerkleOptions};
pub use page::handle::PageHandle;
pub use page::{PAGE_BYTES_MAX, PageId, StepId};
pub use root_page::{ROOT_PAGE_BYTES, RootPage};
pub use shape::{Shape, WeightOf};
pub use source::{Fetched, LeafEntry, LeafSource, PageSource, SourceError};
pub use store::MerkleStats;
pub use version::{PageImage, Step, Version};
pub use view::{VersionView, ViewNode};
pub use walk::PageStats;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
