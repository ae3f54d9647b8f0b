//! How a database is opened.

mod effective;
mod limits;

use crate::write_session::WarmUp;
use bmt_io::{Backend, IoOptions};
use bmt_seglog::RECORD_BYTES_LIMIT;

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
/// Nothing of them is stored: every opening brings its own. [`Options::validate`] says whether they hold
/// together, as opening does; [`crate::Stats::settings`] shows what is in force.
///
/// ```
/// use bmt_store::Options;
/// let options = Options::new().memory_bytes(1 << 30).rollback_commits_max(64).create(false);
/// assert_eq!(options.rollback_window().0, 64);
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) io: IoOptions,
    pub(crate) create: bool,
    pub(crate) read_only: bool,
    pub(crate) durability: Durability,
    pub(crate) memory_bytes: u64,
    pub(crate) change_memory_bytes: Option<u64>,
    pub(crate) leaf_memory_bytes: Option<u64>,
    pub(crate) trie_memory_bytes: Option<u64>,
    pub(crate) preload_bytes: u64,
    pub(crate) resident_bits: usize,
    pub(crate) queue_depth: usize,
    pub(crate) warm_up: WarmUp,
    pub(crate) timings: bool,
    pub(crate) threads: Option<usize>,
    pub(crate) checkpoint_log_bytes: u64,
    pub(crate) checkpoint_bytes_per_second: u64,
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
            read_only: false,
            durability: Durability::default(),
            memory_bytes: 256 << 20,
            change_memory_bytes: None,
            leaf_memory_bytes: None,
            trie_memory_bytes: None,
            preload_bytes: 0,
            resident_bits: 0,
            queue_depth: 128,
            warm_up: WarmUp::OnRequest,
            timings: true,
            threads: None,
            checkpoint_log_bytes: 128 << 20,
            checkpoint_bytes_per_second: 256 << 20,
            held_bytes_max: 1 << 30,
            uncommitted_bytes_max: 256 << 20,
            history_bytes_max: 64 << 20,
            rollback_commits_max: 1024,
            rollback_bytes_max: 128 << 20,
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

    /// io_uring, or threads that make blocking calls. Default: io_uring where the system has it, else threads;
    /// [`crate::Stats::backend`] tells which, and why.
    #[must_use]
    pub fn backend(mut self, backend: Backend) -> Self {
        self.io.backend = backend;
        self
    }

    /// Threads that make the blocking calls of the threads backend, 1 to 64: so many reads are on their way at
    /// once. io_uring needs none. Default: 4.
    #[must_use]
    pub fn io_threads(mut self, count: usize) -> Self {
        self.io.thread_count = count;
        self
    }

    /// Reads or writes in flight for each thread that has many to do, 1 to 4,096; each takes a buffer of at
    /// least 4 KiB. Default: 128.
    #[must_use]
    pub fn queue_depth(mut self, requests: usize) -> Self {
        self.queue_depth = requests;
        self
    }

    /// Whether a missing or empty directory becomes a new database. Default: yes.
    #[must_use]
    pub fn create(mut self, create: bool) -> Self {
        self.create = create;
        self
    }

    /// Whether the database is only read: no byte of the directory changes, what recovery would write stays in
    /// memory, and any number of such handles can be open at once, as long as none that writes is. Whatever
    /// would write is an error that says `ReadOnly`. Needs a database that is there. Default: no.
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// When a commit counts as made. Default: [`Durability::Immediate`].
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Memory for buffers and caches, in bytes, at least 1 MiB: 15 % for changes that are not in pages yet, up to
    /// 25 % while all pages have room beside them; pages of the trie take at most 42 %, leaf pages what these leave.
    /// What the database needs beside it grows with its size: about 30 bytes for each leaf page, and a byte for
    /// each bucket of the table. Pages of the trie that commits change can't be dropped before a checkpoint has
    /// written them: where each commit changes nearly all of them (there is one for about 1,000 keys), they take
    /// up to 24 bytes a key, whatever this says. Default: 256 MiB.
    ///
    /// The three methods after this one set a part by itself, at least 64 KiB, instead of its share.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Memory for changes that are not in pages yet. More makes checkpoints rarer, so that a page takes the
    /// changes of more commits, and opening after a crash longer. Default: 15 % of the
    /// whole, up to 25 % as long as all pages have room beside it.
    #[must_use]
    pub fn change_memory_bytes(mut self, bytes: u64) -> Self {
        self.change_memory_bytes = Some(bytes);
        self
    }

    /// Memory for leaf pages, as long as they are filled: reads and commits find the entries there that they touch.
    /// Default: what changes and pages of the trie leave of 97 % of the whole, but at least 40 %.
    #[must_use]
    pub fn leaf_memory_bytes(mut self, bytes: u64) -> Self {
        self.leaf_memory_bytes = Some(bytes);
        self
    }

    /// Memory for pages of the trie, about 9 KiB each; proofs and commits need them, reads do not. When half of
    /// it is taken by pages that are not stored, a checkpoint begins. Default: up to 42 % of the whole.
    #[must_use]
    pub fn trie_memory_bytes(mut self, bytes: u64) -> Self {
        self.trie_memory_bytes = Some(bytes);
        self
    }

    /// Reads the upper pages of the trie at opening, level by level, until pages of the trie take so much
    /// memory: at least what they are kept to, so give no more than [`Options::trie_memory_bytes`]. Opening takes
    /// a batch of reads for each level; the first commits find warm pages. Default: 0, nothing.
    #[must_use]
    pub fn preload_bytes(mut self, bytes: u64) -> Self {
        self.preload_bytes = bytes;
        self
    }

    /// Keeps pages of the trie in memory, once they are there, whose place is fewer bits below the root than
    /// this, 0 to 20: at most two to this power, of about 9 KiB each, out of
    /// [`Options::trie_memory_bytes`]. For a program whose reads would push them out between commits.
    /// Default: 0, none but those in use.
    #[must_use]
    pub fn resident_bits(mut self, bits: usize) -> Self {
        self.resident_bits = bits;
        self
    }

    /// Whether sessions may read ahead at all; [`WarmUp::Never`] saves the thread that does it, and
    /// [`crate::WriteSession::warm_up`] does nothing then. Default: [`WarmUp::OnRequest`].
    #[must_use]
    pub fn warm_up(mut self, warm_up: WarmUp) -> Self {
        self.warm_up = warm_up;
        self
    }

    /// Whether operations are timed, for [`crate::Stats::latency`]: two looks at the clock for each commit,
    /// proof or batch, and for each 64th single read. Counts are kept in any case. Default: yes.
    #[must_use]
    pub fn timings(mut self, timings: bool) -> Self {
        self.timings = timings;
        self
    }

    /// Threads that hash a commit, 1 to 64; what is computed does not depend on it. Default: as many as the
    /// machine has cores, at most 8.
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

    /// Bytes a second that a checkpoint writes while the buffer is less than three quarters full; from there on
    /// it goes as fast as it can, as do [`crate::Db::flush`] and closing. Less disturbs reads and commits less
    /// and makes stalls likelier. `u64::MAX` never slows it down. Default: 256 MiB.
    #[must_use]
    pub fn checkpoint_bytes_per_second(mut self, bytes: u64) -> Self {
        self.checkpoint_bytes_per_second = bytes;
        self
    }

    /// Bytes of pages that old versions may keep from being written over, in either file, before the
    /// oldest of them expire: [`crate::ReadError::SnapshotExpired`]. Default: 1 GiB.
    #[must_use]
    pub fn held_bytes_max(mut self, bytes: u64) -> Self {
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
    /// older ones go first. A commit takes at least 4 KiB of it. Default: 128 MiB.
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

    /// Makes a new database's files a function of this number and the calls: the same calls write the same
    /// bytes. One thread hashes, nothing runs in the background, checkpoints are made within the commits that
    /// make them due, and the random salt is this number.
    ///
    /// For tests and simulation only. Commits that make a checkpoint take as long as it does, and whoever
    /// knows the salt can write values that look like log records.
    #[must_use]
    pub fn deterministic(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The same as [`Options::deterministic`].
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.deterministic(seed)
    }

    #[cfg(feature = "faults")]
    pub(crate) fn faults(&self) -> crate::Faults {
        self.faults
    }

    #[cfg(not(feature = "faults"))]
    pub(crate) fn faults(&self) -> crate::faults::Faults {
        crate::faults::Faults
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
