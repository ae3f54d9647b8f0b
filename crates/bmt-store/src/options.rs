//! How a database is opened.

use crate::error::OpenError;
use crate::record;
use bmt_io::IoOptions;
use bmt_seglog::{RECORD_BYTES_LIMIT, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SpareMode};

/// Log segments are a multiple of this.
const BLOCK_BYTES: u64 = 4096;
/// Less memory than this is of no use.
const MEMORY_BYTES_MIN: u64 = 1 << 20;
/// More threads than these have nothing to do.
const THREADS_MAX: usize = 64;

// A commit of one change always fits, whatever the value.
const _: () = assert!(record::ONE_CHANGE_BYTES_MAX <= RECORD_BYTES_LIMIT);

/// When a commit counts as made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Durability {
    /// When it is on disk: one `fdatasync`. No crash takes it back.
    #[default]
    Immediate,
    /// When it is in the log, which the system writes when it likes; [`crate::Db::sync`] catches up. After a
    /// crash of the process all is there; after one of the system the database is at some earlier commit,
    /// never between two.
    Eventual,
}

/// Settings of a database handle; [`Options::default`] is right for someone who sets nothing.
///
/// ```
/// use bmt_store::Options;
/// let options = Options::new().memory_bytes(1 << 30).rollback_commits_max(64).create(false);
/// assert_eq!(options.rollback_window().0, 64);
    pub(crate) read_only: bool,
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) io: IoOptions,
    pub(crate) create: bool,
    pub(crate) durability: Durability,
    pub(crate) memory_bytes: u64,
    pub(crate) threads: Option<usize>,
    pub(crate) checkpoint_log_bytes: u64,
    pub(crate) held_bytes_max: u64,
    pub(crate) uncommitted_bytes_max: u64,
    pub(crate) history_bytes_max: u64,
    pub(crate) rollback_commits_max: usize,
    pub(crate) rollback_bytes_max: u64,
    pub(crate) commit_bytes_max: u64,
    pub(crate) log_segment_bytes: Option<u64>,
    pub(crate) slice_changes_min: usize,
    pub(crate) seed: Option<u64>,
    /// Deliberate faults in the log, for tests that must notice them.
    #[cfg(feature = "faults")]
    pub log_faults: bmt_seglog::Faults,
    /// Deliberate faults in the ordered store, for tests that must notice them.
    #[cfg(feature = "faults")]
    pub tree_faults: bmt_beatree::Faults,
    /// Deliberate faults in the table of pages, for tests that must notice them.
    #[cfg(feature = "faults")]
    pub table_faults: bmt_bitbox::Faults,
    /// Deliberate faults in the engine, for tests that must notice them.
    #[cfg(feature = "faults")]
    pub faults: crate::Faults,
}

