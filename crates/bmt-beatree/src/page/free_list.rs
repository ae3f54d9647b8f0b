//! The free list: runs of free pages, over a chain of pages.
//!
//! # Format
//! `docs/format/beatree.md`, "Free list".

use super::{PageKind, PageRef, Seal};
use crate::error::Damage;
use crate::little_endian::{is_zero, put, u16_at, u32_at, u64_at};
use crate::page::leaf::encode::u16_of;
use crate::units::{PAGE_SIZE, len_u32};

/// Where the runs begin.
const RUNS_AT: usize = 40;
/// Most bytes of one run: two 32-bit numbers, 7 bits a byte.
const RUN_BYTES_MAX: usize = 10;

/// Consecutive free pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageRun {
    pub(crate) page: u32,
    pub(crate) page_count: u32,
}

/// What one page of the chain says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FreeListPage {
    pub(crate) next: Option<PageRef>,
    pub(crate) runs: Vec<PageRun>,
}

/// Fills a page of the chain with runs from the front of `runs`; how many it took.
pub(crate) fn fill(runs: &[PageRun], bytes: &mut [u8]) -> usize {
    let (mut at, mut count, mut before) = (RUNS_AT, 0, 0);
    for run in runs {
        if at + RUN_BYTES_MAX > PAGE_SIZE {
            break;
        }
        at = put_number(bytes, at, run.page - before);
        at = put_number(bytes, at, run.page_count);
        before = run.page + run.page_count;
        count += 1;
    }
    bytes[at..PAGE_SIZE].fill(0);
    put(bytes, 20, &len_u32(count).to_le_bytes());
    put(bytes, 32, &u16_of(at).to_le_bytes());
    put(bytes, 34, &[0; 6]);
    count
}

/// Finishes a page that was filled.
pub(crate) fn close(seal: Seal, page: u32, next: Option<PageRef>, bytes: &mut [u8]) -> PageRef {
    let next = next.unwrap_or(PageRef { page: 0, checksum: 0 });
    put(bytes, 16, &next.page.to_le_bytes());
    put(bytes, 24, &next.checksum.to_le_bytes());
    seal.close(PageKind::FreeList, page, bytes)
}

/// How many pages the chain of these runs has.
pub(crate) fn page_count(runs: &[PageRun]) -> usize {
    let (mut pages, mut at, mut before) = (0, PAGE_SIZE, 0);
    for run in runs {
        if at + RUN_BYTES_MAX > PAGE_SIZE {
            (pages, at, before) = (pages + 1, RUNS_AT, 0);
        }
        at += number_bytes(run.page - before) + number_bytes(run.page_count);
        before = run.page + run.page_count;
    }
    pages
}

fn put_number(bytes: &mut [u8], mut at: usize, mut number: u32) -> usize {
    while number >= 0x80 {
        bytes[at] = number.to_le_bytes()[0] | 0x80;
        number >>= 7;
        at += 1;
    }
    bytes[at] = number.to_le_bytes()[0];
    at + 1
}

fn number_bytes(number: u32) -> usize {
    (1..5).find(|bytes| number >> (7 * bytes) == 0).unwrap_or(5)
}

/// Reads a number; its value and where the next one begins. `None` if it is not in shortest form.
fn number_at(bytes: &[u8], mut at: usize) -> Option<(u32, usize)> {
    let mut number: u64 = 0;
    for shift in (0..35).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let is_shortest = byte != 0 || shift == 0;
            return u32::try_from(number).ok().filter(|_| is_shortest).map(|number| (number, at));
        }
    }
    None
}

/// Verifies and reads a page of the chain.
pub(crate) fn open(seal: Seal, place: PageRef, bytes: &[u8]) -> Result<FreeListPage, Damage> {
    seal.verify(PageKind::FreeList, place, bytes)?;
    parse(bytes).ok_or(Damage::Layout("runs of the free list"))
}

fn parse(bytes: &[u8]) -> Option<FreeListPage> {
    let (page, checksum) = (u32_at(bytes, 16)?, u64_at(bytes, 24)?);
    let next = (page > 0).then_some(PageRef { page, checksum });
    let (count, end) = (u32_at(bytes, 20)?, usize::from(u16_at(bytes, 32)?));
    let (mut at, mut before) = (RUNS_AT, 0_u32);
    let mut runs = Vec::new();
    for _ in 0..count {
        let (gap, after_gap) = number_at(bytes, at)?;
        let (page_count, after) = number_at(bytes, after_gap)?;
        let page = before.checked_add(gap).filter(|page| *page > 0)?;
        before = page.checked_add(page_count)?;
        // Runs that touch would be one run.
        if page_count == 0 || (gap == 0 && at > RUNS_AT) || after > end {
            return None;
        }
        runs.push(PageRun { page, page_count });
        at = after;
    }
    let is_clean = at == end && is_zero(bytes.get(end..)?) && is_zero(bytes.get(34..RUNS_AT)?);
    let no_checksum = next.is_some() || checksum == 0;
    (is_clean && no_checksum && bytes.len() == PAGE_SIZE).then_some(FreeListPage { next, runs })
}

#[cfg(test)]
mod tests;
