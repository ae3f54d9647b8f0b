//! The window of undoable commits: which they are, and what the log holds for them.
//!
//! The undoable steps are a chain and not a suffix of the log: a rollback takes the newest ones off it, and
//! the next commit stands on what is left. What each step replaced stands in its record.
//!
//! # Format
//! Of an encoded window: version 1, `docs/format/undo.md`, "Window".

use crate::varint::{put_varint, take_varint};
use bmt_core::Hash;
use std::collections::VecDeque;

/// Most bytes of an encoded window; older commits are left out.
pub const WINDOW_BYTES_MAX: usize = 3000;

/// An undoable commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    sequence: u64,
    /// Bytes of the log from its record to that of the next entry.
    bytes: u64,
    /// The root before it, if it is known without reading its record.
    previous_root: Option<Hash>,
}

/// The undoable commits, oldest first, bounded in number and in bytes of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    entries: VecDeque<Entry>,
    /// The log from the record of the oldest entry to its end, cancelled records included.
    bytes: u64,
    /// The step whose state is the newest one; 0 is the empty database.
    head: u64,
    commits_max: usize,
    bytes_max: u64,
}

impl Window {
    /// A window for a log without commits, bounded in commits and in bytes of the log.
    #[must_use]
    pub fn new(commits_max: usize, bytes_max: u64) -> Self {
        Self { entries: VecDeque::new(), bytes: 0, head: 0, commits_max, bytes_max }
    }

    /// The step whose state is the newest one.
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Whether no commit can be undone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// How many commits can be undone.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Bytes of the log that are kept for undoing.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The oldest record that is kept for undoing.
    #[must_use]
    pub fn oldest(&self) -> Option<u64> {
        self.entries.front().map(|entry| entry.sequence)
    }

    /// The sequences of the undoable commits, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().rev().map(|entry| entry.sequence)
    }

    /// Whether some state before the newest may have this root; false is certain.
    #[must_use]
    pub fn may_have_root(&self, root: &Hash) -> bool {
        self.entries.iter().any(|entry| entry.previous_root.is_none_or(|found| found == *root))
    }

    /// Whether some state before the newest has this root, as far as it is known without reading records.
    pub(crate) fn is_known_root(&self, root: &Hash) -> bool {
        self.entries.iter().any(|entry| entry.previous_root == Some(*root))
    }

    /// The root before an undoable commit, as its record says: a loaded window has none of them, and knows
    /// better from then on what [`Window::may_have_root`] asks. Nothing for a commit that is not in the window.
    pub fn learn(&mut self, sequence: u64, previous_root: Hash) {
        let found = self.entries.binary_search_by_key(&sequence, |entry| entry.sequence);
        if let Some(entry) = found.ok().and_then(|at| self.entries.get_mut(at)) {
            entry.previous_root = Some(previous_root);
        }
    }

    /// Adds the newest commit, whose record has so many bytes, and lets the oldest go for which the limits
    /// leave no room. `previous_root` is the root before it, if it is at hand: it saves reading the record
    /// when a root is looked for.
    pub fn push(&mut self, sequence: u64, record_bytes: u64, previous_root: Option<Hash>) {
        self.head = sequence;
        self.entries.push_back(Entry { sequence, bytes: record_bytes, previous_root });
        self.bytes += record_bytes;
        self.limit();
    }

    /// A rollback, whose record has so many bytes, has restored the state of step `restored`: the commits
    /// above it are no longer in the chain. Their records still are in the log.
    pub fn rewind(&mut self, restored: u64, record_bytes: u64) {
        let mut cancelled = record_bytes;
        while self.entries.back().is_some_and(|entry| entry.sequence > restored) {
            cancelled += self.entries.pop_back().map_or(0, |entry| entry.bytes);
        }
        match self.entries.back_mut() {
            Some(entry) => {
                entry.bytes += cancelled;
                self.bytes += record_bytes;
            }
            None => self.bytes = 0,
        }
        self.head = restored;
        self.limit();
    }

    /// Forgets the commits before `sequence`, whose records are not in the log any more.
    pub fn forget_before(&mut self, sequence: u64) {
        while self.entries.front().is_some_and(|entry| entry.sequence < sequence) {
            self.pop_oldest();
        }
    }

    fn limit(&mut self) {
        while self.entries.len() > self.commits_max || self.bytes > self.bytes_max {
            if !self.pop_oldest() {
                return;
            }
        }
    }

    fn pop_oldest(&mut self) -> bool {
        let oldest = self.entries.pop_front();
        self.bytes -= oldest.map_or(0, |entry| entry.bytes);
        oldest.is_some()
    }

    /// For the manifest: runs of consecutive sequences, the newest first, each a gap and a count. If there
    /// are too many, the oldest commits are left out.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut above = self.head;
        let mut entries = self.entries.iter().rev().map(|entry| entry.sequence).peekable();
        while let Some(newest) = entries.next() {
            let mut count = 1;
            while entries.next_if_eq(&(newest - count)).is_some() {
                count += 1;
            }
            let mut run = Vec::new();
            put_varint(&mut run, above - newest);
            put_varint(&mut run, count);
            if bytes.len() + run.len() > WINDOW_BYTES_MAX {
                break;
            }
            bytes.extend(run);
            above = newest - count;
        }
        bytes
    }

    /// The window that was encoded with this head; the limits are today's. How the bytes are spread over the
    /// commits is not stored, so each counts the same. `None` if these are not the bytes of a window.
    #[must_use]
    pub fn decode(mut self, head: u64, bytes: u64, mut runs: &[u8]) -> Option<Self> {
        let mut above = head;
        while !runs.is_empty() {
            let (gap, count) = (take_varint(&mut runs)?, take_varint(&mut runs)?);
            let newest = above.checked_sub(gap)?;
            if count == 0 || count > newest {
                return None;
            }
            above = newest - count;
            // Newest first, and no more than the limit lets in: a count is a number from a file.
            let room = self.commits_max.saturating_sub(self.entries.len());
            let run = (above + 1..=newest).rev().take(room);
            run.for_each(|sequence| {
                self.entries.push_front(Entry { sequence, bytes: 0, previous_root: None });
            });
        }
        let count = self.entries.len() as u64;
        let each = bytes.checked_div(count).unwrap_or_default();
        self.entries.iter_mut().for_each(|entry| entry.bytes = each);
        self.bytes = each * count;
        self.head = head;
        self.limit();
        Some(self)
    }
}

#[cfg(test)]
mod tests;
