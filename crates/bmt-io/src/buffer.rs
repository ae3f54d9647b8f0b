//! Page buffers: aligned memory for queues and direct I/O, from a bounded [`PagePool`].
//!
//! Memory comes in anonymous mappings (*arenas*) that are cut into slots of a power of two pages.
//! A slot returns to its size's free list when its buffer is dropped; an arena is unmapped when the
//! last of its slots is gone from free lists and buffers.

mod arena;
mod compact;

pub use compact::{CompactBytes, CompactPool};

use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::units::len_u64;
use arena::{Arena, Slot};
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicUsize, Ordering};
use parking_lot::Mutex;
use std::sync::Arc;

/// Bytes in a page: the unit of alignment and length of a [`PageBuffer`].
pub const PAGE_SIZE: usize = 4096;

/// Sizes kept in free lists: 1, 2, 4, … 128 pages. Larger buffers get a mapping of their own.
const CLASS_COUNT: usize = 8;

/// Bytes of an arena that is cut into slots.
const ARENA_BYTES: usize = 1 << 20;

/// A bounded source of [`PageBuffer`]s; a cheap handle, cloned to share the pool.
///
/// The limit is on the bytes handed out, rounded up to a power of two pages. Free slots are kept for
/// reuse; when a new arena would bring the mapped memory over the limit, they are given up first. If
/// that does not do, because buffers hold on to parts of many arenas, a buffer gets a mapping of its
/// own size: so no more than twice the limit is mapped, and an arena of up to 1 MiB for each thread
/// that maps one at the same moment.
#[derive(Clone)]
pub struct PagePool(Arc<Pool>);

struct Pool {
    free: [Mutex<Vec<Slot>>; CLASS_COUNT],
    limit_bytes: usize,
    in_use_bytes: AtomicUsize,
    mapped_bytes: Arc<AtomicUsize>,
}

impl PagePool {
    /// A pool that hands out at most `limit_bytes` at a time. It maps nothing before it must.
    #[must_use]
    pub fn new(limit_bytes: usize) -> Self {
        Self(Arc::new(Pool {
            free: core::array::from_fn(|_| Mutex::new(Vec::new())),
            limit_bytes,
            in_use_bytes: AtomicUsize::new(0),
            mapped_bytes: Arc::new(AtomicUsize::new(0)),
        }))
    }

