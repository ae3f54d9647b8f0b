//! Appending: lays a record out over segments and writes it. Nothing here is durable yet.

mod layout;

use crate::core::Core;
use crate::error::LogError;
use crate::format::part::{PART_HEADER_LEN, PartHeader, RecordKind};
use crate::format::segment::SegmentHeader;
use crate::format::{BLOCK_BYTES, BLOCK_LEN, to_usize};
use crate::options::Position;
use crate::segment::{RecordStart, Segment, block_of};
use crate::spare;
use crate::stats::add;
use bmt_io::{IoError, checksum};
use layout::lay_out;
use std::sync::Arc;

/// A buffer that grew larger than this for one record is given back.
const BUFFER_BYTES_KEPT: usize = 16 << 20;

/// The end of the log.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) active: Arc<Segment>,
    /// Where in the active segment the next part goes.
    pub(crate) offset_bytes: u64,
    /// The newest record.
    pub(crate) last: Position,
    buffer: Vec<u8>,
}

/// What came of an append.
#[derive(Debug)]
pub(crate) struct Appended {
    pub(crate) position: Position,
    /// Where the record's only or last part lies, and where it ends.
    pub(crate) segment: Arc<Segment>,
    pub(crate) end_bytes: u64,
    /// Whether the next spare is to be prepared now.
    pub(crate) wants_spare: bool,
}

/// A record on its way: what its parts have in common.
struct Draft<'a> {
    kind: RecordKind,
    sequence: u64,
    synced_through: u64,
    record_bytes: u64,
    payload: Slices<'a>,
    /// Parts written so far.
    part_count: u32,
    chain: u64,
    touched: Vec<Arc<Segment>>,
}

impl Writer {
    pub(crate) fn new(active: Arc<Segment>, offset_bytes: u64, last: Position) -> Self {
        Self { active, offset_bytes, last, buffer: Vec::new() }
    }

    /// Appends one record whose payload is the concatenation of `payload`.
    ///
    /// The caller checked the length, and holds the writer's lock.
    pub(crate) fn append(
        &mut self,
        core: &Core,
        kind: RecordKind,
        payload: &[&[u8]],
    ) -> Result<Appended, LogError> {
        core.check_poison()?;
        let was_due = self.spare_is_due();
        let record_bytes = total_bytes(payload);
        let free_bytes = self.active.len_bytes() - self.offset_bytes;
        let layout = lay_out(free_bytes, record_bytes, core.options.segment_bytes);
        // Every segment is ready before the first byte is written (INV-LG-09).
        spare::ensure(core, layout.in_new.len())?;

        let sequence = self.last.sequence + 1;
        let synced_through = core.sync.lock().synced_through;
        let mut draft = Draft {
            kind,
            sequence,
            synced_through,
            record_bytes,
            payload: Slices { slices: payload, offset: 0 },
            part_count: 0,
            chain: self.last.chain,
            touched: Vec::new(),
        };
        let written = self.write_parts(core, &mut draft, layout.in_active, &layout.in_new);
        core.or_poison(written).map_err(|source| LogError::OutcomeUnknown { sequence, source })?;

        self.last = Position { sequence, chain: draft.chain };
        self.publish(core, &draft, layout.in_new.len());
        if self.buffer.capacity() > BUFFER_BYTES_KEPT {
            self.buffer = Vec::new();
        }
        Ok(Appended {
            position: self.last,
            segment: Arc::clone(&self.active),
            end_bytes: self.offset_bytes,
            wants_spare: !layout.in_new.is_empty() || (!was_due && self.spare_is_due()),
        })
    }

    /// Whether a spare should be there: from the half of a log's first segment on, so that a small log stays small.
    pub(crate) fn spare_is_due(&self) -> bool {
        self.active.header.ordinal > 0 || self.offset_bytes > self.active.len_bytes() / 2
    }

    fn write_parts(
        &mut self,
        core: &Core,
        draft: &mut Draft<'_>,
        in_active: Option<u64>,
        in_new: &[u64],
    ) -> Result<(), IoError> {
        if let Some(part_bytes) = in_active {
            self.buffer.clear();
            self.write_part(core, draft, part_bytes)?;
        }
        for part_bytes in in_new {
            self.take_segment(core, draft);
            self.write_part(core, draft, *part_bytes)?;
        }
        Ok(())
    }

