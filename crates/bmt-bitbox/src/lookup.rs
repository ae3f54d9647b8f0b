//! Reading pages: one at a time, or many with a deep queue.

use crate::PageId;
use crate::core::Core;
use crate::error::TableError;
use crate::page::{Broken, Page, Place, Read};
use crate::probe::Fingerprint;
use crate::queues::Lease;
use crate::set::Candidate;
use crate::stats::add;
use bmt_io::{Completion, IoError, Request};
use std::collections::HashMap;
use std::sync::Arc;

/// What a search found of a page.
#[derive(Debug)]
pub(crate) enum Sighting {
    Page(Page),
    /// The page is there, as the id in its bucket says, and damaged.
    Damaged(Place, TableError),
    /// The page is nowhere else, so that it may be one of those in some damaged buckets.
    Doubtful(Vec<(Place, TableError)>),
}

impl Sighting {
    /// The page, for one who cannot do with less.
    pub(crate) fn page(self) -> Result<Option<Page>, TableError> {
        match self {
            Self::Page(page) => Ok(Some(page)),
            Self::Damaged(_, error) => Err(error),
            Self::Doubtful(doubts) => match doubts.into_iter().next() {
                Some((_, error)) => Err(error),
                None => Ok(None),
            },
        }
    }
}

/// What a bucket is to one who looks for a page.
enum Sight {
    Page(Page),
    Damaged(Place, TableError),
    /// It holds another page; or nobody can tell which one it held.
    Other(Place, Option<TableError>),
}

impl Sight {
    fn of(core: &Core, id: &PageId, read: Read) -> Self {
        match read {
            Ok(page) if page.id() == id => Self::Page(page),
            Ok(page) => {
                let (found, place) = (Fingerprint::of(core.salt, page.id()), page.place());
                let is_at_home = found.meta_byte() == Fingerprint::of(core.salt, id).meta_byte()
                    && core.set.read().leads_to(found, place);
                Self::Other(place, (!is_at_home).then(|| page.misplaced()))
            }
            Err(broken) if broken.id() == Some(*id) => Self::Damaged(broken.place(), broken.into()),
            Err(broken) => Self::Other(broken.place(), Some(broken.into())),
        }
    }
}

/// A search whose first bucket held another page.
struct Search {
    /// What is still to be looked at, the last one first.
    left: Vec<Candidate>,
    doubts: Vec<(Place, TableError)>,
}

impl Search {
    /// All buckets but the one that was tried.
    ///
    /// All of them in one look, so that a page that a batch takes from one table to the other in the
    /// meantime is not missed in both.
    fn new(core: &Core, id: &PageId, view: u64, tried: Place) -> Self {
        add(&core.counters.false_matches, 1);
        let mut left = core.set.read().all(Fingerprint::of(core.salt, id), view);
        left.retain(|candidate| candidate.place() != tried);
        left.reverse();
        Self { left, doubts: Vec::new() }
    }
}

/// The page that batch `view` sees under an id. The batch is pinned, or the writer's lock is held.
///
/// Damage in a bucket that is looked at in vain is of no account, once the page was found elsewhere.
pub(crate) fn find_one(core: &Core, id: &PageId, view: u64) -> Result<Option<Page>, TableError> {
    let Some(mut candidate) = first(core, Fingerprint::of(core.salt, id), view) else {
        return Ok(None);
    };
    let mut search = None;
    loop {
        let read = read_page(core, candidate)?;
        add(&core.counters.page_reads, 1);
        let (tried, doubt) = match Sight::of(core, id, read) {
            Sight::Page(page) => return Ok(Some(page)),
            Sight::Damaged(_, error) => return Err(error),
            Sight::Other(tried, doubt) => (tried, doubt),
        };
        let search = search.get_or_insert_with(|| Search::new(core, id, view, tried));
        search.doubts.extend(doubt.map(|error| (tried, error)));
        candidate = match search.left.pop() {
            Some(next) => next,
            None => return Sighting::Doubtful(core::mem::take(&mut search.doubts)).page(),
        };
    }
}

/// Finds what batch `view` sees under many ids, and hands it over with its index, in any order. Ids without
/// a page are left out.
pub(crate) fn find_each(
    core: &Core,
    ids: &[PageId],
    view: u64,
    mut found: impl FnMut(usize, Sighting) -> Result<(), TableError>,
) -> Result<(), TableError> {
    let mut reads = Reads::new(core)?;
    let mut searches: HashMap<usize, Search> = HashMap::new();
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
        let Some((at, read)) = reads.wait()? else {
            if next == ids.len() && waiting.is_empty() {
                return Ok(());
            }
            continue;
        };
        add(&core.counters.page_reads, 1);
        let sighting = match Sight::of(core, &ids[at], read) {
            Sight::Page(page) => Sighting::Page(page),
            Sight::Damaged(place, error) => Sighting::Damaged(place, error),
            Sight::Other(tried, doubt) => {
                let search =
                    searches.entry(at).or_insert_with(|| Search::new(core, &ids[at], view, tried));
                search.doubts.extend(doubt.map(|error| (tried, error)));
                if let Some(candidate) = search.left.pop() {
                    waiting.push((at, candidate));
                    continue;
                }
                Sighting::Doubtful(core::mem::take(&mut search.doubts))
            }
        };
        searches.remove(&at);
        if !matches!(&sighting, Sighting::Doubtful(doubts) if doubts.is_empty()) {
            found(at, sighting)?;
        }
    }
}

/// Reads and checks what some buckets hold, in their order.
pub(crate) fn read_all(core: &Core, candidates: Vec<Candidate>) -> Result<Vec<Read>, TableError> {
    let mut reads = Reads::new(core)?;
    let mut pages: Vec<Option<Read>> = candidates.iter().map(|_| None).collect();
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

/// Reads the page in a bucket and checks it.
pub(crate) fn read_page(core: &Core, candidate: Candidate) -> Result<Read, TableError> {
    let mut buffer = core.options.pool.take(1)?;
    match candidate.file.file.read_exact_at(&mut buffer, candidate.offset_bytes()) {
        Ok(()) => Ok(Page::new(buffer, candidate, core.faults().ignores_checksums())),
        Err(IoError::UnexpectedEnd { .. }) => Ok(Err(Broken::cut_off(candidate))),
        Err(error) => Err(error.into()),
    }
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

    /// Waits for one read; `None` if there is none. A read that failed is an error, damage is not.
    fn wait(&mut self) -> Result<Option<(usize, Read)>, TableError> {
        if self.reading.is_empty() {
            return Ok(None);
        }
        let Some(Completion { tag, buffer, result }) = self.lease.queue().wait() else {
            unreachable!("reads in flight complete")
        };
        let Some((at, candidate)) = self.reading.remove(&tag) else {
            unreachable!("a completion has the tag of a read")
        };
        let page = match result {
            Ok(()) => Page::new(buffer, candidate, self.core.faults().ignores_checksums()),
            Err(IoError::UnexpectedEnd { .. }) => Err(Broken::cut_off(candidate)),
            Err(error) => return Err(error.into()),
        };
        Ok(Some((at, page)))
    }
}
