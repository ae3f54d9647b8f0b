//! Writes records once more that nobody is known to have synced.
//!
//! A sync that fails may leave bytes in the page cache that look clean and never reach the device.
//! After a restart of the process alone they would be read, found valid, "synced", and lost with the
//! power. Written again, they are dirty again; and since the bytes are the same, a crash in between
//! changes nothing.

use super::follow::Followed;
use super::survey::FoundCut;
use crate::error::LogError;
use crate::format::{BLOCK_BYTES, to_usize};
use crate::read::cursor::{Cursor, Step};
use crate::read::part::Seal;
use crate::segment::{Segment, position_of};
use bmt_io::{File, IoError};
use std::sync::Arc;

/// Bytes moved at a time.
const PIECE_BYTES: u64 = 1 << 20;

/// Rewrites the accepted records after `synced_through`, with the headers of segments that begin
/// with them.
pub(crate) fn rewrite_after(
    segments: &[Arc<Segment>],
    followed: &Followed,
    synced_through: u64,
    seal: Seal,
) -> Result<(), LogError> {
    let (first, last) = (synced_through.saturating_add(1), followed.last.sequence);
    if first > last {
        return Ok(());
    }
    let segments = &segments[position_of(segments.iter(), first)..];
    let mut cursor = match segments[0].nearest(first) {
        Some(start) => Cursor::at_record(segments.to_vec(), start, seal),
        None => Cursor::at_start(segments.to_vec(), seal),
    };
    // Parts that lie one behind the other are one write.
    let mut waiting: Option<Range> = None;
    while cursor.link().sequence <= last {
        let Step::Part { header, start } = cursor.step()? else { break };
        if header.sequence < first {
            continue;
        }
        let opens_segment = start.offset_bytes == BLOCK_BYTES;
        let from = if opens_segment { 0 } else { start.offset_bytes };
        let to = start.offset_bytes + header.stored_bytes();
        match &mut waiting {
            Some(range) if range.continues(cursor.segment(), from) => range.to = to,
            _ => {
                let segment = Arc::clone(cursor.segment());
                waiting.replace(Range { segment, from, to }).map_or(Ok(()), Range::rewrite)?;
            }
        }
    }
    Ok(waiting.map_or(Ok(()), Range::rewrite)?)
}

/// Bytes of a segment.
struct Range {
    segment: Arc<Segment>,
    from: u64,
    to: u64,
}

impl Range {
    fn continues(&self, segment: &Arc<Segment>, from: u64) -> bool {
        let is_next = Arc::ptr_eq(&self.segment, segment) && self.to == from;
        is_next && self.to - self.from < PIECE_BYTES
    }

    fn rewrite(self) -> Result<(), IoError> {
        rewrite(&*self.segment.file, self.from, self.to)
    }
}

/// Rewrites the header of a segment without a record, which no record's rewriting would cover.
pub(crate) fn rewrite_header(segment: &Segment) -> Result<(), IoError> {
    rewrite(&*segment.file, 0, BLOCK_BYTES)
}

/// Rewrites and syncs the record of a cut, without which what it explains would look like damage.
pub(crate) fn rewrite_cut(found: &FoundCut) -> Result<(), IoError> {
    rewrite(&*found.file, found.offset_bytes, found.offset_bytes + BLOCK_BYTES)?;
    found.file.sync_data()
}

fn rewrite(file: &dyn File, from: u64, to: u64) -> Result<(), IoError> {
    let mut buffer = Vec::new();
    let mut offset_bytes = from;
    while offset_bytes < to {
        let len_bytes = (to - offset_bytes).min(PIECE_BYTES);
        buffer.resize(to_usize(len_bytes), 0);
        file.read_exact_at(&mut buffer, offset_bytes)?;
        file.write_all_at(&buffer, offset_bytes)?;
        offset_bytes += len_bytes;
    }
    Ok(())
}
