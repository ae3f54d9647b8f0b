//! A file that keeps in memory what is written to it.

use bmt_io::{File, IoError, Operation, PAGE_SIZE, Site};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const PAGE_BYTES: u64 = PAGE_SIZE as u64;
/// Bytes that are compared at a time when much is written.
const STEP_BYTES: u64 = 1 << 20;

/// What was written to a file, over what is below.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The file's name below, and a handle of it.
    below: Option<Arc<dyn File>>,
    /// Nothing was written that differs from what is below.
    is_changed: AtomicBool,
    content: RwLock<Content>,
}

#[derive(Debug, Default)]
struct Content {
    /// Bytes of the file below that are still seen; zeros come after them.
    below_bytes: u64,
    len_bytes: u64,
    pages: BTreeMap<u64, Box<[u8; PAGE_SIZE]>>,
}

impl Changes {
    /// None yet.
    pub(super) fn of(below: Arc<dyn File>) -> Result<Self, IoError> {
        let len_bytes = below.len_bytes()?;
        let content = Content { below_bytes: len_bytes, len_bytes, pages: BTreeMap::new() };
        Ok(Self { below: Some(below), is_changed: false.into(), content: RwLock::new(content) })
    }

    pub(super) fn has_file_below(&self) -> bool {
        self.below.is_some()
    }

    #[cfg(test)]
    pub(super) fn page_count(&self) -> usize {
        self.content.read().pages.len()
    }

    /// The name of the file below, which may have been renamed here.
    pub(super) fn name_below(&self) -> &str {
        self.below.as_ref().map_or("", |file| file.name())
    }
}

impl Content {
    /// Fills a buffer from bytes that the file has.
    fn read(
        &self,
        below: Option<&Arc<dyn File>>,
        buffer: &mut [u8],
        offset_bytes: u64,
    ) -> Result<(), IoError> {
        let from_below = self.below_bytes.saturating_sub(offset_bytes);
        let count = buffer.len().min(usize::try_from(from_below).unwrap_or(usize::MAX));
        let (seen, zeros) = buffer.split_at_mut(count);
        if let Some(below) = below.filter(|_| count > 0) {
            below.read_exact_at(seen, offset_bytes)?;
        }
        zeros.fill(0);
        let end = offset_bytes + buffer.len() as u64;
        for (index, page) in self.pages.range(offset_bytes / PAGE_BYTES..end.div_ceil(PAGE_BYTES)) {
            let overlap = Overlap::of(*index, offset_bytes, end);
            if let (Some(to), Some(from)) =
                (buffer.get_mut(overlap.in_range()), page.get(overlap.in_page()))
            {
                to.copy_from_slice(from);
            }
        }
        Ok(())
    }

    /// Takes bytes over what is there. Pages that do not change by it take no memory.
    fn write(
        &mut self,
        below: Option<&Arc<dyn File>>,
        bytes: &[u8],
        offset_bytes: u64,
    ) -> Result<bool, IoError> {
        let end = offset_bytes + bytes.len() as u64;
        let mut is_changed = end > self.len_bytes;
        self.len_bytes = self.len_bytes.max(end);
        for index in offset_bytes / PAGE_BYTES..end.div_ceil(PAGE_BYTES) {
            let mut page = Box::new([0; PAGE_SIZE]);
            self.read(below, &mut *page, index * PAGE_BYTES)?;
            let overlap = Overlap::of(index, offset_bytes, end);
            let (Some(to), Some(from)) =
                (page.get_mut(overlap.in_page()), bytes.get(overlap.in_range()))
            else {
                continue;
            };
            if to != from {
                to.copy_from_slice(from);
                self.pages.insert(index, page);
                is_changed = true;
            }
        }
        Ok(is_changed)
    }

    fn set_len(&mut self, below: Option<&Arc<dyn File>>, len_bytes: u64) -> Result<(), IoError> {
        if len_bytes < self.len_bytes {
            self.below_bytes = self.below_bytes.min(len_bytes);
            drop(self.pages.split_off(&len_bytes.div_ceil(PAGE_BYTES)));
            // What is cut off must not come back when the file grows.
            let in_page = len_bytes % PAGE_BYTES;
            if in_page > 0 {
                let zeros = vec![0; usize::try_from(PAGE_BYTES - in_page).unwrap_or(PAGE_SIZE)];
                self.write(below, &zeros, len_bytes)?;
            }
        }
        self.len_bytes = len_bytes;
        Ok(())
    }
}

