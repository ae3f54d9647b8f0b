//! Reading pages: one at a time, or many with a deep queue.

use crate::PageId;
use crate::core::Core;
use crate::error::TableError;
use crate::file;
use crate::page::Page;
use crate::probe::Fingerprint;
use crate::queues::Lease;
use crate::set::Candidate;
use crate::stats::add;
use bmt_io::{Completion, IoError, Request};
use std::collections::HashMap;
use std::sync::Arc;

/// The page that batch `view` sees under an id. The batch is pinned, or the writer's lock is held.
pub(crate) fn find_one(core: &Core, id: &PageId, view: u64) -> Result<Option<Page>, TableError> {
    let fingerprint = Fingerprint::of(core.salt, id);
    let Some(first) = first(core, fingerprint, view) else { return Ok(None) };
    let tried = first.place();
    let page = read_page(core, first)?;
    add(&core.counters.page_reads, 1);
    if page.id() == id {
        return Ok(Some(page));
    }
    for candidate in others(core, fingerprint, view) {
        if candidate.place() == tried {
            continue;
        }
        let page = read_page(core, candidate)?;
        add(&core.counters.page_reads, 1);
        if page.id() == id {
            return Ok(Some(page));
        }
    }
    Ok(None)
}

/// Finds the pages that batch `view` sees under many ids, and hands them over with their index, in any
/// order. Pages that are not there are left out.
pub(crate) fn find_each(
    core: &Core,
    ids: &[PageId],
    view: u64,
    mut found: impl FnMut(usize, Page),
) -> Result<(), TableError> {
    let mut reads = Reads::new(core)?;
    let mut others_of: HashMap<usize, Vec<Candidate>> = HashMap::new();
    // Reads that another thread left no buffer for; they come first.
    let mut waiting: Vec<(usize, Candidate)> = Vec::new();
    let mut next = 0;
    loop {
        while let Some((at, candidate)) = waiting.pop() {
            if !reads.has_room() || !reads.start(at, candidate.clone())? {
                waiting.push((at, candidate));
                break;
            }
        }
        while waiting.is_empty() && next < ids.len() && reads.has_room() {
            if let Some(candidate) = first(core, Fingerprint::of(core.salt, &ids[next]), view)
                && !reads.start(next, candidate)?
            {
                break;
            }
            next += 1;
        }
        let Some((at, page)) = reads.wait()? else {
            if next == ids.len() && waiting.is_empty() {
                return Ok(());
            }
            continue;
        };
        add(&core.counters.page_reads, 1);
        if *page.id() == ids[at] {
            others_of.remove(&at);
            found(at, page);
            continue;
        }
        let tried = page.place();
        drop(page);
        let left = others_of.entry(at).or_insert_with(|| {
            let mut all = others(core, Fingerprint::of(core.salt, &ids[at]), view);
            all.retain(|candidate| candidate.place() != tried);
            all.reverse();
            all
        });
        waiting.extend(left.pop().map(|candidate| (at, candidate)));
    }
}

/// Reads and checks the pages in some buckets, in their order.
pub(crate) fn read_all(core: &Core, candidates: Vec<Candidate>) -> Result<Vec<Page>, TableError> {
    let mut reads = Reads::new(core)?;
    let mut pages: Vec<Option<Page>> = candidates.iter().map(|_| None).collect();
    for (at, candidate) in candidates.into_iter().enumerate() {
        while !reads.has_room() || !reads.start(at, candidate.clone())? {
            if let Some((at, page)) = reads.wait()? {
                pages[at] = Some(page);
            }
        }
    }
    while let Some((at, page)) = reads.wait()? {
        pages[at] = Some(page);
    }
    Ok(pages.into_iter().flatten().collect())
}

/// The first bucket that may hold a page; counted.
fn first(core: &Core, fingerprint: Fingerprint, view: u64) -> Option<Candidate> {
    let (candidate, probe_count) = core.set.read().first(fingerprint, view);
    add(&core.counters.lookups, 1);
    add(&core.counters.probes, u64::from(probe_count));
    candidate
}

/// Every bucket that may hold a page, after the first one turned out to hold another.
///
/// All of them in one look, so that a page that a batch takes from one table to the other in the
/// meantime is not missed in both.
fn others(core: &Core, fingerprint: Fingerprint, view: u64) -> Vec<Candidate> {
    add(&core.counters.false_matches, 1);
    core.set.read().all(fingerprint, view)
}

/// Reads the page in a bucket and checks it.
pub(crate) fn read_page(core: &Core, candidate: Candidate) -> Result<Page, TableError> {
    let mut buffer = core.options.pool.take(1)?;
    file::read(&*candidate.file.file, &mut buffer, candidate.offset_bytes())?;
    Page::new(buffer, candidate, core.faults().ignores_checksums())
}

/// Reads in flight, each with the bucket that it reads.
struct Reads<'a> {
    core: &'a Core,
    lease: Lease<'a>,
    reading: HashMap<u64, (usize, Candidate)>,
    next_tag: u64,
}

impl<'a> Reads<'a> {
    fn new(core: &'a Core) -> Result<Self, TableError> {
        Ok(Self { core, lease: core.queues.take()?, reading: HashMap::new(), next_tag: 0 })
    }

    fn has_room(&self) -> bool {
        self.reading.len() < self.lease.depth()
    }

    /// Begins a read; false if there is no buffer until another one ends.
    fn start(&mut self, at: usize, candidate: Candidate) -> Result<bool, TableError> {
        let buffer = match self.core.options.pool.take(1) {
            Err(IoError::PoolExhausted { .. }) if !self.reading.is_empty() => return Ok(false),
            taken => taken?,
        };
        let (tag, offset_bytes) = (self.next_tag, candidate.offset_bytes());
        self.next_tag += 1;
        let file = Arc::clone(&candidate.file.file);
        self.reading.insert(tag, (at, candidate));
        self.lease.queue().push(Request::Read { file, offset_bytes, buffer, tag });
        Ok(true)
    }

    /// Waits for one read; `None` if there is none.
    fn wait(&mut self) -> Result<Option<(usize, Page)>, TableError> {
        if self.reading.is_empty() {
            return Ok(None);
        }
        let Some(Completion { tag, buffer, result }) = self.lease.queue().wait() else {
            unreachable!("reads in flight complete")
        };
        let Some((at, candidate)) = self.reading.remove(&tag) else {
            unreachable!("a completion has the tag of a read")
        };
        if let Err(IoError::UnexpectedEnd { .. }) = result {
            let offset_bytes = candidate.offset_bytes();
            let name = candidate.file.name();
            return Err(TableError::corrupt(name, offset_bytes, "the file ends here"));
        }
        result?;
        Page::new(buffer, candidate, self.core.faults().ignores_checksums())
            .map(|page| Some((at, page)))
    }
}