    /// A buffer of `page_count` pages, whose bytes are whatever its memory held last.
    ///
    /// # Errors
    /// [`IoError::PoolExhausted`] at the limit; [`IoError::Other`] if the system has no memory.
    ///
    /// # Panics
    /// When `page_count` is zero.
    pub fn take(&self, page_count: usize) -> Result<PageBuffer, IoError> {
        assert!(page_count > 0, "a buffer has at least one page");
        let class = Class::of(page_count);
        let slot_bytes = class.slot_bytes(page_count);
        self.reserve(slot_bytes)?;
        match self.slot(class, slot_bytes) {
            Ok(slot) => {
                let (len_bytes, pool) = (page_count * PAGE_SIZE, Some(Arc::clone(&self.0)));
                Ok(PageBuffer { slot: Some(slot), len_bytes, pool })
            }
            Err(error) => {
                self.0.in_use_bytes.fetch_sub(slot_bytes, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// A buffer of `page_count` pages of zeros.
    ///
    /// # Errors
    /// As [`PagePool::take`].
    ///
    /// # Panics
    /// When `page_count` is zero.
    pub fn take_zeroed(&self, page_count: usize) -> Result<PageBuffer, IoError> {
        let mut buffer = self.take(page_count)?;
        buffer.fill(0);
        Ok(buffer)
    }

    /// Bytes handed out now.
    #[must_use]
    pub fn in_use_bytes(&self) -> usize {
        self.0.in_use_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of address space mapped now, used and free.
    #[must_use]
    pub fn mapped_bytes(&self) -> usize {
        self.0.mapped_bytes.load(Ordering::Relaxed)
    }

    /// The most bytes that are handed out at a time.
    #[must_use]
    pub fn limit_bytes(&self) -> usize {
        self.0.limit_bytes
    }

    /// Gives up free slots, and so unmaps every arena of which no slot is in use.
    pub fn trim(&self) {
        for list in &self.0.free {
            drop(core::mem::take(&mut *list.lock()));
        }
    }

    fn reserve(&self, slot_bytes: usize) -> Result<(), IoError> {
        let add = |in_use: usize| {
            in_use.checked_add(slot_bytes).filter(|total| *total <= self.0.limit_bytes)
        };
        let reserved = self.0.in_use_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        match reserved {
            Ok(_) => Ok(()),
            Err(in_use) => Err(IoError::PoolExhausted {
                wanted_bytes: len_u64(slot_bytes),
                in_use_bytes: len_u64(in_use),
                limit_bytes: len_u64(self.0.limit_bytes),
            }),
        }
    }

    fn slot(&self, class: Class, slot_bytes: usize) -> Result<Slot, IoError> {
        let Class::List(index) = class else {
            self.make_room(slot_bytes);
            return self.map(slot_bytes).map(|arena| Arena::slot(&arena, 0, slot_bytes));
        };
        if let Some(slot) = self.0.free[index].lock().pop() {
            return Ok(slot);
        }
        let mut arena_bytes = ARENA_BYTES.min(self.0.limit_bytes).max(slot_bytes);
        if !self.make_room(arena_bytes) {
            arena_bytes = slot_bytes;
        }
        let arena = self.map(arena_bytes)?;
        let mut list = self.0.free[index].lock();
        let first = Arena::slot(&arena, 0, slot_bytes);
        // In reverse, so that slots are handed out from the front.
        for at in (1..arena_bytes / slot_bytes).rev() {
            list.push(Arena::slot(&arena, at * slot_bytes, slot_bytes));
        }
        Ok(first)
    }

    /// Gives up free slots if so much more would be over the limit; whether it is not, then.
    fn make_room(&self, len_bytes: usize) -> bool {
        let fits = || self.mapped_bytes().saturating_add(len_bytes) <= self.0.limit_bytes;
        if !fits() {
            self.trim();
        }
        fits()
    }

    fn map(&self, len_bytes: usize) -> Result<Arc<Arena>, IoError> {
        Arena::map(len_bytes, &self.0.mapped_bytes).map_err(Pool::no_memory)
    }
}

impl Pool {
    fn no_memory(source: std::io::Error) -> IoError {
        IoError::new(Site::whole(Operation::Queue, "memory"), source)
    }
}

impl fmt::Debug for PagePool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagePool")
            .field("in_use_bytes", &self.in_use_bytes())
            .field("mapped_bytes", &self.mapped_bytes())
            .field("limit_bytes", &self.limit_bytes())
            .finish()
    }
}

/// Where buffers of a size come from.
#[derive(Clone, Copy)]
enum Class {
    List(usize),
    Own,
}

impl Class {
    fn of(page_count: usize) -> Self {
        (0..CLASS_COUNT).find(|class| page_count <= 1 << class).map_or(Self::Own, Self::List)
    }

    fn slot_bytes(self, page_count: usize) -> usize {
        match self {
            Self::List(class) => PAGE_SIZE << class,
            Self::Own => page_count.saturating_mul(PAGE_SIZE),
        }
    }
}

/// Whole pages of memory, aligned to [`PAGE_SIZE`]; returned to their pool on drop.
pub struct PageBuffer {
    /// `None` only in the empty buffer.
    slot: Option<Slot>,
    len_bytes: usize,
    pool: Option<Arc<Pool>>,
}

impl PageBuffer {
    /// A buffer without bytes or memory.
    #[must_use]
    pub fn empty() -> Self {
        Self { slot: None, len_bytes: 0, pool: None }
    }

    /// Pages in the buffer.
    #[must_use]
    pub fn page_count(&self) -> usize {
        self.len_bytes / PAGE_SIZE
    }
}

impl Deref for PageBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.slot.as_ref().map_or(&[], |slot| &slot.bytes()[..self.len_bytes])
    }
}

impl DerefMut for PageBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.slot.as_mut().map_or(&mut [], |slot| &mut slot.bytes_mut()[..self.len_bytes])
    }
}

impl Drop for PageBuffer {
    fn drop(&mut self) {
        let (Some(slot), Some(pool)) = (self.slot.take(), self.pool.take()) else { return };
        pool.in_use_bytes.fetch_sub(slot.len_bytes(), Ordering::Relaxed);
        if let Class::List(index) = Class::of(self.page_count()) {
            pool.free[index].lock().push(slot);
        }
    }
}

impl fmt::Debug for PageBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PageBuffer({} pages)", self.page_count())
    }
}

#[cfg(test)]
mod tests;
