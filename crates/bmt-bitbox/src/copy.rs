//! Copying live pages from a source to the target, in order of their buckets.
//!
//! A copy is nothing until a batch makes it live, and the original goes in the same batch.

use crate::PageId;
use crate::core::Core;
use crate::error::TableError;
use crate::lookup::read_all;
use crate::page::{Place, Read};
use crate::probe::Fingerprint;
use crate::set::{Candidate, OpenTable, TableSet};
use crate::stats::add;
use crate::units::to_u64;
use bmt_io::PageBuffer;
use std::collections::{HashMap, HashSet};
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
    /// Every live page of the source below this bucket has been looked at.
    pub(crate) copied_below: u64,
    /// Damaged pages that can't be moved, since nobody can tell which pages they are.
    stuck: HashMap<Place, TableError>,
}

impl Pending {
    /// What is wrong with a page of this table that can't be moved; and how many such pages there are.
    pub(crate) fn stuck_in(&self, table: &OpenTable) -> (Option<&TableError>, u64) {
        let number = table.file.number;
        let is_live = |place: &Place| place.table == number && table.buckets.is_live(place.bucket);
        let errors = || self.stuck.iter().filter(|(place, _)| is_live(place)).map(|(_, it)| it);
        (errors().next(), to_u64(errors().count()))
    }

    /// Gives up all copies.
    pub(crate) fn take_moves(&mut self) -> Vec<Move> {
        self.copied_below = 0;
        core::mem::take(&mut self.moves)
    }
}

/// How far copying has got.
#[derive(Debug, Default)]
pub(crate) struct Copier {
    /// By the number of a source, its first bucket that was not looked at.
    cursors: HashMap<u64, u64>,
}

impl Copier {
    /// Begins again, for another target.
    pub(crate) fn restart(&mut self) {
        *self = Self::default();
    }
}

/// The next pages to copy.
struct Chunk {
    source: u64,
    /// With the meta byte of each.
    candidates: Vec<(Candidate, u8)>,
    end: u64,
}

/// A page that can be moved as it is.
struct Image {
    bytes: PageBuffer,
    from: Place,
    fingerprint: Fingerprint,
}

/// Copies enough pages for a batch of this many puts, and takes all copies that are there; and how far
/// they reach.
pub(crate) fn gather(core: &Core, put_count: usize) -> Result<(Vec<Move>, u64), TableError> {
    let source_count = core.set.read().sources().count();
    let wanted = match source_count {
        0 => return Ok((core.pending.lock().take_moves(), 0)),
        1 => core.options.copies_for(put_count),
        // A third table is one too many: the oldest one is emptied now (INV-BB-10).
        _ => {
            empty_a_source(core)?;
            usize::MAX
        }
    };
    loop {
        let missing = wanted.saturating_sub(core.pending.lock().moves.len());
        if missing == 0 || copy_chunk(core, missing.min(CHUNK_PAGES))?.is_none() {
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
            None => break,
            Some(count) => copied += count,
        }
    }
    Ok(copied)
}

/// Copies what a batch has to copy when there are two sources; an error if damage keeps both of them.
pub(crate) fn empty_a_source(core: &Core) -> Result<(), TableError> {
    while copy_chunk(core, CHUNK_PAGES)?.is_some() {}
    let pending = core.pending.lock();
    let set = core.set.read();
    let mut stuck = set.sources().map(|source| pending.stuck_in(source).0);
    match (stuck.next().flatten(), stuck.next().flatten()) {
        (Some(error), Some(_)) => Err(error.clone()),
        _ => Ok(()),
    }
}

