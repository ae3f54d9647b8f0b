//! What the harness asks of an engine, and the list of engines.

use crate::engines;
use crate::workload::{Batch, Dataset, Key, ValueShape};
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::path::Path;

/// Entries in a commit of a bulk build, in engines that have nothing better.
const BULK_BATCH: usize = 100_000;

/// What an engine's operation returns; a benchmark only prints its errors.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Which engine, in which configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// bmt in the Gray Paper's scheme.
    Bmt,
    /// bmt in the NOMT-compatible scheme with Blake3.
    BmtNomt,
    /// nomt at its best, warm-up off.
    Nomt,
    /// nomt at its best, warm-up on.
    NomtWarm,
    /// nomt with its defaults, but for the cache sizes, which the memory limit rules.
    NomtDefault,
    /// redb; plain key-value, no root.
    Redb,
    /// LMDB; plain key-value, no root.
    Lmdb,
    /// commonware-storage, qmdb `current` unordered; its root depends on the order of writes.
    Commonware,
    /// commonware-storage, qmdb `current` ordered; its root depends on the order of writes.
    CommonwareOrdered,
    /// rocksdb; plain key-value, no root.
    Rocksdb,
    /// A correct toy engine, for the tests of the harness.
    Honest,
    /// The toy engine without its syncs.
    CheatNoSync,
    /// The toy engine taking more memory than it may.
    CheatMemory,
    /// The toy engine losing one insert in a hundred.
    CheatLosesKeys,
    /// The toy engine keeping old values in one update of a hundred.
    CheatStaleValues,
    /// The toy engine telling a wrong root.
    CheatRoot,
}

impl EngineKind {
    /// All engines that are measured, in the order of the tables.
    pub const MEASURED: [Self; 10] = [
        Self::Bmt,
        Self::BmtNomt,
        Self::Nomt,
        Self::NomtWarm,
        Self::NomtDefault,
        Self::Redb,
        Self::Lmdb,
        Self::Commonware,
        Self::CommonwareOrdered,
        Self::Rocksdb,
    ];

    /// The name in figures and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bmt => "bmt",
            Self::BmtNomt => "bmt_nomt",
            Self::Nomt => "nomt_cold",
            Self::NomtWarm => "nomt_warm",
            Self::NomtDefault => "nomt_default",
            Self::Redb => "redb",
            Self::Lmdb => "lmdb",
            Self::Commonware => "commonware",
            Self::CommonwareOrdered => "commonware_ordered",
            Self::Rocksdb => "rocksdb",
            Self::Honest => "honest",
            Self::CheatNoSync => "cheat_no_sync",
            Self::CheatMemory => "cheat_memory",
            Self::CheatLosesKeys => "cheat_loses_keys",
            Self::CheatStaleValues => "cheat_stale_values",
            Self::CheatRoot => "cheat_root",
        }
    }

    /// The engine with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::MEASURED.into_iter().find(|kind| kind.name() == name)
    }

    /// The peer that this is a configuration of, as it stands in ratios (`_vs_nomt`).
    #[must_use]
    pub const fn peer(self) -> &'static str {
        match self {
            Self::Nomt | Self::NomtWarm | Self::NomtDefault => "nomt",
            other => other.name(),
        }
    }

    /// The least memory in which the engine gets through commits of 25,000 operations on so many keys, where
    /// that is more than the cells allow; it then gets as much, and the report says so.
    ///
    /// nomt 1.0 took 584 MiB at 4e6 keys with caches of 16 MiB each, and more than 768 MiB with 112 MiB each, since
    /// page memory comes in regions of 256 MiB; it was killed at 512 MiB at 1e6 keys with values of up to 256 bytes.
    /// commonware-storage has an index of all keys in memory: 693 MiB at
    /// 4e6 keys with a page cache of 128 MiB in a short run, and 140 bytes for each key more; the ordered variant was
    /// killed at 512 MiB in a full run at 1e6 keys. bmt was killed at 704 MiB at 1.6e7 keys with `Options::memory` of
    /// 365 MiB: each commit makes all pages of the trie anew.
    #[must_use]
    pub const fn memory_min_bytes(self, dataset: Dataset) -> u64 {
        const MIB: u64 = 1 << 20;
        let key_count = dataset.key_count;
        match self {
            Self::Nomt | Self::NomtWarm | Self::NomtDefault
                if matches!(dataset.values, ValueShape::Between(..)) =>
            {
                1024 * MIB
            }
            Self::Nomt | Self::NomtWarm | Self::NomtDefault if key_count > 1_000_000 => 1024 * MIB,
            Self::Commonware | Self::CommonwareOrdered if key_count > 4_000_000 => 3072 * MIB,
            Self::CommonwareOrdered if key_count > 1_000_000 => 1280 * MIB,
            Self::Commonware if key_count > 1_000_000 => 1024 * MIB,
            Self::CommonwareOrdered => 640 * MIB,
            Self::Bmt | Self::BmtNomt if key_count > 4_000_000 => 896 * MIB,
            _ => 0,
        }
    }

    /// Whether this build has the engine.
    #[must_use]
    pub const fn available(self) -> bool {
        cfg!(feature = "rocksdb") || !matches!(self, Self::Rocksdb)
    }

    /// The engine whose loaded database this one runs on: configurations that differ only in how
    /// they are opened share one.
    #[must_use]
    pub const fn loaded_by(self) -> Self {
        match self {
            Self::NomtWarm => Self::Nomt,
            other => other,
        }
    }

    /// The scheme that this engine's roots follow, if the harness can compute it.
    #[must_use]
    pub const fn scheme(self) -> Option<RootScheme> {
        match self {
            Self::Bmt => Some(RootScheme::GrayPaper),
            Self::Nomt | Self::NomtWarm | Self::NomtDefault | Self::BmtNomt => {
                Some(RootScheme::NomtBlake3)
            }
            Self::Honest
            | Self::CheatNoSync
            | Self::CheatMemory
            | Self::CheatLosesKeys
            | Self::CheatStaleValues
            | Self::CheatRoot => Some(RootScheme::NomtBlake3),
            Self::Redb
            | Self::Lmdb
            | Self::Rocksdb
            | Self::Commonware
            | Self::CommonwareOrdered => None,
        }
    }
}