    /// Makes a spare the active segment. Its header goes to the buffer, to be written with the
    /// first part.
    fn take_segment(&mut self, core: &Core, draft: &Draft<'_>) {
        let header = SegmentHeader {
            ordinal: self.active.header.ordinal + 1,
            segment_bytes: core.options.segment_bytes,
            first_sequence: draft.sequence,
            first_part: draft.part_count,
            predecessor: draft.chain,
            synced_through: draft.synced_through,
        };
        self.buffer.clear();
        self.buffer.extend_from_slice(&header.encode(core.options.salt, core.options.seed()));
        let file = spare::take(core);
        self.active = Arc::new(Segment::new(file, header));
        self.offset_bytes = BLOCK_BYTES;
    }

    /// Writes one part at the end of the active segment, after what the buffer holds already.
    fn write_part(
        &mut self,
        core: &Core,
        draft: &mut Draft<'_>,
        part_bytes: u64,
    ) -> Result<(), IoError> {
        let (prefix_len, seed) = (self.buffer.len(), core.options.seed());
        let payload_at = prefix_len + PART_HEADER_LEN;
        self.buffer.resize(payload_at, 0);
        draft.payload.take(to_usize(part_bytes), &mut self.buffer);
        let Ok(length) = u32::try_from(part_bytes) else {
            unreachable!("a part is within a segment, found {part_bytes} bytes")
        };
        let header = PartHeader {
            kind: draft.kind,
            sequence: draft.sequence,
            synced_through: draft.synced_through,
            predecessor: draft.chain,
            ordinal: self.active.header.ordinal,
            block: block_of(self.offset_bytes),
            record_bytes: draft.record_bytes,
            part_index: draft.part_count,
            part_bytes: length,
            is_last: draft.payload.is_empty(),
            payload_checksum: checksum(seed, &self.buffer[payload_at..]),
        };
        let (bytes, chain) = header.encode(seed);
        self.buffer[prefix_len..payload_at].copy_from_slice(&bytes);
        let padded_len = self.buffer.len().next_multiple_of(BLOCK_LEN);
        self.buffer.resize(padded_len, 0);
        let prefix_bytes = if prefix_len == 0 { 0 } else { BLOCK_BYTES };
        self.active.file.write_all_at(&self.buffer, self.offset_bytes - prefix_bytes)?;

        let stored_bytes = header.stored_bytes();
        add(&core.counters.written_bytes, prefix_bytes + stored_bytes);
        if header.is_first() {
            self.active.note(RecordStart {
                sequence: draft.sequence,
                offset_bytes: self.offset_bytes,
                predecessor: draft.chain,
            });
        }
        draft.touched.push(Arc::clone(&self.active));
        draft.part_count += 1;
        draft.chain = chain;
        self.offset_bytes += stored_bytes;
        Ok(())
    }

    /// Shows the record to the next sync, and to readers unless it is the record of a cut.
    fn publish(&self, core: &Core, draft: &Draft<'_>, new_count: usize) {
        let new = &draft.touched[draft.touched.len() - new_count..];
        let mut live = core.live.write();
        live.segments.extend(new.iter().cloned());
        let is_data = draft.kind == RecordKind::Data;
        live.next_sequence = draft.sequence + u64::from(is_data);
        drop(live);
        core.sync.lock().note_appended(draft.sequence, &draft.touched);
        add(&core.counters.rolls, u64::try_from(new_count).unwrap_or(u64::MAX));
        if is_data {
            add(&core.counters.appends, 1);
            add(&core.counters.append_bytes, draft.record_bytes);
        }
    }
}

/// The bytes of several slices, one after the other.
struct Slices<'a> {
    slices: &'a [&'a [u8]],
    /// Bytes of the first slice that were taken.
    offset: usize,
}

impl Slices<'_> {
    /// Moves the next `count` bytes to the end of `buffer`.
    fn take(&mut self, mut count: usize, buffer: &mut Vec<u8>) {
        buffer.reserve(count);
        while count > 0 {
            let Some((first, others)) = self.slices.split_first() else {
                unreachable!("a layout has as many bytes as its record")
            };
            let rest = &first[self.offset..];
            let taken = rest.len().min(count);
            buffer.extend_from_slice(&rest[..taken]);
            count -= taken;
            self.offset += taken;
            if self.offset == first.len() {
                self.slices = others;
                self.offset = 0;
            }
        }
    }

    /// Whether nothing is left.
    fn is_empty(&self) -> bool {
        self.slices.iter().map(|slice| slice.len()).sum::<usize>() == self.offset
    }
}

/// Bytes of all slices together.
pub(crate) fn total_bytes(payload: &[&[u8]]) -> u64 {
    payload.iter().map(|slice| u64::try_from(slice.len()).unwrap_or(u64::MAX)).sum()
}
