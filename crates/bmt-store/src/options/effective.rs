//! What options come to: shares of memory, counts of threads, and all of it as text.

use super::Options;
use bmt_seglog::SpareMode;

/// Of the memory, for leaves, pages of the trie and changes together; the rest is for what is not counted.
const COUNTED_PERCENT: u64 = 97;
/// Of the memory, for changes that are not in pages, at least.
const BUFFER_PERCENT_MIN: u64 = 15;
/// As much at most, if the pages leave it: more changes for each page that a checkpoint writes.
const BUFFER_PERCENT_MAX: u64 = 25;
/// Of the memory, for leaves, however many pages of the trie there are: they are read for every change, but
/// each page of the trie serves ten times as many keys.
const LEAF_PERCENT_MIN: u64 = 40;

impl Options {
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

    /// Bytes for changes that are not in pages, if all pages take so many: what these leave, within bounds.
    pub(crate) fn buffer_bytes_beside(&self, pages_bytes: usize) -> usize {
        let rest = self.share(COUNTED_PERCENT).saturating_sub(pages_bytes);
        let share = rest.clamp(self.share(BUFFER_PERCENT_MIN), self.share(BUFFER_PERCENT_MAX));
        self.change_memory_bytes.map_or(share, in_memory)
    }

    /// Bytes for leaves, at least.
    pub(crate) fn leaf_cache_bytes(&self) -> usize {
        self.leaf_memory_bytes.map_or(self.share(LEAF_PERCENT_MIN), in_memory)
    }

    /// Bytes for leaves while pages of the trie and changes take so many: what these leave.
    pub(crate) fn leaf_cache_bytes_beside(&self, other_bytes: usize) -> usize {
        match self.leaf_memory_bytes {
            Some(_) => self.leaf_cache_bytes(),
            None => {
                self.share(COUNTED_PERCENT).saturating_sub(other_bytes).max(self.leaf_cache_bytes())
            }
        }
    }

    /// Bytes for pages of the trie, at most.
    pub(crate) fn page_cache_bytes(&self) -> usize {
        let share = COUNTED_PERCENT - BUFFER_PERCENT_MIN - LEAF_PERCENT_MIN;
        self.trie_memory_bytes.map_or(self.share(share), in_memory)
    }

    /// So many hundredths of the memory.
    fn share(&self, percent: u64) -> usize {
        in_memory(self.memory_bytes / 100 * percent)
    }

    /// Every option by its name, with the value that is in force.
    #[must_use]
    pub fn effective(&self) -> Vec<(&'static str, String)> {
        let segment_bytes = self.log_segment_bytes.map(|bytes| bytes.to_string());
        let seed = self.seed.map_or_else(|| "off".to_owned(), |seed| seed.to_string());
        vec![
            ("backend", format!("{:?}", self.io.backend)),
            ("io_threads", self.io.thread_count.to_string()),
            ("queue_depth", self.queue_depth.to_string()),
            ("threads", self.thread_count().to_string()),
            ("create", self.create.to_string()),
            ("read_only", self.read_only.to_string()),
            ("durability", format!("{:?}", self.durability)),
            ("memory_bytes", self.memory_bytes.to_string()),
            ("change_memory_bytes", self.buffer_bytes_beside(0).to_string()),
            ("leaf_memory_bytes", self.leaf_cache_bytes().to_string()),
            ("trie_memory_bytes", self.page_cache_bytes().to_string()),
            ("preload_bytes", self.preload_bytes.to_string()),
            ("resident_bits", self.resident_bits.to_string()),
            ("warm_up", format!("{:?}", self.warm_up)),
            ("timings", self.timings.to_string()),
            ("checkpoint_log_bytes", self.checkpoint_log_bytes.to_string()),
            ("checkpoint_bytes_per_second", self.checkpoint_bytes_per_second.to_string()),
            ("slice_changes_min", self.slice_changes_min.to_string()),
            ("held_bytes_max", self.held_bytes_max.to_string()),
            ("uncommitted_bytes_max", self.uncommitted_bytes_max.to_string()),
            ("history_bytes_max", self.history_bytes_max.to_string()),
            ("rollback_commits_max", self.rollback_commits_max.to_string()),
            ("rollback_bytes_max", self.rollback_bytes_max.to_string()),
            ("commit_bytes_max", self.commit_bytes_max.to_string()),
            ("log_segment_bytes", segment_bytes.unwrap_or_else(|| "4194304, 16777216".to_owned())),
            ("deterministic", seed),
        ]
    }
}

fn in_memory(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
