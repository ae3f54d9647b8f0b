//! How a database is opened.

use crate::error::OpenError;
use crate::record;
use bmt_io::IoOptions;
use bmt_seglog::{RECORD_BYTES_LIMIT, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN, SpareMode};

/// Log segments are a multiple of this.
const BLOCK_BYTES: u64 = 4096;

// A commit of one change always fits, whatever the value.
const _: () = assert!(record::ONE_CHANGE_BYTES_MAX <= RECORD_BYTES_LIMIT);

/// Settings of a database handle; [`Options::default`] is right for someone who sets nothing.
///
/// ```
/// use bmt_store::Options;
/// let options = Options::new().rollback_commits_max(64).create(false);
/// assert_eq!(options.rollback_window().0, 64);
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) io: IoOptions,
    pub(crate) create: bool,
    pub(crate) rollback_commits_max: usize,
    pub(crate) rollback_bytes_max: u64,
    pub(crate) commit_bytes_max: u64,
    pub(crate) log_segment_bytes: Option<u64>,
    pub(crate) seed: Option<u64>,
    /// Deliberate faults in the log, for tests that must notice them.
    #[cfg(feature = "faults")]
    pub log_faults: bmt_seglog::Faults,
}

impl Options {
    /// The defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            io: IoOptions::default(),
            create: true,
            rollback_commits_max: 1024,
            rollback_bytes_max: 256 << 20,
            commit_bytes_max: RECORD_BYTES_LIMIT,
            log_segment_bytes: None,
            seed: None,
            #[cfg(feature = "faults")]
            log_faults: bmt_seglog::Faults::default(),
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

    /// How many commits [`crate::Db::rollback`] can undo at most. Default: 1,024.
    #[must_use]
    pub fn rollback_commits_max(mut self, commits: usize) -> Self {
        self.rollback_commits_max = commits;
        self
    }

    /// Bytes of memory for what those commits replaced; older ones go first. Default: 256 MiB.
    #[must_use]
    pub fn rollback_bytes_max(mut self, bytes: u64) -> Self {
        self.rollback_bytes_max = bytes;
        self
    }

    /// Bytes that one commit or rollback may have in the log: 36 a change, its value, and 84. At most
    /// 4 GiB, the default. A larger one is [`crate::CommitError::TooLarge`].
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

    /// Makes a new database's files a function of this number and what is written: no random salt,
    /// and nothing in the background. For tests and simulation only: whoever knows the salt can write
    /// values that look like log records.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// With a seed, nothing runs in the background, so that the order of operations is a function
    /// of the calls.
    pub(crate) fn log_spare(&self) -> SpareMode {
        if self.seed.is_some() { SpareMode::Inline } else { SpareMode::Background }
    }

    /// Checks what the types cannot.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        if self.commit_bytes_max > RECORD_BYTES_LIMIT {
            let (name, rule) = ("commit_bytes_max", "at most 4 GiB");
            return Err(OpenError::InvalidOption { name, found: self.commit_bytes_max, rule });
        }
        let sizes = SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX;
        match self.log_segment_bytes {
            Some(found) if !sizes.contains(&found) || !found.is_multiple_of(BLOCK_BYTES) => {
                let rule = "a multiple of 4 KiB, from 16 KiB to 1 GiB";
                Err(OpenError::InvalidOption { name: "log_segment_bytes", found, rule })
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