/// What a page and a range have in common.
struct Overlap {
    from: u64,
    to: u64,
    page_at: u64,
    range_at: u64,
}

impl Overlap {
    fn of(index: u64, start: u64, end: u64) -> Self {
        let page_at = index * PAGE_BYTES;
        let (from, to) = (start.max(page_at), end.min(page_at + PAGE_BYTES));
        Self { from, to, page_at, range_at: start }
    }

    fn in_page(&self) -> std::ops::Range<usize> {
        self.relative_to(self.page_at)
    }

    fn in_range(&self) -> std::ops::Range<usize> {
        self.relative_to(self.range_at)
    }

    fn relative_to(&self, start: u64) -> std::ops::Range<usize> {
        let place = |at: u64| usize::try_from(at - start).unwrap_or(usize::MAX);
        place(self.from)..place(self.to)
    }
}

/// A handle of a file.
#[derive(Debug)]
pub(super) struct MemoryFile {
    name: String,
    /// With the options that the file was opened with.
    below: Option<Arc<dyn File>>,
    changes: Arc<Changes>,
}

impl MemoryFile {
    pub(super) fn new(name: &str, below: Option<Arc<dyn File>>, changes: Arc<Changes>) -> Self {
        Self { name: name.to_owned(), below, changes }
    }

    /// The file below, if it says the same.
    pub(super) fn unchanged(&self) -> Option<&Arc<dyn File>> {
        let is_changed = self.changes.is_changed.load(Ordering::Acquire);
        self.below.as_ref().filter(|_| !is_changed)
    }

    fn below(&self) -> Option<&Arc<dyn File>> {
        self.changes.below.as_ref()
    }

    fn note_change(&self) {
        self.changes.is_changed.store(true, Ordering::Release);
    }
}

impl File for MemoryFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn len_bytes(&self) -> Result<u64, IoError> {
        Ok(self.changes.content.read().len_bytes)
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset_bytes: u64) -> Result<(), IoError> {
        if let Some(below) = self.unchanged() {
            return below.read_exact_at(buffer, offset_bytes);
        }
        let content = self.changes.content.read();
        let len_bytes = buffer.len() as u64;
        let read_bytes = content.len_bytes.saturating_sub(offset_bytes);
        if read_bytes < len_bytes {
            let site = Site::range(Operation::Read, &self.name, offset_bytes, len_bytes);
            return Err(IoError::UnexpectedEnd { site, read_bytes });
        }
        content.read(self.below(), buffer, offset_bytes)
    }

    fn write_all_at(&self, buffer: &[u8], offset_bytes: u64) -> Result<(), IoError> {
        if self.changes.content.write().write(self.below(), buffer, offset_bytes)? {
            self.note_change();
        }
        Ok(())
    }

    fn set_len(&self, len_bytes: u64) -> Result<(), IoError> {
        let mut content = self.changes.content.write();
        if content.len_bytes != len_bytes {
            content.set_len(self.below(), len_bytes)?;
            self.note_change();
        }
        Ok(())
    }

    fn zero_fill(&self, offset_bytes: u64, len_bytes: u64) -> Result<(), IoError> {
        let mut content = self.changes.content.write();
        let end = offset_bytes + len_bytes;
        // Past the end of what is below there are zeros already.
        let stop = end.min(content.below_bytes.max(last_page_end(&content)));
        let mut at = offset_bytes;
        let mut is_changed = end > content.len_bytes;
        while at < stop {
            let step = (stop - at).min(STEP_BYTES);
            let zeros = vec![0; usize::try_from(step).unwrap_or(PAGE_SIZE)];
            is_changed |= content.write(self.below(), &zeros, at)?;
            at += step;
        }
        content.len_bytes = content.len_bytes.max(end);
        if is_changed {
            self.note_change();
        }
        Ok(())
    }

    fn sync_data(&self) -> Result<(), IoError> {
        Ok(())
    }

    fn os_file(&self) -> Option<&std::fs::File> {
        self.unchanged().and_then(|below| below.os_file())
    }
}

fn last_page_end(content: &Content) -> u64 {
    content.pages.last_key_value().map_or(0, |(index, _)| (index + 1) * PAGE_BYTES)
}
