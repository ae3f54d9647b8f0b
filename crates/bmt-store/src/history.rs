//! Undoing commits, and states of the past: what commits replaced, read from the log.

use crate::engine::Engine;
use crate::error::{Corruption, ReadAtError, ReadError};
use crate::layout::LOG;
use crate::read_session::ReadSession;
use crate::record::{self, BadRecord, Kind};
use crate::step::{self, Undo};
use bmt_core::{Hash, Scheme};
use bmt_rollback::{PlanError, RecordSource, UndoStep, plan_to};
use std::cell::RefCell;
use std::sync::Arc;

/// The records of a database's log, and the roots before those that were read.
pub(crate) struct Records<'a, S: Scheme> {
    engine: &'a Engine<S>,
    previous_roots: RefCell<Vec<(u64, Hash)>>,
}

impl<'a, S: Scheme> Records<'a, S> {
    pub(crate) fn new(engine: &'a Engine<S>) -> Self {
        Self { engine, previous_roots: RefCell::default() }
    }
}

impl<S: Scheme> RecordSource<S::Key> for Records<'_, S> {
    type Error = ReadError;

    fn undo_step(&self, sequence: u64) -> Result<UndoStep<S::Key>, ReadError> {
        let damaged = |reason: String| ReadError::from(Corruption::new(LOG, 0, reason));
        let payload = match self.engine.log.iter_from(sequence)?.next() {
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
        let mut step = UndoStep::new(parent, record.previous_root);
        let replaced = record.changes.iter().zip(&record.undo);
        step.replaced = replaced.map(|((key, _), prior)| (*key, prior.map(Arc::from))).collect();
        self.previous_roots.borrow_mut().push((sequence, record.previous_root));
        Ok(step)
    }
}

/// A session that reads the newest state with this root.
pub(crate) fn read_at<S: Scheme>(
    engine: &Arc<Engine<S>>,
    root: &Hash,
) -> Result<ReadSession<S>, ReadAtError> {
    loop {
        let newest = engine.current();
        match read_back(engine, root) {
            // The version that it went back from was given up meanwhile.
            Err(ReadAtError::Read(ReadError::SnapshotExpired))
                if !Arc::ptr_eq(&newest, &engine.current()) => {}
            result => return result,
        }
    }
}

fn read_back<S: Scheme>(
    engine: &Arc<Engine<S>>,
    root: &Hash,
) -> Result<ReadSession<S>, ReadAtError> {
    // Both of one moment. The pin keeps the records from being pruned while they are read.
    let (version, window, _pin) = {
        let writer = engine.writer.lock();
        let oldest = writer.window.oldest().unwrap_or(u64::MAX);
        (engine.current(), writer.window.clone(), engine.log.pin(oldest))
    };
    if version.view.root() == *root {
        return Ok(ReadSession::of_version(engine, &version));
    }
    let bytes_max = engine.options.history_bytes_max;
    let records = Records::new(engine);
    let plan = plan_to(&window, &records, version.view.root(), root, bytes_max);
    {
        // A root that is asked for again is then found, or not, without reading.
        let mut writer = engine.writer.lock();
        for (sequence, previous_root) in records.previous_roots.into_inner() {
            writer.window.learn(sequence, previous_root);
        }
    }
    let plan = plan.map_err(|error| match error {
        PlanError::UnknownRoot { held } => ReadAtError::UnknownRoot { held },
        PlanError::TooLarge { bytes, bytes_max } => {
            ReadAtError::HistoryTooLarge { bytes, bytes_max }
        }
        PlanError::Source(error) => ReadAtError::Read(error),
        other => ReadAtError::Read(unexpected(&other)),
    })?;
    let changes = step::of_map::<S>(&plan.changes);
    let base = version.base();
    let step = step::compute(&engine.merkle, &engine.ids, &base, &changes, Undo::None)?;
    if step.root() != *root {
        return Err(wrong_undo().into());
    }
    Ok(ReadSession::of(engine, version.view.with_step(&step)))
}

/// The log says what commits replaced, and that does not give the root before them.
pub(crate) fn wrong_undo() -> ReadError {
    Corruption::new(LOG, 0, "what commits replaced does not give the root before them").into()
}

/// An error that these calls do not make.
pub(crate) fn unexpected(error: &dyn std::error::Error) -> ReadError {
    Corruption::new(LOG, 0, error.to_string()).into()
}
