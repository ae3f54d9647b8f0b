//! The page file: pages in, pages out, one by one and many at a time.

use crate::error::{Damage, TreeError};
use crate::page::{Seal, file_header};
use crate::units::{PAGE_SIZE, len_u64, offset_of, to_usize};
use bmt_io::{
    CompactBytes, CompactPool, Completion, Directory, File, FileOptions, IoError, PageBuffer,
    PagePool, Queue, Request,
};
use core::ops::{Deref, DerefMut, Range};
use parking_lot::Mutex;
use std::sync::Arc;

/// Requests that go on at once in a queue, unless the options say otherwise.
pub(crate) const QUEUE_DEPTH: usize = 128;

/// Pages of the file in one piece at most.
const PIECE_PAGES_MAX: u32 = 64;
/// Pages between two that are wanted, which are read along rather than started anew for.
const GAP_PAGES_MAX: u32 = 2;

/// Bytes of a page that was read.
#[derive(Debug)]
pub(crate) enum PageBytes {
    /// In a buffer of its own.
    Whole(PageBuffer),
    /// In a buffer of several pages, from this byte on.
    Part(Arc<PageBuffer>, usize),
    /// Without what is unused at the page's end: for a page that is kept.
    Compact(CompactBytes),
}

impl AsRef<[u8]> for PageBytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Whole(buffer) => buffer,
            Self::Part(buffer, at) => &buffer[*at..*at + PAGE_SIZE],
            Self::Compact(bytes) => bytes,
        }
    }
}

/// The open page file, with its buffers and queues.
#[derive(Debug)]
pub(crate) struct PageFile {
    directory: Arc<dyn Directory>,
    file: Arc<dyn File>,
    pub(crate) seal: Seal,
    pub(crate) pool: PagePool,
    /// For leaves that are kept.
    pub(crate) compact: CompactPool,
    /// Requests that go on at once in a queue.
    pub(crate) queue_depth: usize,
    idle_queues: Mutex<Vec<Box<dyn Queue>>>,
}

impl PageFile {
    /// Makes the file, durable with its name when this returns.
    pub(crate) fn create(
        directory: Arc<dyn Directory>,
        name: &str,
        options: FileOptions,
        salt: u64,
    ) -> Result<Self, TreeError> {
        let file = directory.create_with(name, options)?;
        file.write_all_at(&file_header::encode(salt), 0)?;
        file.sync_data()?;
        directory.sync()?;
        Ok(Self::new(directory, file, salt))
    }

    pub(crate) fn open(
        directory: Arc<dyn Directory>,
        name: &str,
        options: FileOptions,
        salt: u64,
    ) -> Result<Self, TreeError> {
        let file = directory.open_with(name, options)?;
        let pages = Self::new(directory, file, salt);
        let header = pages.read(0)?;
        file_header::check(salt, &header).map_err(|damage| damage.at(name, 0))?;
        Ok(pages)
    }

    fn new(directory: Arc<dyn Directory>, file: Arc<dyn File>, salt: u64) -> Self {
        let idle_queues = Mutex::new(Vec::new());
        // The caches and the depth of the queues bound what is in use; the pool only recycles.
        let pool = PagePool::new(usize::MAX / 2);
        let (compact, queue_depth) = (CompactPool::new(), QUEUE_DEPTH);
        Self { directory, file, seal: Seal::new(salt), pool, compact, queue_depth, idle_queues }
    }

    /// With queues of this depth, at least one.
    pub(crate) fn with_queue_depth(mut self, depth: usize) -> Self {
        self.queue_depth = depth.max(1);
        self
    }

    pub(crate) fn name(&self) -> &str {
        self.file.name()
    }

    pub(crate) fn file(&self) -> &Arc<dyn File> {
        &self.file
    }

    /// Reads one page; blocks.
    pub(crate) fn read(&self, page: u32) -> Result<PageBuffer, TreeError> {
        let mut buffer = self.pool.take(1)?;
        let result = self.file.read_exact_at(&mut buffer, offset_of(page));
        result.map_err(|error| self.read_error(page, error))?;
        Ok(buffer)
    }

    /// Reads pages with a deep queue and hands over each with its index, in any order. Pages that lie
    /// close together in the file, in the order in which they are asked for, come in one piece.
    pub(crate) fn read_many(
        &self,
        pages: &[u32],
        mut each: impl FnMut(usize, PageBytes) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        if let [page] = pages {
            return each(0, PageBytes::Whole(self.read(*page)?));
        }
        let mut queue = self.queue()?;
        let (mut pieces, mut next, mut result): (Vec<Range<usize>>, usize, _) =
            (Vec::new(), 0, Ok(()));
        loop {
            while result.is_ok() && queue.in_flight() < self.queue_depth && next < pages.len() {
                let piece = next..next + piece_len(&pages[next..]);
                next = piece.end;
                match self.read_request(&pages[piece.clone()], len_u64(pieces.len())) {
                    Ok(request) => queue.push(request),
                    Err(error) => result = Err(error),
                }
                pieces.push(piece);
            }
            // After a failure, what is on its way still has to come back.
            let Some(Completion { tag, buffer, result: read }) = queue.wait() else { break };
            let piece = pieces[usize::try_from(tag).unwrap_or(usize::MAX)].clone();
            let handled = match read {
                Ok(()) => self.hand_over(&pages[piece.clone()], buffer, |at, page| {
                    each(piece.start + at, page)
                }),
                Err(error) => Err(self.read_error(pages[piece.end - 1], error)),
            };
            result = result.and(handled);
        }
        result
    }