impl Options {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            io: IoOptions::default(),
            create: true,
            durability: Durability::default(),
            memory_bytes: 256 << 20,
            threads: None,
            checkpoint_log_bytes: 128 << 20,
            read_only: false,
            held_bytes_max: 1 << 30,
            uncommitted_bytes_max: 256 << 20,
            history_bytes_max: 64 << 20,
            rollback_commits_max: 1024,
            rollback_bytes_max: 256 << 20,
            commit_bytes_max: RECORD_BYTES_LIMIT,
            log_segment_bytes: None,
            slice_changes_min: 4096,
            seed: None,
            #[cfg(feature = "faults")]
            log_faults: bmt_seglog::Faults::default(),
            #[cfg(feature = "faults")]
            tree_faults: bmt_beatree::Faults::default(),
            #[cfg(feature = "faults")]
            table_faults: bmt_bitbox::Faults::default(),
            #[cfg(feature = "faults")]
            faults: crate::Faults::default(),
        }
    }

    /// How files are read and written. Default: the fastest backend that works here.
    #[must_use]
    pub fn io(mut self, io: IoOptions) -> Self {
        self.io = io;
        self
    }

    /// Whether a missing or empty directory becomes a new database. Default: yes.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// When a commit counts as made. Default: [`Durability::Immediate`].
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Memory for buffers and caches, in bytes, at least 1 MiB: 25 % for changes that are not in pages yet, 50 %
    /// for leaf pages, 20 % for pages of the trie. What the database needs beside it grows with its size:
    /// about 30 bytes for each leaf page. Default: 256 MiB.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Threads that hash, 1 to 64; what is computed does not depend on it. Default: as many as the machine has
    /// cores, at most 8.
    #[must_use]
    pub fn threads(mut self, count: usize) -> Self {
        self.threads = Some(count);
        self
    }

    /// Bytes of the log after which its changes are written to pages, so that opening after a crash
    /// has no more than that to apply. A commit takes at least 4 KiB of it. A full buffer does the same.
    /// Default: 128 MiB.
    #[must_use]
    pub fn checkpoint_log_bytes(mut self, bytes: u64) -> Self {
        self.checkpoint_log_bytes = bytes;
        self
    }

    /// Bytes of pages that old versions may keep from being written over, in either file, before the
    /// oldest of them expire: [`crate::ReadError::SnapshotExpired`]. Default: 1 GiB.
    #[must_use]
    pub fn held_bytes_max(mut self, bytes: u64) -> Self {
    /// Whether the database is only read: no byte of the directory changes, what recovery would write stays in
    /// memory, and any number of such handles can be open at once, as long as none that writes is. Whatever
    /// would write is an error that says `ReadOnly`. Needs a database that is there. Default: no.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

        self.held_bytes_max = bytes;
        self
    }

    /// Memory for prepared sessions and overlays that are not committed; beyond it preparing one is
    /// [`crate::PrepareError::OverBudget`]. Default: 256 MiB.
    #[must_use]
    pub fn uncommitted_bytes_max(mut self, bytes: u64) -> Self {
        self.uncommitted_bytes_max = bytes;
        self
    }

    /// Bytes of keys and values that may have changed since a state that [`crate::Db::begin_read_at`] reads;
    /// beyond it, it is [`crate::ReadAtError::HistoryTooLarge`]. Default: 64 MiB.
    #[must_use]
    pub fn history_bytes_max(mut self, bytes: u64) -> Self {
        self.history_bytes_max = bytes;
        self
    }

    /// How many commits [`crate::Db::rollback`] can undo at most. Default: 1,024.
    #[must_use]
    pub fn rollback_commits_max(mut self, commits: usize) -> Self {
        self.rollback_commits_max = commits;
        self
    }

    /// Bytes of the log that are kept for undoing, from the oldest commit that can be undone to the end;
    /// older ones go first. A commit takes at least 4 KiB of it. Default: 256 MiB.
    #[must_use]
    pub fn rollback_bytes_max(mut self, bytes: u64) -> Self {
        self.rollback_bytes_max = bytes;
        self
    }

    /// Bytes that one commit or rollback may have in the log: about twice its keys and values, what they
    /// replaced included. At most 4 GiB, the default. A larger one is [`crate::CommitError::TooLarge`].
    #[must_use]
    pub fn commit_bytes_max(mut self, bytes: u64) -> Self {
        self.commit_bytes_max = bytes;
        self
    }

    /// Size of the log's segment files, in bytes: a multiple of 4 KiB, from 16 KiB to 1 GiB. Default:
    /// 4 MiB for the first, 16 MiB for the others.
    #[must_use]
    pub fn log_segment_bytes(mut self, bytes: u64) -> Self {
        self.log_segment_bytes = Some(bytes);
        self
    }

    /// Changes in a slice of a checkpoint below which there are fewer than 16 slices. Default: 4,096.
    #[must_use]
    pub fn slice_changes_min(mut self, changes: usize) -> Self {
        self.slice_changes_min = changes;
        self
    }

    /// Makes a new database's files a function of this number and what is written: no random salt,
    /// one thread, and nothing in the background, so that checkpoints are made within the commits that
    /// make them due. For tests and simulation only: whoever knows the salt can write values that look like
    /// log records.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// With a seed, nothing runs in the background, so that the order of operations is a function
    /// of the calls.
    pub(crate) fn is_inline(&self) -> bool {
        self.seed.is_some()
    }

    pub(crate) fn log_spare(&self) -> SpareMode {
        if self.is_inline() { SpareMode::Inline } else { SpareMode::Background }
    }

    pub(crate) fn thread_count(&self) -> usize {
        if self.is_inline() {
            return 1;
        }
        let cores = || std::thread::available_parallelism().map_or(1, |count| count.get().min(8));
        self.threads.unwrap_or_else(cores)
    }

    #[cfg(feature = "faults")]
    pub(crate) fn faults(&self) -> crate::Faults {
        self.faults
    }

    #[cfg(not(feature = "faults"))]
    pub(crate) fn faults(&self) -> crate::faults::Faults {
        crate::faults::Faults
    }

    /// Bytes for changes that are not in pages.
    pub(crate) fn buffer_bytes(&self) -> usize {
        self.share(25)
    }

    /// Bytes for leaves.
    pub(crate) fn leaf_cache_bytes(&self) -> usize {
        self.share(50)
    }

    /// Bytes for pages of the trie.
    pub(crate) fn page_cache_bytes(&self) -> usize {
        self.share(20)
    }

    fn share(&self, percent: u64) -> usize {
        usize::try_from(self.memory_bytes / 100 * percent).unwrap_or(usize::MAX)
    }

    /// Checks what the types cannot.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let invalid = |name, found, rule| Err(OpenError::InvalidOption { name, found, rule });
        if self.commit_bytes_max > RECORD_BYTES_LIMIT {
            return invalid("commit_bytes_max", self.commit_bytes_max, "at most 4 GiB");
        }
        if self.memory_bytes < MEMORY_BYTES_MIN {
            return invalid("memory_bytes", self.memory_bytes, "at least 1 MiB");
        }
        if let Some(threads) = self.threads.filter(|count| !(1..=THREADS_MAX).contains(count)) {
            return invalid("threads", threads as u64, "from 1 to 64");
        }
        let sizes = SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX;
        match self.log_segment_bytes {
            Some(found) if !sizes.contains(&found) || !found.is_multiple_of(BLOCK_BYTES) => {
                let rule = "a multiple of 4 KiB, from 16 KiB to 1 GiB";
                invalid("log_segment_bytes", found, rule)
            }
            _ => Ok(()),
        }
    }

    /// The rollback window: commits and bytes.
    #[must_use]
    pub fn rollback_window(&self) -> (usize, u64) {
        (self.rollback_commits_max, self.rollback_bytes_max)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}
