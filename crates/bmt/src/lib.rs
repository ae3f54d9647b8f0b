//! **Should I be using this crate?** Yes, if you write a JAM node, or another program that needs a
//! durable key-value state with one root hash over all of it, and proofs against that root. If you
//! need no root, an ordinary embedded store does less work; if you need no disk, take `bmt-core`.
//!
//! bmt keeps the state as a keyed binary Merkle trie whose root is exactly the one of the JAM Gray
//! Paper (appendix D). Every commit is one atomic, durable step.
//!
//! # Example
//!
//! ```
//! use bmt::{Db, StateKey};
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path();
//! let db = Db::open(path)?;
//! let key = StateKey::service_storage(7, b"name");
//! db.insert(key, b"alice")?;
//! let commit = db.commit()?; // durable now
//!
//! let proof = db.prove(&key)?;
//! proof.verify_present(&commit.root, &key, b"alice")?;
//!
//! db.insert(key, b"bob")?;
//! db.commit()?;
//! db.rollback(1)?;
//! assert_eq!(db.get(&key)?.unwrap(), b"alice");
//! assert_eq!(db.root(), commit.root);
//! db.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is in it
//!
//! This crate is a list of names. [`Db`] and its [`Options`] are of `bmt-store`; keys, schemes and
//! proofs of `bmt-core`; storage backends of `bmt-io`.
//!
//! | to | take |
//! |---|---|
//! | change a state step by step | [`Db::insert`], [`Db::delete`], [`Db::commit`], [`Db::rollback`] |
//! | prepare blocks beside one another | [`Db::begin_write`], [`WriteSession`], [`PreparedSession`], [`Overlay`] |
//! | read a state that stays as it is, or an earlier one | [`Db::begin_read`], [`Db::begin_read_at`] |
//! | prove, for whoever has the root alone | [`Db::prove`]; a witness, by [`WriteOptions::witness`] |
//! | load, move and copy whole states | [`Db::bulk_load`], [`Db::export`], [`Import`], [`Db::checkpoint_to`] |
//! | look after a database | [`Db::stats`], [`Db::check`], [`inspect`](fn@inspect) |
//!
//! # Features
//!
//! Both are off by default: `metrics` hands figures to the `metrics` crate, `tracing` tells events to the
//! `tracing` crate. [`Db::stats`] needs neither.
#![forbid(unsafe_code)]

pub use bmt_core::witness::Lookup;
pub use bmt_core::{
    EMPTY_ROOT, GrayPaper, Hash, Key, KeyError, LeafValue, MultiProof, MultiProofError, NodeKind,
    NomtCompat, PathProof, ProofError, Scheme, StateKey, Witness, WitnessError,
};
pub use bmt_io::{
    Backend, BackendReport, Directory, IoError, IoOptions, IoStats, Operation, open_directory,
};
#[cfg(feature = "metrics")]
pub use bmt_store::Publisher;
pub use bmt_store::{
    Access, BeginError, BulkLoadError, ChainError, CheckError, CheckPart, CheckProgress,
    CheckReport, CheckpointError, CloseError, Closed, Commit, CommitError, CommitHandle, Copied,
    CopyError, Corruption, Db, Durability, Error, ExportError, Exported, Field, Figure, FigureKind,
    FigureValue, Finding, FindingKind, Histogram, Import, ImportError, InspectOptions, Item,
    ItemKind, ItemState, Latencies, LogStats, MerkleStats, OpenError, Options, OverBudget, Overlay,
    ParentNotCommitted, Prefix, PrepareError, PreparedSession, Range, ReadAtError, ReadError,
    ReadSession, Recovery, RollbackError, SessionError, StagingError, StateName, Stats, TableStats,
    TransferProgress, TreeStats, VALUE_BYTES_MAX, Value, WarmUp, WriteError, WriteOptions,
    WriteSession, inspect,
};

/// The example of the repository's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The example of this crate's own README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct CrateReadme;

/// The examples for those who come from NOMT, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/from-nomt.md")]
struct FromNomt;

/// The examples for those who come from Go BMT, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/from-go-bmt.md")]
struct FromGoBmt;

/// The examples of the guide to sessions, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/sessions.md")]
struct SessionsGuide;
