//! The chain: which part may follow which.

use crate::format::part::PartHeader;
use crate::format::segment::SegmentHeader;

/// What the next part must be for the log to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Link {
    /// Sequence of the next part's record.
    pub(crate) sequence: u64,
    /// Its index in the record: 0 unless the record began already.
    pub(crate) part_index: u32,
    /// Chain value of the part before.
    pub(crate) chain: u64,
    /// Payload bytes of the record so far.
    received_bytes: u64,
    /// Payload bytes of the whole record, as its first seen part says.
    record_bytes: Option<u64>,
    /// Whether the record's earlier parts were not seen, so `received_bytes` is not all.
    began_before: bool,
}

impl Link {
    /// The link before the first part of a segment.
    pub(crate) fn at_segment(header: &SegmentHeader) -> Self {
        Self {
            sequence: header.first_sequence,
            part_index: header.first_part,
            chain: header.predecessor,
            received_bytes: 0,
            record_bytes: None,
            began_before: header.first_part > 0,
        }
    }

    /// The link before the first part of record `sequence`.
    pub(crate) fn at_record(sequence: u64, chain: u64) -> Self {
        Self {
            sequence,
            part_index: 0,
            chain,
            received_bytes: 0,
            record_bytes: None,
            began_before: false,
        }
    }

    /// Whether a record is incomplete here.
    pub(crate) fn is_inside_record(&self) -> bool {
        self.part_index > 0
    }

    /// Whether a record is incomplete whose first part lies before the place where reading began.
    pub(crate) fn began_before(&self) -> bool {
        self.began_before
    }

    /// Whether a segment with this header goes on here.
    pub(crate) fn continues_in(&self, header: &SegmentHeader) -> bool {
        header.first_sequence == self.sequence
            && header.first_part == self.part_index
            && header.predecessor == self.chain
    }

    /// Moves past a part, if it is the one that must come; tells whether it is.
    pub(crate) fn accept(&mut self, part: &PartHeader, chain: u64, check_chain: bool) -> bool {
        let follows = part.sequence == self.sequence
            && part.part_index == self.part_index
            && (part.predecessor == self.chain || !check_chain)
            && self.record_bytes.is_none_or(|record_bytes| record_bytes == part.record_bytes);
        if !follows {
            return false;
        }
        let Some(received) = self.received_bytes.checked_add(u64::from(part.part_bytes)) else {
            return false;
        };
        let fits = if part.is_last && !self.began_before {
            received == part.record_bytes
        } else {
            received <= part.record_bytes
        };
        if !fits {
            return false;
        }
        if part.is_last {
            let Some(next) = self.sequence.checked_add(1) else { return false };
            *self = Self::at_record(next, chain);
        } else {
            let Some(next) = self.part_index.checked_add(1) else { return false };
            self.part_index = next;
            self.chain = chain;
            self.received_bytes = received;
            self.record_bytes = Some(part.record_bytes);
        }
        true
    }
}

#[cfg(test)]
mod tests;
