//! Copying live pages from a source to the target, in order of their buckets.
//!
//! A copy is nothing until a batch makes it live, and the original goes in the same batch.

use crate::core::Core;
use crate::error::TableError;
use crate::lookup::read_all;
use crate::page::{Page, Place};
use crate::probe::Fingerprint;
use crate::set::{Candidate, TableSet};
use crate::stats::add;
use crate::units::to_u64;
use std::collections::HashSet;
use std::sync::Arc;

/// Pages that are copied at a time.
const CHUNK_PAGES: usize = 64;

/// A page that was copied and is live only in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) from: Place,
    pub(crate) to: Place,
    pub(crate) meta_byte: u8,
}

/// Copies that no batch has made live yet.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    pub(crate) moves: Vec<Move>,
    /// Every live page of the source below this bucket has been copied.
    pub(crate) copied_below: u64,
}

/// How far copying has got.
#[derive(Debug, Default)]
pub(crate) struct Copier {
    /// The source's number.
    source: u64,
    /// Its first bucket that was not looked at.
    cursor: u64,
}

impl Copier {
    /// Begins again, for another target.
    pub(crate) fn restart(&mut self) {
        *self = Self::default();
    }
}

/// The next pages to copy.
struct Chunk {
    candidates: Vec<Candidate>,
    end: u64,
}

/// Copies enough pages for a batch of this many puts, and takes all copies that are there; and how far
/// they reach.
pub(crate) fn gather(core: &Core, put_count: usize) -> Result<(Vec<Move>, u64), TableError> {
    let source_count = core.set.read().sources().count();
    let wanted = match source_count {
        0 => return Ok((core::mem::take(&mut core.pending.lock().moves), 0)),
        1 => core.options.copies_for(put_count),
        // A third table is one too many: the oldest one is emptied now (INV-BB-10).
        _ => usize::MAX,
    };
    loop {
        let missing = wanted.saturating_sub(core.pending.lock().moves.len());
        if missing == 0 || copy_chunk(core, missing.min(CHUNK_PAGES))? == 0 {
            break;
        }
    }
    let mut pending = core.pending.lock();
    Ok((core::mem::take(&mut pending.moves), pending.copied_below))
}

/// Copies the next pages, at most `count_max`, unless as many as that are waiting for a batch already;
/// how many.
pub(crate) fn copy_ahead(core: &Core, count_max: usize) -> Result<usize, TableError> {
    let mut copied = 0;
    while core.pending.lock().moves.len() < count_max {
        match copy_chunk(core, CHUNK_PAGES.min(count_max))? {
            0 => break,
            count => copied += count,
        }
    }
    Ok(copied)
}

/// Copies some pages; how many. Zero when all are copied.
fn copy_chunk(core: &Core, count_max: usize) -> Result<usize, TableError> {
    let mut copier = core.copier.lock();
    core.check_poison()?;
    let Some(Chunk { candidates, end }) = next_chunk(core, &mut copier, count_max) else {
        return Ok(0);
    };
    let pages = read_all(core, candidates)?;
    let count = pages.len();
    let moves = reserve(core, &pages);
    if let Err(error) = write(core, pages, &moves) {
        release(core, &moves);
        return Err(error);
    }
    add(&core.counters.copies, to_u64(count));
    let mut pending = core.pending.lock();
    pending.moves.extend(moves);
    pending.copied_below = end;
    copier.cursor = end;
    Ok(count)
}

/// The next live buckets of the oldest source; `None` if there are none.
fn next_chunk(core: &Core, copier: &mut Copier, count_max: usize) -> Option<Chunk> {
    let set = core.set.read();
    let source = set.sources().next_back()?;
    if copier.source != source.file.number {
        *copier = Copier { source: source.file.number, cursor: 0 };
    }
    let from = u32::try_from(copier.cursor).ok()?;
    let bucket_count = source.buckets.geometry().bucket_count();
    if copier.cursor >= bucket_count {
        return None;
    }
    let candidate = |bucket| Candidate { file: Arc::clone(&source.file), bucket };
    let candidates: Vec<_> =
        source.buckets.live_from(from).take(count_max).map(candidate).collect();
    let last = candidates.last()?;
    let end = u64::from(last.bucket) + 1;
    Some(Chunk { candidates, end })
}

fn reserve(core: &Core, pages: &[Page]) -> Vec<Move> {
    let mut set = core.set.write();
    let target = set.target_mut();
    let table = target.file.number;
    let mut moves = Vec::with_capacity(pages.len());
    for page in pages {
        let fingerprint = Fingerprint::of(core.salt, page.id());
        let Some(bucket) = target.buckets.reserve(fingerprint, &HashSet::new()) else {
            unreachable!("INV-BB-08: the target has room for all live pages")
        };
        let to = Place { table, bucket };
        moves.push(Move { from: page.place(), to, meta_byte: fingerprint.meta_byte() });
    }
    moves
}

fn write(core: &Core, pages: Vec<Page>, moves: &[Move]) -> Result<(), TableError> {
    let file = Arc::clone(&core.set.read().target().file);
    let failed = |error| core.write_failed(error);
    let mut writer = core.page_writer(&file.file).map_err(failed)?;
    for (page, copy) in pages.into_iter().zip(moves) {
        let offset_bytes = file.geometry.bucket_offset(copy.to.bucket);
        writer.write(page.into_image(), offset_bytes).map_err(failed)?;
    }
    writer.drain().map_err(failed)
}

/// Gives up copies.
pub(crate) fn release(core: &Core, moves: &[Move]) {
    release_in(&mut core.set.write(), moves);
}

/// Gives up copies, under the lock.
pub(crate) fn release_in(set: &mut TableSet, moves: &[Move]) {
    for copy in moves {
        if let Some(table) = set.get_mut(copy.to.table) {
            table.buckets.release(copy.to.bucket);
        }
    }
}
