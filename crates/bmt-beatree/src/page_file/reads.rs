//! Many reads under way at once: begun, and finished later, so that other work goes on in between.

use super::{PageBytes, PageFile, QUEUE_DEPTH, QueueLease};
use crate::error::TreeError;
use crate::units::{PAGE_SIZE, len_u64, offset_of, to_usize};
use bmt_io::{Completion, PageBuffer, Request};
use core::ops::Range;
use std::sync::Arc;

/// Pages of the file in one piece at most.
const PIECE_PAGES_MAX: u32 = 64;
/// Pages between two that are wanted, which are read along rather than started anew for.
const GAP_PAGES_MAX: u32 = 2;

/// What becomes of pages that were read in one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pieces {
    /// Each page gets memory of its own, for those that are kept.
    Cut,
    /// They share their piece's memory, for those that are not.
    Shared,
}

/// Reads of pages with a deep queue. Pages that lie close together in the file, in the order in which
/// they are asked for, come in one piece.
#[derive(Debug)]
pub(crate) struct Reads<'a> {
    file: &'a PageFile,
    queue: QueueLease<'a>,
    pages: Vec<u32>,
    pieces: Vec<Range<usize>>,
    /// The first page that was not asked for yet.
    next: usize,
    kind: Pieces,
    result: Result<(), TreeError>,
}

impl<'a> Reads<'a> {
    /// Starts as many reads as the queue is deep.
    pub(super) fn begin(
        file: &'a PageFile,
        pages: Vec<u32>,
        kind: Pieces,
    ) -> Result<Self, TreeError> {
        let queue = file.queue()?;
        let mut reads =
            Self { file, queue, pages, pieces: Vec::new(), next: 0, kind, result: Ok(()) };
        reads.push();
        if let Err(error) = reads.queue.submit() {
            reads.result = Err(error.into());
        }
        Ok(reads)
    }

    fn push(&mut self) {
        while self.result.is_ok()
            && self.queue.in_flight() < QUEUE_DEPTH
            && self.next < self.pages.len()
        {
            let piece = self.next..piece_end(&self.pages, self.next);
            self.next = piece.end;
            match self.request(&piece) {
                Ok(request) => self.queue.push(request),
                Err(error) => self.result = Err(error),
            }
            self.pieces.push(piece);
        }
    }

    fn request(&self, piece: &Range<usize>) -> Result<Request, TreeError> {
        let (first, last) = (self.pages[piece.start], self.pages[piece.end - 1]);
        let buffer = self.file.pool.take(to_usize(last - first) + 1)?;
        let (file, offset_bytes) = (Arc::clone(&self.file.file), offset_of(first));
        Ok(Request::Read { file, offset_bytes, buffer, tag: len_u64(self.pieces.len()) })
    }

    /// Hands over each page with its index, in any order, when it has come.
    pub(crate) fn finish(
        mut self,
        mut each: impl FnMut(usize, PageBytes) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        loop {
            self.push();
            // After a failure, what is on its way still has to come back.
            let Some(Completion { tag, buffer, result: read }) = self.queue.wait() else { break };
            let piece = self.pieces[usize::try_from(tag).unwrap_or(usize::MAX)].clone();
            let handled = match read {
                Ok(()) => self.hand_over(piece, buffer, &mut each),
                Err(error) => Err(self.file.read_error(self.pages[piece.end - 1], error)),
            };
            if self.result.is_ok() {
                self.result = handled;
            }
        }
        self.result
    }

    fn hand_over(
        &self,
        piece: Range<usize>,
        buffer: PageBuffer,
        each: &mut impl FnMut(usize, PageBytes) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        if piece.len() == 1 {
            return each(piece.start, PageBytes::Whole(buffer));
        }
        let (first, shared) = (self.pages[piece.start], Arc::new(buffer));
        for index in piece {
            let at = to_usize(self.pages[index] - first) * PAGE_SIZE;
            let page = match self.kind {
                Pieces::Shared => PageBytes::Part(Arc::clone(&shared), at),
                Pieces::Cut => {
                    let mut page = self.file.pool.take(1)?;
                    page.copy_from_slice(&shared[at..at + PAGE_SIZE]);
                    PageBytes::Whole(page)
                }
            };
            each(index, page)?;
        }
        Ok(())
    }
}

/// The end of the piece that begins with `pages[start]`: of pages that ascend with small gaps.
fn piece_end(pages: &[u32], start: usize) -> usize {
    let limit = pages[start].saturating_add(PIECE_PAGES_MAX);
    let is_near = |pair: &[u32]| {
        pair[1] > pair[0] && pair[1] - pair[0] <= GAP_PAGES_MAX + 1 && pair[1] < limit
    };
    start + 1 + pages[start..].windows(2).take_while(|pair| is_near(pair)).count()
}
