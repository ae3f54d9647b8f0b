//! **Should I be using this crate?** Rather take the `bmt` crate, which re-exports all of this and
//! is the one that stays stable. Take `bmt-store` if you compose an engine of your own.
//!
//! `bmt-store` is the database: [`Db`] opens a directory, keeps pending changes, commits them as one
//! durable step, rolls back, iterates and proves. In this version the state lives in memory, as a
//! [`bmt_core::Trie`], and is rebuilt at open by replaying the commit log: memory is about 350 bytes
//! a key beside its value, and 50 a change beside the value it replaced in the commits that can be
//! undone (measured with 1,000,000 keys); the time to open grows with the log.
//!
//! # Files
//!
//! | file | format |
//! |---|---|
//! | `MANIFEST` | two checksummed slots, `docs/format/manifest.md` |
//! | log segments | `docs/format/log.md`, with payloads of `docs/format/commit-record.md` |
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
//! let commit = db.commit()?;
//! assert_eq!((commit.sequence, commit.root), (1, db.root()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod db;
mod error;
mod history;
mod manifest;
mod open;
mod options;
mod pending;
mod range;
mod record;
mod stats;
mod value;

pub use bmt_seglog::LogStats;
pub use db::{Closed, Commit, Db, VALUE_BYTES_MAX};
pub use error::{
    CloseError, CommitError, Corruption, Error, OpenError, ReadError, RollbackError, WriteError,
};
pub use options::Options;
pub use range::Range;
pub use stats::{Recovery, Stats};
pub use value::Value;
