//! Merging runs into one.

use super::cursor::Cursor;
use super::run::{Run, RunBuilder};
use std::sync::Arc;

/// Runs that lie side by side in a buffer and are to be one.
#[derive(Debug)]
pub struct MergeJob {
    /// Newest first.
    inputs: Vec<Arc<Run>>,
}

impl MergeJob {
    pub(super) fn new(inputs: Vec<Arc<Run>>) -> Self {
        Self { inputs }
    }

    /// Merges; the newest change of each key stays, deletions too. Time and memory as the sum of the
    /// runs.
    #[must_use]
    pub fn run(self) -> Merged {
        let output = Arc::new(merge(&self.inputs));
        Merged { inputs: self.inputs, output }
    }
}

/// A merged run, and what it was made of.
#[derive(Debug)]
pub struct Merged {
    inputs: Vec<Arc<Run>>,
    output: Arc<Run>,
}

impl Merged {
    /// `runs` with the merged one in place of its inputs, if they are there side by side.
    pub(super) fn replace_in(&self, runs: &[Arc<Run>]) -> Option<Arc<[Arc<Run>]>> {
        let first = self.inputs.first()?;
        let start = runs.iter().position(|run| Arc::ptr_eq(run, first))?;
        let end = start + self.inputs.len();
        let found = runs.get(start..end)?;
        let is_same = found.iter().zip(&self.inputs).all(|(a, b)| Arc::ptr_eq(a, b));
        let output = core::iter::once(Arc::clone(&self.output));
        let replaced =
            runs[..start].iter().cloned().chain(output).chain(runs[end..].iter().cloned());
        is_same.then(|| replaced.collect())
    }
}

/// One run of the newest changes of several.
fn merge(runs: &[Arc<Run>]) -> Run {
    let mut cursor = Cursor::new(runs.iter(), &[0; 32]);
    let mut builder = RunBuilder::with_room_of(runs);
    while let Some(entry) = cursor.advance() {
        builder.push_from(cursor.run(&entry), entry.index);
    }
    builder.finish()
}