/// How roots are computed that depend on the state alone, so that engines can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RootScheme {
    /// The Gray Paper's appendix D.
    GrayPaper,
    /// NOMT's with Blake3.
    NomtBlake3,
}

/// How an engine is opened.
#[derive(Debug, Clone, Copy)]
pub struct Setup<'a> {
    /// The database's directory; it exists.
    pub dir: &'a Path,
    /// What is, or will be, loaded: for engines that must be told sizes beforehand.
    pub dataset: Dataset,
    /// The memory limit of the process in bytes; caches must leave room for everything else.
    pub memory_bytes: u64,
    /// Processor cores.
    pub core_count: usize,
}

/// What a commit says besides that it is durable.
#[derive(Debug, Clone, Copy, Default)]
pub struct Committed {
    /// How many of the batch's reads found their key.
    pub found_count: u64,
    /// Size of the witness, where one was asked for and the engine has them.
    pub witness_bytes: Option<u64>,
}

/// A database behind the operations that are measured. Methods block.
pub trait Engine {
    /// Does the batch's operations in order and makes the result durable before it returns.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn commit(&mut self, batch: &Batch, witness: bool) -> Outcome<Committed>;

    /// The value of a key.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>>;

    /// The values of many keys, in the engine's best way; one `get` after the other without one.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn get_many(&mut self, keys: &[Key]) -> Outcome<Vec<Option<Vec<u8>>>> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    /// Proves each key's value against the root; returns the number of proofs, or `None` without
    /// proofs.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn prove(&mut self, _keys: &[Key]) -> Outcome<Option<u64>> {
        Ok(None)
    }

    /// Fills an empty database from all entries in key order, durably, in the engine's best way;
    /// without one in commits of 100,000.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn bulk_build(
        &mut self,
        entries: &mut dyn ExactSizeIterator<Item = (Key, Vec<u8>)>,
    ) -> Outcome<()> {
        let mut batch = Batch::default();
        while entries.len() > 0 {
            batch.clear();
            for (key, value) in entries.take(BULK_BATCH) {
                batch.push_entry(key, &value);
            }
            self.commit(&batch, false)?;
        }
        Ok(())
    }

    /// Brings all work put off to the disk: a full checkpoint, a sync, pruning.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn flush(&mut self) -> Outcome<()>;

    /// Closes cleanly.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn close(self: Box<Self>) -> Outcome<()>;

    /// The root, if [`EngineKind::scheme`] tells how it is computed.
    fn root(&self) -> Option<[u8; 32]> {
        None
    }

    /// Full checkpoints so far, if the engine has such a thing.
    fn checkpoint_count(&self) -> Option<u64> {
        None
    }

    /// Why [`Committed::witness_bytes`], [`Engine::prove`] or [`Engine::reader`] gives nothing.
    fn why_unsupported(&self) -> &'static str {
        "no such operation"
    }

    /// Whether durable calls go through io_uring, where the harness cannot count them.
    fn syncs_through_ring(&self) -> bool {
        false
    }

    /// A handle for another thread that reads while commits go on, if the engine allows it.
    fn reader(&self) -> Option<Box<dyn Reader>> {
        None
    }

    /// The settings, and what else a reader of the results should know.
    fn notes(&self) -> String;
}

/// Reads committed state while the engine commits.
pub trait Reader: Send {
    /// The value of a key as of some recent commit.
    ///
    /// # Errors
    /// Whatever the engine says.
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>>;
}

/// Opens an engine's database, creating it if the directory is empty.
///
/// # Errors
/// Whatever the engine says, or that this build lacks it.
pub fn open(kind: EngineKind, setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    match kind {
        EngineKind::Bmt | EngineKind::BmtNomt => engines::bmt::open(kind, setup),
        EngineKind::Nomt | EngineKind::NomtWarm | EngineKind::NomtDefault => {
            engines::nomt::open(kind, setup)
        }
        EngineKind::Redb => engines::redb::open(setup),
        EngineKind::Lmdb => engines::lmdb::open(setup),
        EngineKind::Commonware | EngineKind::CommonwareOrdered => {
            engines::commonware::open(kind, setup)
        }
        EngineKind::Rocksdb => engines::rocksdb::open(setup),
        EngineKind::Honest
        | EngineKind::CheatNoSync
        | EngineKind::CheatMemory
        | EngineKind::CheatLosesKeys
        | EngineKind::CheatStaleValues
        | EngineKind::CheatRoot => engines::cheat::open(kind, setup),
    }
}
