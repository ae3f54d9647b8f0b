//! Leaves in a given order, read ahead: the device is kept busy while whoever takes them works.

use crate::error::TreeError;
use crate::leaf_cache::LeafPage;
use crate::page::PageRef;
use crate::page_file::{PageBytes, QueueLease, piece_len};
use crate::tree_file::TreeFile;
use crate::units::{PAGE_SIZE, len_u64, to_usize};
use bmt_io::{Completion, PageBuffer};
use core::ops::Range;
use std::sync::Arc;

/// Whether leaves that are read go into the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// A reader is likely to come back.
    InCache,
    /// They are about to be replaced.
    No,
}

/// A leaf on its way.
#[derive(Debug)]
enum Wanted {
    NotRead,
    /// Here; and whether it was in the cache.
    Ready(Arc<LeafPage>, bool),
    Taken,
}

/// Leaves that were asked for, handed over in that order.
#[derive(Debug)]
pub(crate) struct LeafStream<'a> {
    file: &'a TreeFile,
    keep: Keep,
    places: Vec<PageRef>,
    leaves: Vec<Wanted>,
    /// The first one that was not handed over.
    front: usize,
    /// Those to be read: indexes and pages, and how many of them are in pieces.
    missing: Vec<usize>,
    pages: Vec<u32>,
    asked: usize,
    /// Parts of `missing`, each read as one.
    pieces: Vec<Range<usize>>,
    /// Leaves that were read and not handed over.
    ready_count: usize,
    queue: Option<QueueLease<'a>>,
}

impl<'a> LeafStream<'a> {
    pub(crate) fn new(file: &'a TreeFile, keep: Keep) -> Self {
        Self {
            file,
            keep,
            places: Vec::new(),
            leaves: Vec::new(),
            front: 0,
            missing: Vec::new(),
            pages: Vec::new(),
            asked: 0,
            pieces: Vec::new(),
            ready_count: 0,
            queue: None,
        }
    }

    /// Asks for further leaves, and starts to read what the queue has room for.
    pub(crate) fn ask(
        &mut self,
        places: impl IntoIterator<Item = PageRef>,
    ) -> Result<(), TreeError> {
        let before = (self.leaves.len(), self.missing.len());
        for place in places {
            let cached = match self.keep {
                Keep::InCache => self.file.cache.get(place),
                Keep::No => self.file.cache.peek(place),
            };
            let wanted = match cached {
                Some(leaf) => Wanted::Ready(leaf, true),
                None => {
                    self.missing.push(self.leaves.len());
                    self.pages.push(place.page);
                    Wanted::NotRead
                }
            };
            self.leaves.push(wanted);
            self.places.push(place);
        }
        let (asked, read) = (self.leaves.len() - before.0, self.missing.len() - before.1);
        self.file.counters.leaf_hits.add(len_u64(asked - read));
        self.file.counters.leaf_reads.add(read);
        self.push()?;
        if let Some(queue) = &mut self.queue {
            queue.submit()?;
        }
        Ok(())
    }

    fn push(&mut self) -> Result<(), TreeError> {
        if self.asked == self.missing.len() {
            return Ok(());
        }
        let queue = match &mut self.queue {
            Some(queue) => queue,
            none => none.insert(self.file.pages.queue()?),
        };
        while queue.in_flight() < self.file.pages.queue_depth && self.asked < self.missing.len() {
            let rest = &self.pages[self.asked..];
            let piece = &rest[..piece_len(rest)];
            queue.push(self.file.pages.read_request(piece, len_u64(self.pieces.len()))?);
            self.pieces.push(self.asked..self.asked + piece.len());
            self.asked += piece.len();
        }
        Ok(())
    }

    /// Takes one completion, and starts what it made room for. `false` if nothing is on its way.
    fn wait(&mut self) -> Result<bool, TreeError> {
        self.push()?;
        let Some(Completion { tag, buffer, result }) =
            self.queue.as_mut().and_then(|queue| queue.wait())
        else {
            return Ok(false);
        };
        let piece = self.pieces[usize::try_from(tag).unwrap_or(usize::MAX)].clone();
        let last = self.pages[piece.end - 1];
        result.map_err(|error| self.file.pages.read_error(last, error))?;
        self.open_piece(piece, buffer)?;
        self.push()?;
        Ok(true)
    }

    fn open_piece(&mut self, piece: Range<usize>, buffer: PageBuffer) -> Result<(), TreeError> {
        self.ready_count += piece.len();
        if piece.len() == 1 {
            return self.open(piece.start, PageBytes::Whole(buffer));
        }
        let (first, buffer) = (self.pages[piece.start], Arc::new(buffer));
        for at in piece {
            let offset = to_usize(self.pages[at] - first) * PAGE_SIZE;
            self.open(at, PageBytes::Part(Arc::clone(&buffer), offset))?;
        }
        Ok(())
    }

    fn open(&mut self, at: usize, bytes: PageBytes) -> Result<(), TreeError> {
        let index = self.missing[at];
        let place = self.places[index];
        let leaf = self.file.open_leaf(place, bytes)?;
        let leaf = match self.keep {
            Keep::InCache => self.file.keep(place, leaf),
            Keep::No => Arc::new(leaf),
        };
        self.leaves[index] = Wanted::Ready(leaf, false);
        Ok(())
    }

    /// The next leaf, and whether the cache had it.
    ///
    /// # Panics
    /// When no further one was asked for.
    pub(crate) fn next_leaf(&mut self) -> Result<(Arc<LeafPage>, bool), TreeError> {
        let index = self.front;
        assert!(index < self.leaves.len(), "a leaf that was asked for");
        self.front += 1;
        // Half a queue should have come before one is handed over, so that requests follow those that are done.
        let ready_min = self.file.pages.queue_depth / 2;
        while self.ready_count < ready_min && self.wait()? {}
        while matches!(self.leaves[index], Wanted::NotRead) && self.wait()? {}
        match core::mem::replace(&mut self.leaves[index], Wanted::Taken) {
            Wanted::Ready(leaf, was_cached) => {
                self.ready_count -= usize::from(!was_cached);
                Ok((leaf, was_cached))
            }
            Wanted::NotRead | Wanted::Taken => unreachable!("every leaf comes, or an error does"),
        }
    }
}
