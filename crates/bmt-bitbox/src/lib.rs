//! **Should I be using this crate?** Yes, if your program keeps immutable pages of up to 4032 bytes
//! under ids that are hashes (nodes of a Merkle tree, content-addressed blocks), finds them by id alone,
//! and must change many of them at once or not at all. For keys in order take a B-tree; for a key-value
//! database take the `bmt` crate.
//!
//! * About one page read for a page that is there, about none for one that is not: the table has one
//!   byte a bucket in memory.
//! * A [`Batch`] of puts and deletes is atomic. No live bucket is ever overwritten, and no page is
//!   written twice for it.
//! * A [`Snapshot`] keeps seeing its batch while others are committed.
//! * The table grows, and shrinks on request, while reads and batches go on.
//! * [`Store`] keeps a small manifest of its own. [`Table`] is the same without one, for an engine whose
//!   manifest has to change together with other things.
//!
//! # Durability
//!
//! When [`Store::commit`] has returned, the batch is there after any crash of the process, the system or
//! the power supply, on storage that keeps what it acknowledged to `fdatasync`. A batch whose commit did
//! not return is there completely or not at all. Damage is found ([`TableError::Corruption`]) and never
//! repaired silently; a damaged page stops neither batches that do not mean it nor growth. After a failed write or sync there are no more commits until the store is
//! opened again; being out of space is a clean error that costs the batch alone.
//!
//! # Memory
//!
//! One byte a bucket, with 2 to 5.4 buckets a page (8 in tables of less than 4096 buckets; half as much again
//! while the table grows); 8 bytes for each 4032 buckets; about 32 bytes for each image that is pinned; about 40 bytes for
//! each page that was copied to another table and not committed there yet (4096 of them at most, or what a
//! batch must move); two page buffers for each place in a queue. A batch borrows its payloads.
//!
//! # Example
//!
//! ```
//! use bmt_bitbox::{Batch, Store, StoreOptions};
//! use bmt_io::SimDisk;
//!
//! let directory = SimDisk::new(1).directory(); // or bmt_io::open_directory(path, ..)
//! let store = Store::create(directory, StoreOptions::new(0x5eed))?;
//!
//! let mut batch = Batch::new();
//! batch.put([1; 32], b"one")?;
//! batch.put([2; 32], b"two")?;
//! store.commit(&batch)?; // both are durable now
//!
//! let before = store.pin();
//! store.put([1; 32], b"uno")?;
//! store.delete([2; 32])?;
//! assert_eq!(store.get(&[1; 32])?.as_deref(), Some(b"uno".as_slice()));
//! assert!(store.get(&[2; 32])?.is_none());
//! assert_eq!(before.get(&[2; 32])?.as_deref(), Some(b"two".as_slice()));
//! # Ok::<(), bmt_bitbox::TableError>(())
//! ```
#![forbid(unsafe_code)]

mod batch;
mod buckets;
mod check;
mod copy;
mod core;
mod error;
mod faults;
mod file;
mod format;
mod growth;
mod ledger;
mod lookup;
mod options;
mod page;
mod pins;
mod prepare;
mod probe;
mod queues;
mod recovery;
mod set;
mod settle;
mod snapshot;
mod stats;
mod store;
mod switch;
mod table;
mod units;

pub use batch::Batch;
pub use check::CheckReport;
pub use error::TableError;
#[cfg(any(test, feature = "faults"))]
pub use faults::Faults;
pub use format::names::{SwitchName, TABLE_NAMES_BYTES, TableNames};
pub use options::TableOptions;
pub use page::{Page, Place};
pub use snapshot::Snapshot;
pub use stats::TableStats;
pub use store::{CopyMode, MANIFEST_FILE, Store, StoreOptions};
pub use switch::PreparedSwitch;
pub use table::Table;

/// What a page is found by: a hash, as a rule.
pub type PageId = [u8; 32];

/// The longest payload of a page: a page of 4096 bytes without its header.
pub const PAYLOAD_BYTES_MAX: usize = 4032;

/// The checksum that the image of a page with this id and payload will have ([`Page::checksum`]), for
/// owners that keep it elsewhere: XXH3-64 over the image. `None` if the payload is longer than
/// [`PAYLOAD_BYTES_MAX`].
#[must_use]
pub fn image_checksum(id: &PageId, payload: &[u8]) -> Option<u64> {
    let mut page = [0; bmt_io::PAGE_SIZE];
    (payload.len() <= PAYLOAD_BYTES_MAX).then(|| format::image::encode(&mut page, id, payload))
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
