//! **Should I be using this crate?** Yes, if you write a storage engine and want one small trait over
//! real files (io_uring or threads) and over a simulated disk that loses power at any operation. For a
//! database take the `bmt` crate; for ordinary files take the standard library.
//!
//! * [`open_directory`], [`Directory`], [`File`], [`Queue`]: positioned reads and writes, many at a
//!   time, a directory lock, and durability in two calls ([`File::sync_data`], [`Directory::sync`]);
//! * [`PagePool`], [`PageBuffer`]: aligned buffers from a bounded pool; [`CompactPool`]: parts of pages that are kept;
//! * [`SimDisk`]: the disk that tears, loses and reorders what was not synced, fails on request, and
//!   replays from a seed;
//! * [`slots`]: a small record that survives a crash in the middle of its own replacement;
//! * [`checksum`]: XXH3-64 with a seed;
//! * [`Latency`] and [`Tally`]: durations and counts that many threads note cheaply.
//!
//! Durable means: [`File::sync_data`] has returned for bytes, [`Directory::sync`] for names. Neither
//! implies the other, and one that failed must not be tried again.
//!
//! # Example
//!
//! ```
//! use bmt_io::{IoOptions, open_directory};
//!
//! let place = tempfile::tempdir()?;
//! let directory = open_directory(place.path(), &IoOptions::default())?;
//! let lock = directory.try_lock()?;
//! let file = directory.create("greeting")?;
//! file.write_all_at(b"hello", 0)?;
//! file.sync_data()?;
//! directory.sync()?;
//! println!("{}", directory.backend());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod buffer;
mod checksum;
mod error;
mod files;
mod heap;
mod latency;
mod name;
mod open;
mod operation;
mod sim;
pub mod slots;
mod stats;
mod storage;
mod tally;
mod threads;
mod units;
mod uring;

pub use buffer::{CompactBytes, CompactPool, PAGE_SIZE, PageBuffer, PagePool};
pub use checksum::checksum;
pub use error::{IoError, Site};
pub use heap::return_free_memory;
pub use latency::{Histogram, Latency};
pub use open::{Backend, BackendKind, BackendReport, IoOptions, open_directory};
pub use operation::Operation;
pub use sim::{Fault, Outcome, SimDisk, TraceEntry, When};
pub use stats::IoStats;
pub use storage::{
    Completion, Direct, Directory, DirectoryLock, File, FileOptions, LOCK_FILE, Queue, Request,
};
pub use tally::Tally;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExample;
