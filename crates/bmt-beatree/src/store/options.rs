//! How a store is opened: [`StoreOptions`].

use crate::buffer::run::ValueHasher;
use crate::faults::Faults;
use crate::page::leaf::ValueHash;
use bmt_io::Direct;

/// When a commit is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// When [`crate::Store::commit`] returns.
    #[default]
    Immediate,
    /// Some time later; [`crate::Store::sync`] catches up. After a crash the store is at some earlier
    /// commit, never in between two.
    Eventual,
}

/// Who merges runs and writes checkpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Background {
    /// Threads of the store.
    #[default]
    Threads,
    /// The caller whose commit makes it necessary. The order of storage operations then depends on
    /// nothing but the calls.
    Inline,
}

/// How to open a store. Start from [`StoreOptions::default`].
///
/// Memory is the sum of `buffer_bytes` and `leaf_cache_bytes`, about 30 bytes for each leaf page and 4 for each
/// page of the file, and while runs are merged a copy of those; some tens of MiB during a checkpoint.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Memory for commits that are not in pages yet. At half of it a checkpoint begins; when it is
    /// full, commits wait. 64 MiB by default.
    pub buffer_bytes: usize,
    /// Bytes of commits in the log after which a checkpoint begins, however few keys they are about:
    /// what opening has to apply. 512 MiB by default.
    pub log_bytes_max: u64,
    /// Memory for leaves. 64 MiB by default.
    pub leaf_cache_bytes: usize,
    /// When a commit is durable.
    pub durability: Durability,
    /// Who does the work beside commits.
    pub background: Background,
    /// Bytes of pages that snapshots may hold; see [`crate::TreeOptions::held_bytes_max`].
    pub held_bytes_max: u64,
    /// Size of a segment of the commit log. 16 MiB by default.
    pub segment_bytes: u64,
    /// Whether the page file goes around the system's page cache.
    pub direct: Direct,
    /// Create the directory's store if it has none. On by default.
    pub create: bool,
    /// For a new store: the salt of its checksums; random if `None`, as it should be but in tests.
    pub salt: Option<u64>,
    /// The hash stored beside values of more than 128 bytes, which [`crate::Version::leaf_entries`]
    /// returns; by default a checksum of 32 bytes. The same for the whole life of the store.
    pub value_hasher: ValueHasher,
    /// Changes that a slice of a checkpoint has at least. 4096 by default.
    pub slice_changes_min: usize,
    /// Deliberate faults.
    #[cfg(any(test, feature = "faults"))]
    pub faults: Faults,
}

impl StoreOptions {
    #[cfg(any(test, feature = "faults"))]
    pub(super) fn faults(&self) -> Faults {
        self.faults
    }

    #[cfg(not(any(test, feature = "faults")))]
    pub(super) fn faults(&self) -> Faults {
        Faults
    }
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            buffer_bytes: 64 << 20,
            log_bytes_max: 512 << 20,
            leaf_cache_bytes: 64 << 20,
            durability: Durability::Immediate,
            background: Background::Threads,
            held_bytes_max: 1 << 30,
            segment_bytes: 16 << 20,
            direct: Direct::Auto,
            create: true,
            salt: None,
            value_hasher: value_checksum,
            slice_changes_min: 4096,
            #[cfg(any(test, feature = "faults"))]
            faults: Faults::default(),
        }
    }
}

/// Four checksums of 64 bits with different seeds. They tell values apart that differ by chance, not
/// by intent.
fn value_checksum(value: &[u8]) -> ValueHash {
    let mut hash = [0; 32];
    for (seed, part) in (1..).zip(hash.chunks_exact_mut(8)) {
        part.copy_from_slice(&bmt_io::checksum(seed, value).to_le_bytes());
    }
    hash
}
