//! Applying the commits of the log that are not in pages.

use crate::engine::{Counters, Engine};
use crate::error::{CheckpointError, Corruption, OpenError, ReadError};
use crate::layout::LOG;
use crate::leaves::Leaves;
use crate::record::{self, BadRecord, Kind, Record};
use crate::stats::Recovery;
use crate::step::run_of;
use crate::view::{Version, View};
use bmt_core::{Key, Scheme};
use bmt_merkle::decode_changes;
use bmt_seglog::{Position, occupied_bytes};
use std::sync::Arc;

/// Places whose entries are compared with the trie after a replay.
const SAMPLE_COUNT: usize = 16;

/// Applies every commit after the manifest's, and compares each recorded root with the computed one.
///
/// Writes nothing, but for ordinary checkpoints when the buffer is full; so it can be cut short anywhere
/// and done again.
pub(super) fn run<S: Scheme>(engine: &Engine<S>, recovery: &mut Recovery) -> Result<(), OpenError> {
    let from = engine.current().sequence() + 1;
    if from < engine.log.next_sequence() {
        for record in engine.log.iter_from(from).map_err(super::log_error)? {
            let record = record.map_err(super::log_error)?;
            let changes = apply(engine, record.position, &record.payload)?;
            recovery.replayed_steps += 1;
            recovery.replayed_changes += changes as u64;
            engine.merge_runs();
            // Without pages to write to, the buffer takes it all.
            if engine.checkpoint_is_due() && !engine.options.read_only {
                engine.checkpoint().map_err(checkpoint_error)?;
            }
        }
    }
    sample(engine)
}

/// Applies one record; how many changes it has.
fn apply<S: Scheme>(
    engine: &Engine<S>,
    position: Position,
    payload: &[u8],
) -> Result<usize, OpenError> {
    let sequence = position.sequence;
    let record = record::decode::<S>(payload).map_err(|bad| match bad {
        BadRecord::Version(found) => OpenError::UnsupportedVersion {
            file: LOG.to_owned(),
            found: u32::from(found),
            supported: u32::from(record::VERSION),
        },
        BadRecord::Malformed(rule) => damage(sequence, &format!("it does not hold that {rule}")),
    })?;
    let current = engine.current();
    if sequence != current.sequence() + 1 || record.previous_root != current.view.root() {
        return Err(damage(sequence, "it does not follow the record before it"));
    }
    let frontier =
        decode_changes(record.frontier).map_err(|error| damage(sequence, &error.to_string()))?;
    let id = engine.ids.take();
    let view = &current.view;
    let step = engine.merkle.apply_frontier(&view.trie, id, &frontier, &*view.pin);
    let step = step.map_err(|error| read_error(error.into()))?;
    if step.version.root() != record.root && !engine.options.faults().ignores_roots() {
        return Err(damage(sequence, "its changes do not give its root"));
    }
    let logged_bytes = occupied_bytes(payload.len() as u64);
    follow(engine, &record, sequence, logged_bytes)?;
    let run = Arc::new(run_of::<S>(&record.changes).map_err(read_error)?);
    let key_count = record.key_count;
    let pin = engine.pins.pin(sequence);
    engine.publish(|current| {
        let buffer = current.view.tree.buffer().with_run(Arc::clone(&run));
        let tree = current.view.tree.with_buffer(buffer);
        let view = View { tree, trie: step.version.clone(), pin, key_count };
        Version { step: id, position, view }
    });
    engine.count_dirty(step.new_pages.len(), &step.replaced_pages);
    engine.note_replaced(&mut engine.writer.lock(), &step.replaced_pages);
    Counters::add(&engine.counters.logged_bytes, logged_bytes);
    Ok(record.changes.len())
}

/// Takes the record into the chain of undoable commits.
fn follow<S: Scheme>(
    engine: &Engine<S>,
    record: &Record<'_, S>,
    sequence: u64,
    bytes: u64,
) -> Result<(), OpenError> {
    let mut writer = engine.writer.lock();
    match record.kind {
        Kind::Commit { parent } if parent == writer.window.head() => {
            writer.window.push(sequence, bytes, Some(record.previous_root));
        }
        Kind::Rollback { restored } if restored < writer.window.head() => {
            writer.window.rewind(restored, bytes);
        }
        _ => return Err(damage(sequence, "it stands on another step than the newest")),
    }
    Ok(())
}

/// Recomputes a few bottom subtries from their entries: whether pages and trie are of one state.
fn sample<S: Scheme>(engine: &Engine<S>) -> Result<(), OpenError> {
    let current = engine.current();
    let view = &current.view;
    // Places all over the key space, the same for every state of this root.
    let keys = (0..SAMPLE_COUNT).filter_map(|index| {
        let mut bytes = view.root();
        bytes.rotate_left(index);
        S::Key::from_slice(bytes.get(..S::Key::LEN)?).ok()
    });
    let leaves: Leaves<'_, S::Key> = Leaves::new(&view.tree);
    let sampled = engine.merkle.view(&view.trie, &*view.pin, &leaves).prefetch(keys);
    sampled.map_err(|error| read_error(error.into()))
}

fn damage(sequence: u64, reason: &str) -> OpenError {
    Corruption::new(LOG, 0, format!("record {sequence}: {reason}")).into()
}

pub(super) fn read_error(error: ReadError) -> OpenError {
    match error {
        ReadError::Corruption(corruption) => corruption.into(),
        ReadError::Io(error) => super::io_error(error),
        other => OpenError::Threads { reason: other.to_string() },
    }
}

fn checkpoint_error(error: CheckpointError) -> OpenError {
    match error {
        CheckpointError::Read(error) => read_error(error),
        other => OpenError::Checkpoint(other),
    }
}
