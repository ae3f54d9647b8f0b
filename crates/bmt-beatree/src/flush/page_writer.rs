//! Writing pages to free places: many in flight, neighbours in one piece.

use crate::error::TreeError;
use crate::page_file::{PageFile, QueueLease};
use crate::reclaim::Reclaim;
use crate::units::{PAGE_SIZE, len_u32, len_u64, offset_of, to_usize};
use bmt_io::{PageBuffer, Request};
use core::ops::Range;
use parking_lot::Mutex;
use std::sync::Arc;

/// Most pages that are taken from free space, and written, at a time.
const PIECE_PAGES: u32 = 64;
/// Bytes in flight before a write waits for others.
const IN_FLIGHT_BYTES: u64 = 8 << 20;

/// Least and most pages by which the file grows ahead of writes beyond its end. A write that makes a file
/// longer holds up those after it.
const GROWTH_PAGES: (u32, u32) = (PIECE_PAGES, 4096);

/// Pages in consecutive places that are being filled.
#[derive(Debug)]
struct Piece {
    pages: Range<u32>,
    used: usize,
    buffer: PageBuffer,
}

/// Takes free pages and writes them; knows what it took, so that all of it can be given back.
#[derive(Debug)]
pub(super) struct PageWriter<'a> {
    pages: &'a PageFile,
    reclaim: &'a Mutex<Reclaim>,
    queue: QueueLease<'a>,
    piece: Option<Piece>,
    in_flight_bytes: u64,
    /// Bytes written since the last sync.
    unsynced_bytes: u64,
    sync_bytes: u64,
    /// Length of the file.
    file_pages: u32,
    written_pages: u32,
    taken: Vec<Range<u32>>,
    /// A deliberate fault.
    pub(super) skips_sync: bool,
}

impl<'a> PageWriter<'a> {
    pub(super) fn new(
        pages: &'a PageFile,
        reclaim: &'a Mutex<Reclaim>,
        sync_bytes: u64,
    ) -> Result<Self, TreeError> {
        Ok(Self {
            pages,
            reclaim,
            queue: pages.queue()?,
            piece: None,
            in_flight_bytes: 0,
            unsynced_bytes: 0,
            sync_bytes,
            file_pages: pages.page_count()?,
            written_pages: 0,
            taken: Vec::new(),
            skips_sync: false,
        })
    }

    /// The next free page: its number, and its bytes to be filled before the next call.
    pub(super) fn page(&mut self) -> Result<(u32, &mut [u8]), TreeError> {
        if self.piece.as_ref().is_none_or(|piece| piece.used == piece.pages.len()) {
            self.close_piece()?;
            let pages = self.take(|reclaim| reclaim.space.take(PIECE_PAGES))?;
            let buffer = self.pages.buffer_for(pages.len())?;
            self.piece = Some(Piece { pages, used: 0, buffer });
        }
        let Some(piece) = &mut self.piece else { unreachable!("it was made above") };
        let at = piece.used * PAGE_SIZE;
        let page = piece.pages.start + len_u32(piece.used);
        piece.used += 1;
        Ok((page, &mut piece.buffer[at..at + PAGE_SIZE]))
    }

    /// Takes from `count_min` to `count_max` consecutive pages, to be filled by
    /// [`PageWriter::write_at`].
    pub(super) fn take_between(
        &mut self,
        count_min: u32,
        count_max: u32,
    ) -> Result<Range<u32>, TreeError> {
        self.take(|reclaim| reclaim.space.take_between(count_min, count_max))
    }

    fn take(
        &mut self,
        take: impl FnOnce(&mut Reclaim) -> Option<Range<u32>>,
    ) -> Result<Range<u32>, TreeError> {
        let mut reclaim = self.reclaim.lock();
        let end = reclaim.space.end();
        let Some(taken) = take(&mut reclaim) else {
            return Err(TreeError::FileFull { file: self.pages.name().into(), page_count: end });
        };
        self.taken.push(taken.clone());
        Ok(taken)
    }

    /// Writes `bytes`, and zeros to the end of the last page, from a page on.
    pub(super) fn write_at(&mut self, page: u32, bytes: &[u8]) -> Result<(), TreeError> {
        let mut buffer = self.pages.buffer_for(bytes.len().div_ceil(PAGE_SIZE))?;
        buffer[..bytes.len()].copy_from_slice(bytes);
        buffer[bytes.len()..].fill(0);
        self.push(page, buffer)
    }