    /// The read of one piece.
    pub(crate) fn read_request(&self, piece: &[u32], tag: u64) -> Result<Request, TreeError> {
        let (first, last) = (piece[0], piece[piece.len() - 1]);
        let buffer = self.pool.take(to_usize(last - first) + 1)?;
        let (file, offset_bytes) = (Arc::clone(&self.file), offset_of(first));
        Ok(Request::Read { file, offset_bytes, buffer, tag })
    }

    /// The pages of a piece that was read, each in a buffer of its own.
    fn hand_over(
        &self,
        piece: &[u32],
        buffer: PageBuffer,
        mut each: impl FnMut(usize, PageBytes) -> Result<(), TreeError>,
    ) -> Result<(), TreeError> {
        if piece.len() == 1 {
            return each(0, PageBytes::Whole(buffer));
        }
        for (index, number) in piece.iter().enumerate() {
            let at = to_usize(number - piece[0]) * PAGE_SIZE;
            let mut page = self.pool.take(1)?;
            page.copy_from_slice(&buffer[at..at + PAGE_SIZE]);
            each(index, PageBytes::Whole(page))?;
        }
        Ok(())
    }

    /// A failed read as this crate's error.
    pub(crate) fn read_error(&self, page: u32, error: IoError) -> TreeError {
        match error {
            IoError::UnexpectedEnd { .. } => Damage::Missing.at(self.name(), page),
            error => error.into(),
        }
    }

    /// Reads `bytes` from a page on, blocking; for long values.
    pub(crate) fn read_bytes(&self, page: u32, bytes: &mut [u8]) -> Result<(), TreeError> {
        let result = self.file.read_exact_at(bytes, offset_of(page));
        result.map_err(|error| self.read_error(page, error))
    }

    /// An idle queue, or a new one.
    pub(crate) fn queue(&self) -> Result<QueueLease<'_>, TreeError> {
        let idle = self.idle_queues.lock().pop();
        let queue = match idle {
            Some(queue) => queue,
            None => self.directory.queue(self.queue_depth)?,
        };
        Ok(QueueLease { pages: self, queue: Some(queue) })
    }

    /// Length of the file; a part of a page at its end does not count.
    pub(crate) fn page_count(&self) -> Result<u32, TreeError> {
        let pages = self.file.len_bytes()? / len_u64(PAGE_SIZE);
        Ok(u32::try_from(pages).unwrap_or(u32::MAX))
    }

    /// Cuts the file after `page_count` pages, if it is longer.
    pub(crate) fn shorten(&self, page_count: u32) -> Result<(), TreeError> {
        let len_bytes = offset_of(page_count);
        if self.file.len_bytes()? > len_bytes {
            self.file.set_len(len_bytes)?;
        }
        Ok(())
    }

    /// The damage of a page as an error.
    pub(crate) fn damaged(&self, page: u32) -> impl Fn(Damage) -> TreeError + '_ {
        move |damage| damage.at(self.name(), page)
    }

    /// Pages from `first` to what holds `len_bytes`, in a buffer for a write.
    pub(crate) fn buffer_for(&self, page_count: usize) -> Result<PageBuffer, TreeError> {
        let buffer = self.pool.take(page_count)?;
        debug_assert!(buffer.len() == page_count * PAGE_SIZE, "a whole number of pages");
        Ok(buffer)
    }
}

/// A queue that goes back to its file when nothing is in flight any more.
#[derive(Debug)]
pub(crate) struct QueueLease<'a> {
    pages: &'a PageFile,
    queue: Option<Box<dyn Queue>>,
}

impl Deref for QueueLease<'_> {
    type Target = dyn Queue;

    fn deref(&self) -> &Self::Target {
        match &self.queue {
            Some(queue) => &**queue,
            None => unreachable!("taken only by drop"),
        }
    }
}

impl DerefMut for QueueLease<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match &mut self.queue {
            Some(queue) => &mut **queue,
            None => unreachable!("taken only by drop"),
        }
    }
}

impl Drop for QueueLease<'_> {
    fn drop(&mut self) {
        if let Some(mut queue) = self.queue.take() {
            while queue.wait().is_some() {}
            self.pages.idle_queues.lock().push(queue);
        }
    }
}

/// How many of these pages, from the first one on, are read as one piece: they ascend with small gaps.
pub(crate) fn piece_len(pages: &[u32]) -> usize {
    let limit = pages.first().map_or(0, |first| first.saturating_add(PIECE_PAGES_MAX));
    let is_near = |pair: &[u32]| {
        pair[1] > pair[0] && pair[1] - pair[0] <= GAP_PAGES_MAX + 1 && pair[1] < limit
    };
    1 + pages.windows(2).take_while(|pair| is_near(pair)).count()
}
