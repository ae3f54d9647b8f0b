//! The write buffer: what was committed and is not in pages yet, as immutable sorted runs.

pub(crate) mod cursor;
pub(crate) mod merge;
pub(crate) mod run;

use crate::error::TreeError;
use crate::key::Key;
use merge::{MergeJob, Merged};
use run::{Run, StoredValue};
use std::sync::Arc;

/// Runs of about one size before they are merged.
const TIER_RUNS_MAX: usize = 4;

/// Committed changes that are not in pages: runs, each newer than those after it.
///
/// A buffer is immutable and cheap to clone; changes make a new one. Its runs are in two sets. New ones
/// join the *active* set; [`Buffer::freeze`] moves that set into the *frozen* one, which a flush writes
/// to pages and [`Buffer::without_frozen`] then drops.
#[derive(Debug, Clone)]
pub struct Buffer {
    /// Newest first.
    active: Arc<[Arc<Run>]>,
    /// Newest first; all older than the active ones.
    frozen: Arc<[Arc<Run>]>,
}

impl Default for Buffer {
    fn default() -> Self {
        Self::new()
    }
}

impl Buffer {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self { active: Arc::new([]), frozen: Arc::new([]) }
    }

    /// This buffer with a run that is newer than all it has. An empty run changes nothing.
    #[must_use]
    pub fn with_run(&self, run: Arc<Run>) -> Self {
        if run.is_empty() {
            return self.clone();
        }
        let active = core::iter::once(run).chain(self.active.iter().cloned()).collect();
        Self { active, frozen: Arc::clone(&self.frozen) }
    }

    /// The active runs become the frozen ones.
    ///
    /// # Errors
    /// [`TreeError::SliceOpen`] while there are frozen runs: they have to be flushed first.
    pub fn freeze(&self) -> Result<Self, TreeError> {
        match self.frozen.is_empty() {
            true => Ok(Self { active: Arc::new([]), frozen: Arc::clone(&self.active) }),
            false => Err(TreeError::SliceOpen),
        }
    }

    /// This buffer without its frozen runs, when pages hold them.
    #[must_use]
    pub fn without_frozen(&self) -> Self {
        Self { active: Arc::clone(&self.active), frozen: Arc::new([]) }
    }

    /// Whether there are no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.active.is_empty() && self.frozen.is_empty()
    }

    /// Whether there are frozen changes, which a flush has to write.
    #[must_use]
    pub fn has_frozen(&self) -> bool {
        !self.frozen.is_empty()
    }

    /// Runs, active and frozen.
    #[must_use]
    pub fn run_count(&self) -> usize {
        self.active.len() + self.frozen.len()
    }

    /// Changes in the active runs; a key counts once for each run that changes it.
    #[must_use]
    pub fn active_change_count(&self) -> usize {
        self.active.iter().map(|run| run.len()).sum()
    }

    /// Memory of the active runs.
    #[must_use]
    pub fn active_bytes(&self) -> usize {
        self.active.iter().map(|run| run.memory_bytes()).sum()
    }

    /// Memory of the frozen runs.
    #[must_use]
    pub fn frozen_bytes(&self) -> usize {
        self.frozen.iter().map(|run| run.memory_bytes()).sum()
    }

    /// Runs to merge, if some tier has four. Any thread can merge them; see [`Buffer::with_merged`].
    #[must_use]
    pub fn merge_job(&self) -> Option<MergeJob> {
        (0..self.active.len()).find_map(|start| {
            let class = size_class(&self.active[start]);
            let runs = self.active[start..].iter().take_while(|run| size_class(run) <= class);
            let runs: Vec<Arc<Run>> = runs.cloned().collect();
            (runs.len() >= TIER_RUNS_MAX).then(|| MergeJob::new(runs))
        })
    }

    /// This buffer with a merged run in the place of those it was made of; `None` if they are no
    /// longer here side by side. Runs that were frozen since the job was made are still found.
    #[must_use]
    pub fn with_merged(&self, merged: &Merged) -> Option<Self> {
        if let Some(active) = merged.replace_in(&self.active) {
            return Some(Self { active, frozen: Arc::clone(&self.frozen) });
        }
        let frozen = merged.replace_in(&self.frozen)?;
        Some(Self { active: Arc::clone(&self.active), frozen })
    }

    /// The newest change of a key: the run that has it, and where.
    pub(crate) fn find(&self, key: &Key) -> Option<(&Arc<Run>, usize)> {
        self.runs().find_map(|run| Some((run, run.find(key)?)))
    }

    /// The newest change of a key; `None` if the buffer has none.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<StoredValue<'_>> {
        self.find(key).map(|(run, index)| run.value(index))
    }

    /// All runs, newest first.
    pub(crate) fn runs(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.active.iter().chain(self.frozen.iter())
    }

    /// The frozen runs, newest first.
    pub(crate) fn frozen(&self) -> &Arc<[Arc<Run>]> {
        &self.frozen
    }
}

/// The tier of a run: one higher for eight times the bytes.
fn size_class(run: &Run) -> u32 {
    (run.memory_bytes() / 4096 + 1).ilog2() / 3
}

#[cfg(test)]
mod tests;