    fn push(&mut self, page: u32, buffer: PageBuffer) -> Result<(), TreeError> {
        let bytes = len_u64(buffer.len());
        while self.in_flight_bytes > 0 && self.in_flight_bytes + bytes > IN_FLIGHT_BYTES {
            self.wait_one()?;
        }
        let page_count = len_u32(buffer.len() / PAGE_SIZE);
        self.grow_to(page + page_count)?;
        self.written_pages = self.written_pages.saturating_add(page_count);
        let (file, offset_bytes) = (Arc::clone(self.pages.file()), offset_of(page));
        self.queue.push(Request::Write { file, offset_bytes, buffer, tag: bytes });
        self.queue.submit()?;
        self.in_flight_bytes += bytes;
        self.unsynced_bytes += bytes;
        if self.unsynced_bytes >= self.sync_bytes {
            // Early, so that no later sync has much to do; nothing relies on it.
            self.unsynced_bytes = 0;
            self.pages.file().sync_data()?;
        }
        Ok(())
    }

    /// Makes the file at least so long, and longer the more was written already.
    fn grow_to(&mut self, end: u32) -> Result<(), TreeError> {
        if end > self.file_pages {
            let growth = self.written_pages.clamp(GROWTH_PAGES.0, GROWTH_PAGES.1);
            let file_pages = end.saturating_add(growth);
            self.pages.file().set_len(offset_of(file_pages))?;
            self.file_pages = file_pages;
        }
        Ok(())
    }

    /// Takes back what the file grew beyond its pages.
    pub(super) fn cut_to(&mut self, page_count: u32) -> Result<(), TreeError> {
        if self.file_pages > page_count {
            self.pages.file().set_len(offset_of(page_count))?;
            self.file_pages = page_count;
        }
        Ok(())
    }

    fn wait_one(&mut self) -> Result<(), TreeError> {
        match self.queue.wait() {
            Some(completion) => {
                self.in_flight_bytes -= completion.tag;
                Ok(completion.result?)
            }
            None => {
                self.in_flight_bytes = 0;
                Ok(())
            }
        }
    }

    /// Writes what was filled and gives back the pages that were not.
    pub(super) fn close_piece(&mut self) -> Result<(), TreeError> {
        let Some(Piece { pages, used, buffer }) = self.piece.take() else { return Ok(()) };
        if used == pages.len() {
            return self.push(pages.start, buffer);
        }
        let end = pages.start + len_u32(used);
        self.give_back(end..pages.end);
        match used {
            0 => Ok(()),
            _ => self.write_at(pages.start, &buffer[..used * PAGE_SIZE]),
        }
    }

    /// Gives back pages at the end of the piece that was taken last, or of an earlier one.
    fn give_back(&mut self, pages: Range<u32>) {
        let taken = self.taken.iter_mut().rev().find(|taken| taken.end == pages.end);
        let Some(taken) = taken else { unreachable!("the piece was taken by this writer") };
        taken.end = pages.start;
        let mut reclaim = self.reclaim.lock();
        pages.for_each(|page| reclaim.space.give(page));
    }

    /// Returns when nothing is on its way any more.
    pub(super) fn settle(&mut self) -> Result<(), TreeError> {
        self.close_piece()?;
        while self.in_flight_bytes > 0 {
            self.wait_one()?;
        }
        Ok(())
    }

    /// Returns when everything that was written is durable (INV-BT-03).
    pub(super) fn sync(&mut self) -> Result<(), TreeError> {
        self.settle()?;
        match self.skips_sync {
            true => Ok(()),
            false => Ok(self.pages.file().sync_data()?),
        }
    }

    /// The pages that were taken and not given back. No write is in flight any more.
    pub(super) fn into_taken(mut self) -> Vec<Range<u32>> {
        // Only after a failure is there anything left to wait for.
        while self.queue.wait().is_some() {}
        core::mem::take(&mut self.taken)
    }
}

/// Pages in all of these ranges.
pub(super) fn count_of(taken: &[Range<u32>]) -> usize {
    taken.iter().map(|range| to_usize(range.end - range.start)).sum()
}
