//! What an open database tells about itself, with the feature `tracing`; without it, nothing.
//!
//! docs/metrics.md lists the events.

use crate::engine::Engine;
use crate::error::CheckpointError;
use crate::stats::Recovery;
use bmt_core::{Hash, Scheme};

/// An event: its level, its name, fields, and a text.
#[cfg(feature = "tracing")]
macro_rules! event {
    ($level:ident, $name:literal, $($field:ident = $value:expr,)* $text:literal) => {
        tracing::event!(name: $name, tracing::Level::$level, $($field = $value,)* $text)
    };
}

#[cfg(not(feature = "tracing"))]
macro_rules! event {
    ($level:ident, $name:literal, $($field:ident = $value:expr,)* $text:literal) => {
        if false {
            $(drop_field($value);)*
        }
    };
}

/// A field of an event that nobody asked for.
#[cfg(not(feature = "tracing"))]
fn drop_field<T>(_: T) {}

pub(crate) fn opened<S: Scheme>(engine: &Engine<S>, recovery: &Recovery) {
    let current = engine.current();
    event!(
        INFO,
        "bmt_opened",
        sequence = current.sequence(),
        key_count = current.view.key_count,
        replayed_steps = recovery.replayed_steps,
        torn_tail_bytes = recovery.torn_tail_bytes,
        "database opened"
    );
    if let Some(reason) = recovery.damaged_manifest_slot.as_deref() {
        event!(WARN, "bmt_manifest_slot_replaced", reason = reason, "manifest slot replaced");
    }
}

pub(crate) fn committed(sequence: u64, root: &Hash, log_bytes: u64) {
    event!(
        TRACE,
        "bmt_committed",
        sequence = sequence,
        root = root.as_slice(),
        log_bytes = log_bytes,
        "commit made"
    );
}

pub(crate) fn stalled(change_bytes: usize, has_room: bool) {
    event!(
        DEBUG,
        "bmt_stalled",
        change_bytes = change_bytes,
        has_room = has_room,
        "commit waited for a checkpoint"
    );
}

pub(crate) fn checkpointed(sequence: u64, slice_count: u64, error: Option<&CheckpointError>) {
    match error.map(ToString::to_string) {
        None => event!(
            INFO,
            "bmt_checkpointed",
            sequence = sequence,
            slice_count = slice_count,
            "checkpoint complete"
        ),
        Some(reason) => event!(
            WARN,
            "bmt_checkpoint_failed",
            sequence = sequence,
            slice_count = slice_count,
            reason = reason.as_str(),
            "checkpoint failed"
        ),
    }
}

pub(crate) fn expired(version_count: u64) {
    if version_count > 0 {
        event!(
            WARN,
            "bmt_versions_expired",
            version_count = version_count,
            "readers held too much"
        );
    }
}

pub(crate) fn poisoned(reason: &str) {
    event!(ERROR, "bmt_handle_poisoned", reason = reason, "no more writes after a failure");
}
