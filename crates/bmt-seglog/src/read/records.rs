//! Reading records in order: [`Records`].

use super::cursor::{Cursor, Step};
use crate::core::Core;
use crate::error::{Evidence, LogError};
use crate::format::part::{PartHeader, RecordKind};
use crate::options::Position;
use crate::pin::Pin;
use crate::segment::RecordStart;
use std::sync::Arc;

/// A record that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Record {
    /// The record's sequence number and chain value.
    pub position: Position,
    /// What was appended.
    pub payload: Vec<u8>,
}

impl Record {
    /// The record's sequence number.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.position.sequence
    }
}

/// The records of a log from some sequence to what was its end when this was made, in order.
///
/// Every record is checked (chain, checksums) as it is read. The segments are pinned: nothing that
/// is still to be read is pruned. After an error, and at the end, it yields `None` for ever.
#[derive(Debug)]
pub struct Records {
    core: Arc<Core>,
    cursor: Cursor,
    /// The first record that the caller wants.
    from: u64,
    /// One more than the last record to yield.
    next_sequence: u64,
    /// How often the log had been cut when this was made.
    cut_count: u64,
    is_over: bool,
    _pin: Pin,
}

impl Records {
    pub(crate) fn new(core: &Arc<Core>, from: u64) -> Result<Self, LogError> {
        // The pin comes before the list of segments, so that none of them can go in between.
        let pin = Pin::new(core, from);
        let live = core.live.read();
        let (first, next_sequence) = (live.first_sequence(), live.next_sequence);
        if from < first || from > next_sequence {
            let (sequence, next) = (from, next_sequence);
            return Err(LogError::NotInLog { sequence, first, next });
        }
        let segments = live.segments_from(from);
        let cut_count = live.cut_count;
        drop(live);
        let cursor = match segments[0].nearest(from) {
            Some(start) => Cursor::at_record(segments, start, core.seal()),
            None => Cursor::at_start(segments, core.seal()),
        };
        let core = Arc::clone(core);
        Ok(Self { core, cursor, from, next_sequence, cut_count, is_over: false, _pin: pin })
    }

    fn read_next(&mut self) -> Result<Option<Record>, LogError> {
        let mut payload = Vec::new();
        while self.cursor.link().sequence < self.next_sequence {
            let (header, start) = match self.cursor.step()? {
                Step::Part { header, start } => (header, start),
                Step::Break(reason) => return Err(self.broken(reason)),
            };
            if header.sequence < self.from {
                continue;
            }
            self.collect(&mut payload, &header, start)?;
            if !header.is_last {
                continue;
            }
            if header.kind == RecordKind::Cut {
                return Err(self.broken("the record of a cut"));
            }
            let position = Position { sequence: header.sequence, chain: self.cursor.link().chain };
            return Ok(Some(Record { position, payload }));
        }
        Ok(None)
    }

    fn collect(
        &mut self,
        payload: &mut Vec<u8>,
        header: &PartHeader,
        start: RecordStart,
    ) -> Result<(), LogError> {
        payload.extend_from_slice(self.cursor.payload(header, start)?);
        Ok(())
    }

    fn broken(&self, reason: &'static str) -> LogError {
        let sequence = self.cursor.link().sequence;
        if self.core.live.read().cut_count != self.cut_count {
            return LogError::CutAway { sequence };
        }
        LogError::Corruption {
            file: self.cursor.segment().file.name().to_owned(),
            offset_bytes: self.cursor.place().1,
            expected: sequence,
            reason,
            evidence: Evidence::Accepted,
        }
    }
}

impl Iterator for Records {
    type Item = Result<Record, LogError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.read_next().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}

impl core::iter::FusedIterator for Records {}
