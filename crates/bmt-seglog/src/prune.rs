//! Pruning: segments whose records are all too old leave the log at the front.

use crate::core::Core;
use crate::error::LogError;
use crate::format::BLOCK_BYTES;
use crate::segment::Segment;
use crate::spare;
use crate::stats::add;
use bmt_io::IoError;
use std::sync::Arc;

/// Drops the segments that hold nothing from record `keep_from` on, nothing that is pinned and
/// nothing that is not durable. The last segment always stays.
///
/// Segments leave one by one, the oldest first, each durably before the next, so that what is left
/// after a crash has no gaps (INV-LG-08).
pub(crate) fn prune_front(core: &Core, keep_from: u64) -> Result<(), LogError> {
    let _pruning = core.pruning.lock();
    core.check_poison()?;
    let dropped = {
        let _writer = core.writer.lock();
        unlink(core, keep_from)
    };
    let _preparing = core.preparation.lock();
    let stranded = core::mem::take(&mut core.spares.lock().stranded);
    for file in &stranded {
        core.or_poison(remove(core, file.name()))?;
    }
    for segment in &dropped {
        core.or_poison(retire(core, segment))?;
    }
    Ok(())
}

/// Takes segments from the list of live ones.
fn unlink(core: &Core, keep_from: u64) -> Vec<Arc<Segment>> {
    let mut live = core.live.write();
    let synced_through = core.sync.lock().synced_through;
    let pinned_from = core.pins.lock().keys().next().copied().unwrap_or(u64::MAX);
    let keep_from = keep_from.min(pinned_from).min(synced_through.saturating_add(1));
    // The next segment takes over as the oldest one, so its header must be durable.
    let is_dropped = |at: usize| {
        live.segments.get(at + 1).is_some_and(|next| {
            next.first_whole_sequence() <= keep_from && next.header.first_sequence <= synced_through
        })
    };
    let count = (0..live.segments.len()).take_while(|at| is_dropped(*at)).count();
    live.segments.drain(..count).collect()
}

/// Makes a segment that left the list a file that is not live, and then perhaps no file.
///
/// Its header goes first even if the file is removed: after a failed sync of the directory the name
/// may come back.
fn retire(core: &Core, segment: &Segment) -> Result<(), IoError> {
    segment.file.zero_fill(0, BLOCK_BYTES)?;
    core.sync_aside(&*segment.file)?;
    if !spare::is_wanted(core, segment.len_bytes()) {
        return remove(core, segment.file.name());
    }
    core.spares.lock().used.push(Arc::clone(&segment.file));
    Ok(())
}

/// Removes a file durably.
pub(crate) fn remove(core: &Core, name: &str) -> Result<(), IoError> {
    core.directory.remove(name)?;
    core.sync_directory()?;
    add(&core.counters.removed, 1);
    Ok(())
}
