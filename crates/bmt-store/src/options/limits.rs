//! Which options hold together.

use super::Options;
use crate::error::OpenError;
use crate::record;
use bmt_seglog::{RECORD_BYTES_LIMIT, SEGMENT_BYTES_MAX, SEGMENT_BYTES_MIN};
use std::ops::RangeInclusive;

/// Log segments are a multiple of this.
const BLOCK_BYTES: u64 = 4096;
/// Less memory than this is of no use.
const MEMORY_BYTES_MIN: u64 = 1 << 20;
/// Nor is less in one part.
const PART_BYTES_MIN: u64 = 64 << 10;
/// More threads than these have nothing to do.
const THREADS: RangeInclusive<usize> = 1..=64;
const QUEUE_DEPTHS: RangeInclusive<usize> = 1..=4096;
/// A million pages.
const RESIDENT_BITS_MAX: usize = 20;

// A commit of one change always fits, whatever the value.
const _: () = assert!(record::ONE_CHANGE_BYTES_MAX <= RECORD_BYTES_LIMIT);

impl Options {
    /// Checks what the types cannot. Opening does it before it reads or writes anything.
    ///
    /// ```
    /// use bmt_store::{OpenError, Options};
    /// let refused = Options::new().threads(65).validate().unwrap_err();
    /// assert!(matches!(refused, OpenError::InvalidOption { name: "threads", found: 65, .. }));
    /// ```
    ///
    /// # Errors
    /// [`OpenError::InvalidOption`], which names the option, its value and the rule.
    pub fn validate(&self) -> Result<(), OpenError> {
        let invalid = |name, found, rule| Err(OpenError::InvalidOption { name, found, rule });
        if self.commit_bytes_max > RECORD_BYTES_LIMIT {
            return invalid("commit_bytes_max", self.commit_bytes_max, "at most 4 GiB");
        }
        if let Some(threads) = self.threads.filter(|count| !THREADS.contains(count)) {
            return invalid("threads", threads as u64, "from 1 to 64");
        }
        if !THREADS.contains(&self.io.thread_count) {
            return invalid("io_threads", self.io.thread_count as u64, "from 1 to 64");
        }
        if !QUEUE_DEPTHS.contains(&self.queue_depth) {
            return invalid("queue_depth", self.queue_depth as u64, "from 1 to 4096");
        }
        if self.checkpoint_bytes_per_second == 0 {
            return invalid("checkpoint_bytes_per_second", 0, "at least 1");
        }
        if self.slice_changes_min == 0 {
            return invalid("slice_changes_min", 0, "at least 1");
        }
        self.check_memory()?;
        let sizes = SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX;
        match self.log_segment_bytes {
            Some(found) if !sizes.contains(&found) || !found.is_multiple_of(BLOCK_BYTES) => {
                let rule = "a multiple of 4 KiB, from 16 KiB to 1 GiB";
                invalid("log_segment_bytes", found, rule)
            }
            _ => Ok(()),
        }
    }

    fn check_memory(&self) -> Result<(), OpenError> {
        let invalid = |name, found, rule| Err(OpenError::InvalidOption { name, found, rule });
        if self.memory_bytes < MEMORY_BYTES_MIN {
            return invalid("memory_bytes", self.memory_bytes, "at least 1 MiB");
        }
        let parts = [
            ("change_memory_bytes", self.change_memory_bytes),
            ("leaf_memory_bytes", self.leaf_memory_bytes),
            ("trie_memory_bytes", self.trie_memory_bytes),
        ];
        for (name, bytes) in parts {
            if let Some(found) = bytes.filter(|bytes| *bytes < PART_BYTES_MIN) {
                return invalid(name, found, "at least 64 KiB");
            }
        }
        if self.preload_bytes > self.page_cache_bytes() as u64 {
            return invalid("preload_bytes", self.preload_bytes, "at most trie_memory_bytes");
        }
        if self.resident_bits > RESIDENT_BITS_MAX {
            return invalid("resident_bits", self.resident_bits as u64, "at most 20");
        }
        Ok(())
    }
}