/// Copies some pages; how many, and `None` when all are copied.
fn copy_chunk(core: &Core, count_max: usize) -> Result<Option<usize>, TableError> {
    let mut copier = core.copier.lock();
    core.check_poison()?;
    let Some(Chunk { source, candidates, end }) = next_chunk(core, &copier, count_max) else {
        return Ok(None);
    };
    let (candidates, meta_bytes): (Vec<_>, Vec<_>) = candidates.into_iter().unzip();
    let places: Vec<Place> = candidates.iter().map(Candidate::place).collect();
    let read = read_all(core, candidates)?;
    let (mut images, mut stuck) = (Vec::with_capacity(read.len()), Vec::new());
    for ((read, place), meta_byte) in read.into_iter().zip(places).zip(meta_bytes) {
        match movable(core, read, place, meta_byte) {
            Ok(image) => images.push(image),
            Err(error) => stuck.push((place, error)),
        }
    }
    let count = images.len();
    let moves = reserve(core, &images);
    if let Err(error) = write(core, images, &moves) {
        release(core, &moves);
        return Err(error);
    }
    add(&core.counters.copies, to_u64(count));
    let mut pending = core.pending.lock();
    pending.moves.extend(moves);
    pending.stuck.extend(stuck);
    pending.copied_below = end;
    copier.cursors.insert(source, end);
    Ok(Some(count))
}

/// The image in a bucket, to be moved bit for bit: also a damaged one, if its id is whole. That it is, its tag
/// and its path tell (INV-BB-12). Else the page stays where it is, so that those who look for it find the damage.
fn movable(core: &Core, read: Read, from: Place, meta_byte: u8) -> Result<Image, TableError> {
    let is_at_home = |id: &PageId| {
        let fingerprint = Fingerprint::of(core.salt, id);
        let is_right =
            fingerprint.meta_byte() == meta_byte && core.set.read().leads_to(fingerprint, from);
        is_right.then_some(fingerprint)
    };
    match read {
        Ok(page) => match is_at_home(page.id()) {
            Some(fingerprint) => Ok(Image { bytes: page.into_image(), from, fingerprint }),
            None => Err(page.misplaced()),
        },
        Err(broken) => match broken.id().and_then(|id| is_at_home(&id)) {
            Some(fingerprint) => {
                broken.into_image().map(|bytes| Image { bytes, from, fingerprint })
            }
            None => Err(broken.into()),
        },
    }
}

/// The next live buckets of the oldest source; if all that is left of it is stuck and a third table waits,
/// those of the newer one. `None` if there are none.
fn next_chunk(core: &Core, copier: &Copier, count_max: usize) -> Option<Chunk> {
    let pending = core.pending.lock();
    let set = core.set.read();
    for source in set.sources().rev() {
        let number = source.file.number;
        let cursor = copier.cursors.get(&number).copied().unwrap_or_default();
        let bucket_count = source.buckets.geometry().bucket_count();
        let from = u32::try_from(cursor).ok().filter(|_| cursor < bucket_count);
        let live = from.into_iter().flat_map(|from| source.buckets.live_from(from));
        let candidate = |bucket| {
            let candidate = Candidate { file: Arc::clone(&source.file), bucket };
            (candidate, source.buckets.byte(bucket))
        };
        let candidates: Vec<_> = live.take(count_max).map(candidate).collect();
        if let Some((last, _)) = candidates.last() {
            // A chunk that is not full is the last one.
            let is_full = candidates.len() == count_max;
            let end = if is_full { u64::from(last.bucket) + 1 } else { bucket_count };
            return Some(Chunk { source: number, candidates, end });
        }
        if pending.stuck_in(source).1 == 0 {
            return None;
        }
    }
    None
}

fn reserve(core: &Core, images: &[Image]) -> Vec<Move> {
    let mut set = core.set.write();
    let target = set.target_mut();
    let table = target.file.number;
    let mut moves = Vec::with_capacity(images.len());
    for Image { from, fingerprint, .. } in images {
        let Some(bucket) = target.buckets.reserve(*fingerprint, &HashSet::new()) else {
            unreachable!("INV-BB-08: the target has room for all live pages")
        };
        let to = Place { table, bucket };
        moves.push(Move { from: *from, to, meta_byte: fingerprint.meta_byte() });
    }
    moves
}

fn write(core: &Core, images: Vec<Image>, moves: &[Move]) -> Result<(), TableError> {
    let file = Arc::clone(&core.set.read().target().file);
    let failed = |error| core.write_failed(error);
    let mut writer = core.page_writer(&file.file).map_err(failed)?;
    for (image, copy) in images.into_iter().zip(moves) {
        let offset_bytes = file.geometry.bucket_offset(copy.to.bucket);
        writer.write(image.bytes, offset_bytes).map_err(failed)?;
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
