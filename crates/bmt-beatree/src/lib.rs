//! **Should I be using this crate?** Yes, if you need an embedded, ordered map from 32-byte keys that are
//! hashes, or look like them, to values of any length: durable commits, snapshots that cost nothing to
//! hold, one page read for a cold lookup. If your keys are text, take redb or fjall; if you need proofs of
//! what is stored, take the `bmt` crate, which is built on this one.
//!
//! # Two layers
//!
//! [`Store`] (feature `standalone`, on by default) is complete: a commit log, recovery, checkpoints in the
//! background.
//!
//! [`Tree`] is the part of it that writes pages, for programs with a log and a manifest of their own:
//!
//! * a commit becomes a [`Run`], which joins a [`Buffer`]; runs are merged by [`MergeJob`]s;
//! * a [`Version`] is a buffer over an [`Index`] of pages: immutable, read by any thread without a lock;
//! * [`Tree::flush`] writes a frozen buffer into pages, slice by slice. Each [`Slice`] ends with a
//!   [`Meta`] record that the program stores; only then are replaced pages used again, and only when no
//!   version that reaches them is held.
//!
//! # With a log and a manifest of your own
//!
//! The program owns one *current* [`Version`], changed under one lock (below: *publish*), always from the
//! then-current one. `examples/own_log.rs` is all of this in one page.
//!
//! | step | calls | the program's part |
//! |---|---|---|
//! | create | [`Tree::create`] gives an empty tree and its [`Index`] | store `index.meta().encode()`; keep salt and hash function for good |
//! | open | [`Meta::decode`], [`Tree::open`], [`Version::new`] with [`Buffer::new`] | then apply the log from the replay position on, as commits |
//! | commit | [`Run::new`] of sorted changes | append to the log, sync, publish `version.with_buffer(version.buffer().with_run(run))` |
//! | merge | [`Buffer::merge_job`], [`MergeJob::run`] on any thread | publish [`Buffer::with_merged`]; `None` there: the runs are gone, drop the result |
//! | read | `get`, `get_many`, `range`, `prefix`, [`Version::leaf_entries`], [`Version::prefetch`] | clone the version: that is a snapshot and a pin |
//! | freeze | [`Buffer::freeze`] | publish; note the log position: it is the replay position once the last slice is stored; sync the log through it |
//! | flush | [`Tree::flush`], [`Flush::next_slice`] | store the meta record of the slice, durably and atomically, with the old replay position |
//! | stored | [`Flush::stored`] gives the index | publish `version.with_index(index)`: the same runs over the new pages |
//! | last slice | [`Slice::is_last`] | store the new replay position with its meta record, publish also [`Buffer::without_frozen`] |
//! | build | [`Tree::bulk_build`], [`Slice::into_index`] | store the meta record in between; for an empty tree |
//! | check | [`Tree::check`] | the newest index, and no flush meanwhile |
//!
//! A flush with nothing frozen has no slice: the first [`Flush::next_slice`] returns `None`. Pages that a
//! slice freed serve the next one as soon as no clone of an older index is left, so publish before asking
//! for the next slice. Everything a slice names is durable when [`Flush::next_slice`] returns, its file
//! name too; the program has nothing of this crate's to sync.
//!
//! When something fails:
//!
//! * [`Flush::next_slice`] returns an error, a full disk included: nothing has changed, its pages are free
//!   again. Drop the flush; the frozen runs stay in the version, commits go on; later flush again, from
//!   the then-newest index. Slices that were stored before stay, and keep the old replay position.
//! * The program could not get as far as storing the meta record: [`Slice::abandon`], drop the flush, and
//!   go on as above.
//! * It is not known whether the meta record was stored: drop the slice. The tree then takes no further
//!   slices ([`TreeError::SliceOpen`]) until it is opened again; reads go on.
//! * [`TreeError::SnapshotExpired`]: old versions held more than [`TreeOptions::held_bytes_max`] of
//!   replaced pages. Only versions before the newest two generations expire. A version also holds its
//!   runs: that memory is the program's to bound ([`Buffer::active_bytes`], [`Buffer::frozen_bytes`]).
//!
//! # Durability
//!
//! When [`Store::commit`] has returned, the commit is there after any crash, on storage that keeps what it
//! acknowledged to `fdatasync`. Every page is checked against the checksum that its parent holds; what
//! does not fit is [`TreeError::Corruption`], never a wrong value.
//!
//! # Example
//!
//! ```
//! use bmt_beatree::{Batch, Store, StoreOptions};
//!
//! let place = tempfile::tempdir()?;
//! let store = Store::open(place.path(), StoreOptions::default())?;
//! let mut batch = Batch::new();
//! batch.put([1; 32], b"one".to_vec()).put([2; 32], b"two".to_vec());
//! store.commit(batch)?;
//! assert_eq!(store.get(&[2; 32])?.as_deref(), Some(b"two".as_slice()));
//! assert_eq!(store.range([1; 32]..).count(), 2);
//! store.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod buffer;
mod check;
mod cut;
mod error;
mod faults;
mod flush;
mod index;
mod index_version;
mod key;
mod leaf_cache;
mod leaf_stream;
mod little_endian;
mod meta;
mod options;
mod overflow_reads;
mod page;
mod page_file;
mod reclaim;
#[cfg(test)]
mod sample;
mod space;
mod stats;
#[cfg(feature = "standalone")]
mod store;
mod tree;
mod tree_file;
mod units;
mod value;
mod version;
mod weight;

pub use buffer::Buffer;
pub use buffer::merge::{MergeJob, Merged};
pub use buffer::run::{Change, Run, StoredValue, ValueHasher};
pub use check::CheckReport;
pub use error::{Damage, TreeError};
#[cfg(any(test, feature = "faults"))]
pub use faults::Faults;
pub use flush::{Flush, FlushOptions, Pace, Slice};
pub use index_version::Index;
pub use key::{Key, Prefix};
pub use meta::{Counts, META_BYTES, Meta};
pub use options::TreeOptions;
pub use page::leaf::ValueHash;
pub use stats::TreeStats;
#[cfg(feature = "standalone")]
pub use store::{
    Background, Batch, Durability, Snapshot, Store, StoreError, StoreOptions, StoreStats,
};
pub use tree::Tree;
pub use value::Value;
pub use version::{Entries, EntryValue, FetchedLeaves, LeafEntry, Version};
pub use weight::{
    INLINE_VALUE_BYTES_MAX, LEAF_WEIGHT_MAX, PLAIN_VALUE_BYTES_MAX, VALUE_BYTES_MAX,
    WEIGHT_VERSION, cell_weight,
};

#[cfg(all(doctest, feature = "standalone"))]
#[doc = include_str!("../README.md")]
struct Readme;
