//! **Should I be using this crate?** Yes, if your program commits by appending records to a log and wants to
//! undo the newest commits, or to read an older state, without keeping old versions: each record also
//! says what it replaced. For a database that does this and the rest take the `bmt` crate.
//!
//! * [`Window`]: which commits can be undone, bounded in number and in bytes of the log;
//! * [`put_value`] and [`take_value`]: the undo section of a record, a value or its absence for each key;
//! * [`plan`] and [`plan_to`]: what undoing some commits changes, read from a [`RecordSource`];
//! * [`SeglogRecords`]: such a source over a [`bmt_seglog::Log`] of [`UndoStep`]s.
//!
//! The undoable commits are a chain and not a suffix of the log. A rollback is itself a commit: it writes the
//! old values, and takes the commits it undid off the chain. So the next rollback goes further back.
//!
//! # Durability
//!
//! That of the log. [`Window::encode`] is for a manifest, so that the log need not be read to know the chain.
//!
//! # Example
//!
//! ```
//! use bmt_io::SimDisk;
//! use bmt_rollback::{SeglogRecords, UndoStep, Window, plan};
//! use bmt_seglog::{Log, LogOptions};
//!
//! let log = Log::create(SimDisk::new(1).directory(), LogOptions::new(0x5eed))?;
//! let mut window = Window::new(1024, 1 << 20);
//! // Two commits: alice gets 5, then 6.
//! for (old, root) in [(None, [0; 32]), (Some(b"5"), [1; 32])] {
//!     let mut step = UndoStep::<[u8; 5]>::new(window.head(), root);
//!     step.replaced.push((*b"alice", old.map(|old| old[..].into())));
//!     let record = step.encode();
//!     let position = log.append_sync(&record)?;
//!     window.push(position.sequence, record.len() as u64, Some(root));
//! }
//!
//! let back = plan::<[u8; 5], _>(&window, &SeglogRecords::new(&log), 1)?;
//! assert_eq!(back.changes[b"alice"].as_deref(), Some(&b"5"[..]));
//! assert_eq!((back.root, back.restored), ([1; 32], 1));
//! // Write `back.changes` as a step of its own, and then:
//! window.rewind(back.restored, 0);
//! assert_eq!(window.len(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod plan;
mod records;
mod value;
mod varint;
mod window;

pub use plan::{Plan, PlanError, RecordSource, UndoStep, plan, plan_to};
pub use records::{RecordError, RecordKey, SeglogRecords};
pub use value::{VALUE_BYTES_MAX, put_value, take_value, value_len};
pub use window::{WINDOW_BYTES_MAX, Window};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
