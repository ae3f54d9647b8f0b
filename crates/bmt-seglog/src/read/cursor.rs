//! Walks the chain from part to part, over segments.

use super::part::{Found, Seal, belongs, read_part};
use super::window::Window;
use crate::chain::Link;
use crate::error::LogError;
use crate::format::BLOCK_BYTES;
use crate::format::part::{PART_HEADER_BYTES, PartHeader};
use crate::segment::{RecordStart, Segment};
use std::sync::Arc;

/// A place in the log, and what must come there.
#[derive(Debug)]
pub(crate) struct Cursor {
    segments: Vec<Arc<Segment>>,
    at: usize,
    offset_bytes: u64,
    link: Link,
    window: Window,
    seal: Seal,
}

/// What [`Cursor::step`] came upon.
#[derive(Debug)]
pub(crate) enum Step {
    /// The next part, past which the cursor has moved.
    Part {
        header: PartHeader,
        /// Where the part starts; `predecessor` is the chain value before it.
        start: RecordStart,
    },
    /// The chain does not go on, for this reason.
    Break(&'static str),
}

impl Cursor {
    /// A cursor at the start of the first of `segments`, which must not be empty.
    pub(crate) fn at_start(segments: Vec<Arc<Segment>>, seal: Seal) -> Self {
        let link = Link::at_segment(&segments[0].header);
        Self { segments, at: 0, offset_bytes: BLOCK_BYTES, link, window: Window::default(), seal }
    }

    /// A cursor at a record of the first of `segments`.
    pub(crate) fn at_record(segments: Vec<Arc<Segment>>, start: RecordStart, seal: Seal) -> Self {
        let link = Link::at_record(start.sequence, start.predecessor);
        let offset_bytes = start.offset_bytes;
        Self { segments, at: 0, offset_bytes, link, window: Window::default(), seal }
    }

    /// What must come next.
    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Index of the current segment, and the offset in it at which the next part is looked for.
    pub(crate) fn place(&self) -> (usize, u64) {
        (self.at, self.offset_bytes)
    }

    /// The segment of the part that was returned last, or of the place where none was found.
    pub(crate) fn segment(&self) -> &Arc<Segment> {
        &self.segments[self.at]
    }

    /// Moves past the next part.
    ///
    /// A part that is not in the current segment is looked for at the start of the next one, if
    /// that one's header goes on from here.
    pub(crate) fn step(&mut self) -> Result<Step, LogError> {
        let step = self.step_here()?;
        let next = self.segments.get(self.at + 1);
        if let Step::Part { .. } = step {
            return Ok(step);
        }
        if !next.is_some_and(|next| self.link.continues_in(&next.header)) {
            return Ok(step);
        }
        self.at += 1;
        self.offset_bytes = BLOCK_BYTES;
        self.step_here()
    }

    /// The payload of the part at `start`, which [`Cursor::step`] returned last.
    pub(crate) fn payload(
        &mut self,
        header: &PartHeader,
        start: RecordStart,
    ) -> Result<&[u8], LogError> {
        let segment = &self.segments[self.at];
        let from = start.offset_bytes + PART_HEADER_BYTES;
        let len_bytes = u64::from(header.part_bytes);
        let bytes = self.window.get(&*segment.file, segment.len_bytes(), from, len_bytes)?;
        Ok(bytes.unwrap_or_default())
    }

    fn step_here(&mut self) -> Result<Step, LogError> {
        let segment = &self.segments[self.at];
        let (end, offset_bytes) = (segment.len_bytes(), self.offset_bytes);
        if offset_bytes >= end {
            return Ok(Step::Break("the end of the segment"));
        }
        let found = read_part(&mut self.window, &*segment.file, end, offset_bytes, self.seal)?;
        let (header, chain) = match found {
            Found::Part { header, chain, .. } => (header, chain),
            Found::Torn => return Ok(Step::Break("a payload that does not check")),
            Found::Nothing(reason) => return Ok(Step::Break(reason)),
        };
        let start =
            RecordStart { sequence: header.sequence, offset_bytes, predecessor: self.link.chain };
        let belongs = belongs(&header, segment.header.ordinal, offset_bytes);
        if !belongs || !self.link.accept(&header, chain, !self.seal.faults.ignores_chain()) {
            return Ok(Step::Break("a record that does not continue the chain"));
        }
        self.offset_bytes += header.stored_bytes();
        Ok(Step::Part { header, start })
    }
}
