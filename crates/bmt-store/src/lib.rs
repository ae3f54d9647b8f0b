//! **Should I be using this crate?** Rather take the `bmt` crate, which re-exports all of this and
//! is the one that stays stable. Take `bmt-store` if you compose an engine of your own.
//!
//! `bmt-store` is the database: [`Db`] opens a directory, keeps pending changes, commits them as one
//! durable step, rolls back, reads old versions, iterates and proves.
//!
//! A commit is one record in a log. What it changed stays in memory until a checkpoint, in the background,
//! writes it to pages: entries to an ordered store (`bmt-beatree`), the upper part of the trie to a table of
//! pages (`bmt-bitbox`, by way of `bmt-merkle`). Opening applies the commits that no checkpoint has written.
//!
//! # Files
//!
//! | file | format |
//! |---|---|
//! | `MANIFEST` | two checksummed slots, `docs/format/manifest.md` |
//! | log segments | `docs/format/log.md`, with payloads of `docs/format/commit-record.md` |
//! | `beatree.pages` | `docs/format/beatree.md` |
//! | `bitbox-…` | `docs/format/bitbox.md`, with pages of `docs/format/merkle.md` |
//! | `LOCK` | empty; holds the directory's lock |
//!
//! # Durability
//!
//! A commit is one log record, made durable by one `fdatasync` before [`Db::commit`] returns. After a
//! crash the database is at the last commit that returned, or at a later one that was under way.
//!
//! # Example
//!
//! ```
//! use bmt_core::StateKey;
//! use bmt_store::Db;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path();
//! let db = Db::open(path)?;
//! db.insert(StateKey::component(1), b"alpha")?;
//! let before = db.begin_read();
//! let commit = db.commit()?;
//! assert_eq!((commit.sequence, commit.root), (1, db.root()));
//! assert!(before.get(&StateKey::component(1))?.is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod background;
mod bulk;
mod check;
mod checkpoint;
mod commit;
mod db;
mod engine;
mod error;
mod events;
mod export;
mod faults;
mod history;
mod import;
mod inspect;
mod keys;
mod layout;
mod leaves;
mod live_copy;
mod manifest;
mod open;
mod options;
mod overlay;
mod pending;
mod pins;
mod prepared;
mod published;
mod range;
mod read_only;
mod read_session;
mod record;
mod staging;
mod stats;
mod step;
mod sync;
mod timings;
mod value;
mod view;
mod write_session;
mod write_set;

pub use bmt_beatree::TreeStats;
pub use bmt_bitbox::TableStats;
pub use bmt_io::Histogram;
pub use bmt_merkle::{MerkleStats, Prefix};
pub use bmt_overlay::{ChainError, OverBudget, ParentNotCommitted};
pub use bmt_seglog::LogStats;
pub use check::{CheckError, CheckPart, CheckProgress, CheckReport, Finding, FindingKind};
pub use db::{Closed, Commit, Db, VALUE_BYTES_MAX};
pub use error::{
    BeginError, BulkLoadError, CheckpointError, CloseError, CommitError, Corruption, Error,
    OpenError, PrepareError, ReadAtError, ReadError, RollbackError, SessionError, StateName,
    WriteError,
};
pub use export::{ExportError, Exported, TransferProgress};
#[cfg(feature = "faults")]
pub use faults::Faults;
pub use import::{Import, ImportError};
pub use inspect::{Field, InspectOptions, Item, ItemKind, ItemState, inspect};
pub use live_copy::{Copied, CopyError};
pub use options::{Durability, Options};
pub use overlay::Overlay;
pub use prepared::{CommitHandle, PreparedSession};
pub use range::Range;
pub use read_session::ReadSession;
pub use staging::StagingError;
#[cfg(feature = "metrics")]
pub use stats::Publisher;
pub use stats::{Figure, FigureKind, FigureValue, Latencies, Recovery, Stats};
pub use value::Value;
pub use write_session::{Access, WarmUp, WriteOptions, WriteSession};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
