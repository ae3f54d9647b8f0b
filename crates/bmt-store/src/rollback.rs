//! What undoing commits changes, read from the log.

use crate::engine::{Engine, Writer};
use crate::error::{Corruption, ReadError, RollbackError};
use crate::layout::LOG;
use crate::pending::Changes;
use crate::record::{self, BadRecord, Kind};
use bmt_core::{Hash, Scheme};
use std::sync::Arc;

/// A rollback to be made.
pub(crate) struct Plan<S: Scheme> {
    pub(crate) changes: Changes<S>,
    /// The root that it restores.
    pub(crate) root: Hash,
    /// The step whose state that is.
    pub(crate) restored: u64,
    /// The step that it was planned on.
    head: u64,
}

impl<S: Scheme> Plan<S> {
    /// Whether nothing was committed since.
    pub(crate) fn is_current(&self, writer: &Writer<S>) -> bool {
        writer.window.head() == self.head
    }
}

/// What undoing the newest `count` commits changes, `count` being one or more.
pub(crate) fn plan<S: Scheme>(
    engine: &Engine<S>,
    writer: &Writer<S>,
    count: usize,
) -> Result<Plan<S>, RollbackError> {
    let held = writer.window.len();
    if count > held {
        return Err(RollbackError::HistoryTooShort { asked: count, held });
    }
    let head = writer.window.head();
    let mut plan = Plan { changes: Changes::<S>::new(), root: [0; 32], restored: 0, head };
    for sequence in writer.window.newest_first().take(count) {
        add(engine, sequence, &mut plan)?;
    }
    Ok(plan)
}

/// Adds what the commit `sequence` replaced: an older value than what is there already.
fn add<S: Scheme>(engine: &Engine<S>, sequence: u64, plan: &mut Plan<S>) -> Result<(), ReadError> {
    let damaged = |reason: String| ReadError::from(Corruption::new(LOG, 0, reason));
    let mut records = engine.log.iter_from(sequence)?;
    let payload = match records.next() {
        Some(record) => record?.payload,
        None => return Err(damaged(format!("record {sequence} is missing"))),
    };
    let record = record::decode::<S>(&payload).map_err(|bad| match bad {
        BadRecord::Version(found) => damaged(format!("record {sequence} has version {found}")),
        BadRecord::Malformed(rule) => {
            damaged(format!("record {sequence}: it does not hold that {rule}"))
        }
    })?;
    let Kind::Commit { parent } = record.kind else {
        return Err(damaged(format!("record {sequence} is no commit")));
    };
    for ((key, _), prior) in record.changes.iter().zip(&record.undo) {
        plan.changes.insert(*key, prior.map(Arc::from));
    }
    plan.root = record.previous_root;
    plan.restored = parent;
    Ok(())
}
