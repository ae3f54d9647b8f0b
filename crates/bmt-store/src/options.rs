//! How a database is opened.

use bmt_io::IoOptions;
use bmt_seglog::SpareMode;

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

    /// Size of the log's segment files, in bytes, a multiple of 4 KiB. Default: 4 MiB for the first,
    /// 16 MiB for the others.
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
