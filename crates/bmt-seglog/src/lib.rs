//! **Should I be using this crate?** Yes, if your program commits by appending to a log: a database's
//! commit log, an event store, a queue. It gives you records of any size, one `fdatasync` a commit
//! (shared by concurrent ones), and a recovery that can tell a torn tail from damage. For a key-value
//! database take the `bmt` crate instead; for log lines, a file.
//!
//! # Durability
//!
//! When [`Log::append_sync`] or [`Log::sync`] has returned, the records are there after any crash of
//! the process, the system or the power supply, on storage that keeps what it acknowledged to
//! `fdatasync`. Records that were appended and not synced may be lost, from some record on: never one
//! without all after it. Opening a log either yields such a prefix or says [`LogError::Corruption`].
//! The one case that no log can see by itself is damage confined to the last durable record (or to the
//! several that the last sync made durable at once): it looks like a torn tail, unless the caller knows
//! better ([`LogOptions::expected_through`]).
//!
//! # Example
//!
//! ```
//! use bmt_io::SimDisk;
//! use bmt_seglog::{Log, LogOptions};
//! use std::sync::Arc;
//!
//! let directory = SimDisk::new(1).directory(); // or bmt_io::open_directory(path, ..)
//! let salt = 0x5eed; // random, and kept by the caller
//!
//! let log = Log::create(Arc::clone(&directory), LogOptions::new(salt))?;
//! log.append(b"debit alice 5")?;
//! let commit = log.append_sync(b"credit bob 5")?; // both are durable now
//! drop(log);
//!
//! let options = LogOptions { expected_through: commit.sequence, ..LogOptions::new(salt) };
//! let (log, report) = Log::open(directory, options)?;
//! assert_eq!((report.records, report.torn_tail), (2, None));
//! for record in log.iter_from(log.first_sequence())? {
//!     let record = record?;
//!     println!("{}: {:?}", record.sequence(), record.payload);
//! }
//! # Ok::<(), bmt_seglog::LogError>(())
//! ```
#![forbid(unsafe_code)]

mod chain;
mod commit;
mod core;
mod create;
mod cut;
mod distrust;
mod erase;
mod error;
mod faults;
mod format;
mod log;
mod options;
mod pin;
mod preparer;
mod prune;
mod read;
mod recovery;
mod segment;
mod spare;
mod stats;
mod writer;

pub use error::{Evidence, LogError};
#[cfg(any(test, feature = "faults"))]
pub use faults::Faults;
pub use format::occupied::occupied_bytes;
pub use format::segment::{SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
pub use log::Log;
pub use options::{LogOptions, Position, RECORD_BYTES_LIMIT, SpareMode};
pub use pin::Pin;
pub use read::records::{Record, Records};
pub use recovery::report::{RecoveryReport, TornTail};
pub use stats::LogStats;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
