//! Applying the commits of the log that are not in pages.

mod gathered;

use crate::engine::{Counters, Engine, PAGE_MEMORY_BYTES};
use crate::error::{CheckpointError, Corruption, OpenError, ReadError};
use crate::layout::LOG;
use crate::leaves::Leaves;
use crate::record::{self, BadRecord, Kind, Record};
use crate::stats::Recovery;
use crate::view::{Version, View};
use bmt_core::{Hash, Key, Scheme};
use bmt_merkle::{FrontierChange, decode_changes};
use bmt_seglog::{Position, occupied_bytes};
use gathered::Gathered;
use std::sync::Arc;
use std::time::Instant;

/// Places whose entries are compared with the trie after a replay.
const SAMPLE_COUNT: usize = 16;

/// Changes of the frontier that are carried out together: many for each page that they touch.
const FRONTIER_CHANGES_MAX: usize = 1 << 15;
/// As many of them at least, however little memory there is.
const FRONTIER_CHANGES_MIN: usize = 256;
/// Keys for each page of the trie, more or less.
const KEYS_PER_PAGE: u64 = 512;

/// Applies every commit after the manifest's. Each record's root is the next one's previous root, and that of the last
/// record of a group is computed from the changes of all of them.
///
/// Writes nothing, but for ordinary checkpoints when one is due; so it can be cut short anywhere and done again.
/// When the disk is full, it goes without as long as the buffer has room.
pub(super) fn run<S: Scheme>(engine: &Engine<S>, recovery: &mut Recovery) -> Result<(), OpenError> {
    let begun = Instant::now();
    let from = engine.current().sequence() + 1;
    if from < engine.log.next_sequence() {
        let mut replay = Replay::new(engine);
        let mut is_disk_full = false;
        for record in engine.log.iter_from(from).map_err(super::log_error)? {
            let record = record.map_err(super::log_error)?;
            let changes = replay.apply(record.position, &record.payload)?;
            recovery.replayed_steps += 1;
            recovery.replayed_changes += changes as u64;
            // Without pages to write to, the buffer takes it all.
            let is_due = engine.checkpoint_is_due() && !engine.options.read_only;
            let is_due = is_due && !(is_disk_full && engine.has_room(0));
            if is_due || replay.gathered.is_full() {
                replay.show()?;
            }
            if is_due {
                match engine.checkpoint() {
                    Err(CheckpointError::NoSpace { .. }) if engine.has_room(0) => {
                        is_disk_full = true;
                    }
                    made => made.map_err(checkpoint_error)?,
                }
                replay = Replay::new(engine);
            }
        }
        replay.show()?;
    }
    recovery.replay_time = begun.elapsed();
    sample(engine)
}

/// The state that the records so far give. Nobody reads before the end, so it is shown to the engine after many.
struct Replay<'a, S: Scheme> {
    engine: &'a Engine<S>,
    version: Version<S>,
    gathered: Gathered<S::Key>,
    /// The root that the last record names.
    root: Hash,
    /// Changes of the frontier that `version` does not have yet, in the order of their records.
    frontier: Vec<FrontierChange<S::Key>>,
}

impl<'a, S: Scheme> Replay<'a, S> {
    fn new(engine: &'a Engine<S>) -> Self {
        let current = engine.current();
        let Version { step, position, view } = &*current;
        let version = Version { step: *step, position: *position, view: view.clone() };
        let root = version.view.root();
        Self { engine, version, gathered: Gathered::new(), root, frontier: Vec::new() }
    }

    /// Applies one record; how many changes it has.
    fn apply(&mut self, position: Position, payload: &[u8]) -> Result<usize, OpenError> {
        let (engine, sequence) = (self.engine, position.sequence);
        let record = record::decode::<S>(payload).map_err(|bad| match bad {
            BadRecord::Version(found) => OpenError::UnsupportedVersion {
                file: LOG.to_owned(),
                found: u32::from(found),
                supported: u32::from(record::VERSION),
            },
            BadRecord::Malformed(rule) => {
                damage(sequence, &format!("it does not hold that {rule}"))
            }
        })?;
        let follows = sequence == self.version.position.sequence + 1;
        if !follows || record.previous_root != self.root {
            return Err(damage(sequence, "it does not follow the record before it"));
        }
        let frontier = decode_changes(record.frontier)
            .map_err(|error| damage(sequence, &error.to_string()))?;
        self.frontier.extend(frontier);
        self.root = record.root;
        let logged_bytes = occupied_bytes(payload.len() as u64);
        follow(engine, &record, sequence, logged_bytes)?;
        Counters::add(&engine.counters.logged_bytes, logged_bytes);
        self.version.view.key_count = record.key_count;
        self.version.position = position;
        self.gathered.add(&record.changes);
        let pages_max = engine.options.page_cache_bytes() as u64 / PAGE_MEMORY_BYTES / 2;
        if self.frontier.len() >= frontier_changes_max(record.key_count, pages_max) {
            self.build()?;
        }
        Ok(record.changes.len())
    }

    /// Builds the trie of the records so far, and compares its root with the last one's.
    fn build(&mut self) -> Result<(), OpenError> {
        let (engine, view) = (self.engine, &mut self.version.view);
        if !self.frontier.is_empty() {
            let id = engine.ids.take();
            let frontier = std::mem::take(&mut self.frontier);
            let step = engine.merkle.apply_frontiers(&view.trie, id, frontier, &*view.pin);
            let step = step.map_err(|error| read_error(error.into()))?;
            engine.count_dirty(step.new_pages.len(), &step.replaced_pages);
            engine.note_replaced(&mut engine.writer.lock(), &step.replaced_pages);
            view.trie = step.version;
            self.version.step = id;
        }
        // Also of records that change nothing: the next one stands on the root that they name.
        if view.trie.root() != self.root && !engine.options.faults().ignores_roots() {
            let sequence = self.version.position.sequence;
            return Err(damage(sequence, "the changes up to it do not give its root"));
        }
        Ok(())
    }

    /// Makes the state the engine's newest version.
    fn show(&mut self) -> Result<(), OpenError> {
        self.build()?;
        let engine = self.engine;
        let (step, position) = (self.version.step, self.version.position);
        let run = Arc::new(self.gathered.take_run::<S>()?);
        let pin = engine.pins.pin(position.sequence);
        engine.publish(|current| {
            let buffer = current.view.tree.buffer().with_run(Arc::clone(&run));
            let tree = current.view.tree.with_buffer(buffer);
            let (trie, key_count) = (self.version.view.trie.clone(), self.version.view.key_count);
            Version { step, position, view: View { tree, trie, pin, key_count } }
        });
        engine.merge_runs();
        Ok(())
    }
}

/// Changes of the frontier to carry out together in a state of so many keys. All pages that they touch are in memory
/// then, old and new: few in a small trie, as many as there are changes in a large one.
fn frontier_changes_max(key_count: u64, pages_max: u64) -> usize {
    match key_count / KEYS_PER_PAGE <= pages_max {
        true => FRONTIER_CHANGES_MAX,
        false => usize::try_from(pages_max)
            .unwrap_or(usize::MAX)
            .clamp(FRONTIER_CHANGES_MIN, FRONTIER_CHANGES_MAX),
    }
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

#[cfg(test)]
mod tests;
