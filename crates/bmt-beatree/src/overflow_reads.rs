//! Reading values from overflow pages: head pages of many values at once, then all their extents.

use crate::error::{Damage, TreeError};
use crate::page::leaf::OverflowRef;
use crate::page::overflow::{Extent, OverflowHead, open_head};
use crate::tree_file::TreeFile;
use crate::units::{PAGE_SIZE, len_u32, len_u64, to_usize};
use bmt_io::{Completion, PageBuffer};

/// Pages of an extent that are read at a time.
const PIECE_PAGES: usize = 64;
/// Bytes of extents that are on their way at once.
const IN_FLIGHT_BYTES: usize = 8 << 20;

/// A value whose head page was read.
#[derive(Debug)]
struct Begun {
    /// Which one of those that were asked for.
    index: usize,
    bytes: Vec<u8>,
    /// Bytes of it that the head page had.
    here: usize,
    extents: Vec<Extent>,
}

/// Some pages of an extent.
#[derive(Debug, Clone, Copy)]
struct Piece {
    page: u32,
    /// Which value, and where in it.
    value: usize,
    at: usize,
    len: usize,
}

impl TreeFile {
    /// A value in overflow pages: one read for its head page, and the extents.
    pub(crate) fn overflow_value(&self, value: &OverflowRef) -> Result<Vec<u8>, TreeError> {
        let mut found = Vec::new();
        self.overflow_values(core::slice::from_ref(value), |_, bytes| found = bytes)?;
        Ok(found)
    }

    /// Hands over values with their indexes in `values`: two batches of reads, for head pages and for
    /// extents.
    pub(crate) fn overflow_values(
        &self,
        values: &[OverflowRef],
        mut each: impl FnMut(usize, Vec<u8>),
    ) -> Result<(), TreeError> {
        if values.is_empty() {
            return Ok(());
        }
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_unstable_by_key(|index| values[*index].head.page);
        let pages: Vec<u32> = order.iter().map(|index| values[*index].head.page).collect();
        self.counters.overflow_reads.add(values.len());
        let mut begun = Vec::with_capacity(values.len());
        self.pages.read_many(&pages, |at, page| {
            begun.push(self.begin(order[at], &values[order[at]], page.as_ref())?);
            Ok(())
        })?;
        self.read_extents(&mut begun)?;
        for Begun { index, bytes, here, extents } in begun {
            self.check_extents(&extents, &bytes[here..])?;
            each(index, bytes);
        }
        Ok(())
    }

    fn begin(&self, index: usize, value: &OverflowRef, page: &[u8]) -> Result<Begun, TreeError> {
        let OverflowHead { extents, value_range } = self.open_head(value, page)?;
        let mut bytes = vec![0; to_usize(value.len_bytes)];
        let here = value_range.len();
        bytes[..here].copy_from_slice(&page[value_range]);
        Ok(Begun { index, bytes, here, extents })
    }

    fn open_head(&self, value: &OverflowRef, page: &[u8]) -> Result<OverflowHead, TreeError> {
        let head = open_head(self.pages.seal, value.head, value.len_bytes, page);
        head.map_err(self.pages.damaged(value.head.page))
    }

    /// Fills in what the extents have; their checksums are not compared yet.
    fn read_extents(&self, begun: &mut [Begun]) -> Result<(), TreeError> {
        let pieces: Vec<Piece> = begun.iter().enumerate().flat_map(pieces_of).collect();
        if let [Piece { page, value, at, len }] = pieces[..] {
            return self.pages.read_bytes(page, &mut begun[value].bytes[at..at + len]);
        }
        if pieces.is_empty() {
            return Ok(());
        }
        let mut queue = self.pages.queue()?;
        let (mut next, mut in_flight_bytes, mut result) = (0, 0, Ok(()));
        loop {
            while result.is_ok()
                && let Some(Piece { page, len, .. }) = pieces.get(next)
                && queue.in_flight() < self.pages.queue_depth
                && in_flight_bytes < IN_FLIGHT_BYTES
            {
                let last = page + len_u32((len - 1) / PAGE_SIZE);
                match self.pages.read_request(&[*page, last], len_u64(next)) {
                    Ok(request) => queue.push(request),
                    Err(error) => result = Err(error),
                }
                in_flight_bytes += len;
                next += 1;
            }
            // After a failure, what is on its way still has to come back.
            let Some(Completion { tag, buffer, result: read }) = queue.wait() else { break };
            let piece = pieces[usize::try_from(tag).unwrap_or(usize::MAX)];
            in_flight_bytes -= piece.len;
            match read {
                Ok(()) => {
                    let to = &mut begun[piece.value].bytes[piece.at..piece.at + piece.len];
                    to.copy_from_slice(&buffer[..piece.len]);
                }
                Err(error) => result = result.and(Err(self.pages.read_error(piece.page, error))),
            }
        }
        result
    }

    /// Compares the checksum of each extent with that in the head page; `rest` is what follows there.
    fn check_extents(&self, extents: &[Extent], mut rest: &[u8]) -> Result<(), TreeError> {
        for extent in extents {
            let (part, after) = rest.split_at(extent.bytes().min(rest.len()));
            let found = self.pages.seal.extent(extent.page, part);
            if found != extent.checksum {
                let damage = Damage::Checksum { expected: extent.checksum, found };
                return Err(self.pages.damaged(extent.page)(damage));
            }
            rest = after;
        }
        Ok(())
    }

    /// Hands over the extents of values, read in one batch, in any order.
    pub(crate) fn overflow_extents(
        &self,
        values: &mut [OverflowRef],
        mut each: impl FnMut(&Extent),
    ) -> Result<(), TreeError> {
        values.sort_unstable_by_key(|value| value.head.page);
        let pages: Vec<u32> = values.iter().map(|value| value.head.page).collect();
        self.counters.overflow_reads.add(pages.len());
        self.pages.read_many(&pages, |at, page| {
            let head = self.open_head(&values[at], page.as_ref())?;
            head.extents.iter().for_each(&mut each);
            Ok(())
        })
    }

    /// The head page of an overflow value.
    pub(crate) fn overflow_head(
        &self,
        value: &OverflowRef,
    ) -> Result<(OverflowHead, PageBuffer), TreeError> {
        let page = self.pages.read(value.head.page)?;
        self.counters.overflow_reads.add(1);
        Ok((self.open_head(value, &page)?, page))
    }
}

/// The parts of a value's extents, each read as one.
fn pieces_of((value, begun): (usize, &Begun)) -> Vec<Piece> {
    let (mut pieces, mut at) = (Vec::new(), begun.here);
    for extent in &begun.extents {
        for page in extent.pages().step_by(PIECE_PAGES) {
            let left = to_usize(extent.pages().end - page).min(PIECE_PAGES) * PAGE_SIZE;
            let len = left.min(begun.bytes.len() - at);
            pieces.push(Piece { page, value, at, len });
            at += len;
        }
    }
    pieces
}
