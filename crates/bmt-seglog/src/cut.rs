//! Cutting the end of the log off, on purpose.

use crate::commit::sync_all;
use crate::core::Core;
use crate::erase::erase;
use crate::error::{Evidence, LogError};
use crate::format::BLOCK_BYTES;
use crate::format::cut::Cut;
use crate::format::part::RecordKind;
use crate::options::Position;
use crate::prune;
use crate::read::cursor::{Cursor, Step};
use crate::recovery::survey::{DirtyRange, FoundCut};
use crate::segment::Segment;
use crate::spare;
use crate::stats::add;
use crate::writer::Writer;
use bmt_io::IoError;
use std::sync::Arc;

/// Where record `keep_through` ends.
struct Keep {
    segment: Arc<Segment>,
    offset_bytes: u64,
    last: Position,
}

/// Drops all records after `keep_through`.
///
/// First the record of the cut is made durable: from then on the cut holds, and a crash only
/// leaves work for recovery. Then everything past it is zeroed and synced, then that record.
pub(crate) fn truncate_back(core: &Core, keep_through: u64) -> Result<(), LogError> {
    let mut writer = core.writer.lock();
    core.check_poison()?;
    let (first, next) = {
        let live = core.live.read();
        (live.first_sequence(), live.next_sequence)
    };
    if keep_through.saturating_add(1) >= next {
        return Ok(());
    }
    if keep_through + 1 < first {
        return Err(LogError::NotInLog { sequence: keep_through, first, next });
    }
    sync_all(core)?;
    let keep = locate(core, keep_through)?;
    let found = announce(core, &mut writer, keep.last)?;
    let ranges = past(core, &keep, writer.offset_bytes);
    let released = publish(core, &mut writer, &keep);
    let sync_count = core.or_poison(erase(&ranges, found.as_ref()))?;
    add(&core.counters.preparation_syncs, sync_count);
    for segment in &released {
        core.or_poison(release(core, segment))?;
    }
    Ok(())
}

/// Finds the end of a record by walking the chain from the nearest known place.
fn locate(core: &Core, keep_through: u64) -> Result<Keep, LogError> {
    let segments = core.live.read().segments_from(keep_through);
    let mut cursor = match segments[0].nearest(keep_through) {
        Some(start) => Cursor::at_record(segments, start, core.seal()),
        None => Cursor::at_start(segments, core.seal()),
    };
    while cursor.link().sequence <= keep_through || cursor.link().is_inside_record() {
        if let Step::Break(reason) = cursor.step()? {
            return Err(LogError::Corruption {
                file: cursor.segment().file.name().to_owned(),
                offset_bytes: cursor.place().1,
                expected: cursor.link().sequence,
                reason,
                evidence: Evidence::Accepted,
            });
        }
    }
    Ok(Keep {
        segment: Arc::clone(cursor.segment()),
        offset_bytes: cursor.place().1,
        last: Position { sequence: keep_through, chain: cursor.link().chain },
    })
}

/// Makes the record of the cut durable, and says where it lies.
fn announce(
    core: &Core,
    writer: &mut Writer,
    last: Position,
) -> Result<Option<FoundCut>, LogError> {
    if core.faults().skips_cut_record() {
        return Ok(None);
    }
    let cut = Cut { keep_through: last.sequence, chain: last.chain };
    let appended = writer.append(core, RecordKind::Cut, &[&cut.encode()])?;
    sync_all(core)?;
    Ok(Some(FoundCut {
        cut,
        file: Arc::clone(&appended.segment.file),
        offset_bytes: appended.end_bytes - BLOCK_BYTES,
    }))
}

/// Everything that was written past the end of the newest record that stays.
fn past(core: &Core, keep: &Keep, active_end: u64) -> Vec<DirtyRange> {
    let live = core.live.read();
    let after = live
        .segments
        .iter()
        .filter(|segment| segment.header.ordinal >= keep.segment.header.ordinal);
    let active = live.segments.back().map(|segment| segment.header.ordinal);
    let ranges = after.map(|segment| {
        let is_end = segment.header.ordinal == keep.segment.header.ordinal;
        let is_active = Some(segment.header.ordinal) == active;
        DirtyRange {
            file: Arc::clone(&segment.file),
            from: if is_end { keep.offset_bytes } else { 0 },
            to: if is_active { active_end } else { segment.len_bytes() },
        }
    });
    ranges.filter(|range| range.from < range.to).collect()
}

/// Shows the cut to readers and writers, and returns the segments that are no longer live.
fn publish(core: &Core, writer: &mut Writer, keep: &Keep) -> Vec<Arc<Segment>> {
    keep.segment.forget_after(keep.last.sequence);
    let mut live = core.live.write();
    let stays = live
        .segments
        .partition_point(|segment| segment.header.ordinal <= keep.segment.header.ordinal);
    let released = live.segments.split_off(stays);
    live.next_sequence = keep.last.sequence + 1;
    live.cut_count += 1;
    drop(live);
    writer.active = Arc::clone(&keep.segment);
    writer.offset_bytes = keep.offset_bytes;
    writer.last = keep.last;
    core.sync.lock().restart_at(keep.last.sequence);
    released.into()
}

/// A released segment is zeroed and synced already, so it is as good as a spare.
fn release(core: &Core, segment: &Segment) -> Result<(), IoError> {
    if !spare::is_wanted(core, segment.len_bytes()) || core.faults().skips_tail_zeroing() {
        return prune::remove(core, segment.file.name());
    }
    core.spares.lock().ready.push(Arc::clone(&segment.file));
    add(&core.counters.recycled, 1);
    Ok(())
}
