//! Short runs of bytes that live long: [`CompactPool`].

use super::arena::{Arena, Slot};
use super::{PAGE_SIZE, Pool};
use crate::error::IoError;
use core::fmt;
use core::ops::Deref;
use core::sync::atomic::{AtomicUsize, Ordering};
use parking_lot::Mutex;
use std::sync::Arc;

/// Lengths are rounded up to a multiple of this.
const STEP_BYTES: usize = 256;

/// Lengths that are told apart: up to a page.
const CLASS_COUNT: usize = PAGE_SIZE / STEP_BYTES;

/// Bytes of an arena that is cut into slots of one length.
const ARENA_BYTES: usize = 256 << 10;

/// Arenas that are mapped while much is free, for each time that what is free is looked through.
const ARENAS_A_RETURN: usize = 64;

/// A source of [`CompactBytes`]; a cheap handle, cloned to share the pool. What is in use is bounded by whoever keeps
/// the copies; the pool keeps free places for reuse, by their lengths. When more than an eighth of what is in use is
/// free, longer places are used too, and arenas that are free are given back.
#[derive(Clone, Default)]
pub struct CompactPool(Arc<Places>);

#[derive(Default)]
struct Places {
    free: [Mutex<Vec<Slot>>; CLASS_COUNT],
    in_use_bytes: AtomicUsize,
    mapped_bytes: Arc<AtomicUsize>,
    arenas_mapped: AtomicUsize,
}

impl CompactPool {
    /// A pool that holds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A copy of 1 to 4096 bytes.
    ///
    /// # Errors
    /// [`IoError::Other`] if the system has no memory.
    ///
    /// # Panics
    /// When there are no bytes, or more than a page of them.
    pub fn copy(&self, bytes: &[u8]) -> Result<CompactBytes, IoError> {
        assert!((1..=PAGE_SIZE).contains(&bytes.len()), "a copy has 1 to 4096 bytes");
        let mut slot = self.slot(class_of(bytes.len()))?;
        slot.bytes_mut()[..bytes.len()].copy_from_slice(bytes);
        self.0.in_use_bytes.fetch_add(slot.len_bytes(), Ordering::Relaxed);
        Ok(CompactBytes { slot: Some(slot), len_bytes: bytes.len(), places: Arc::clone(&self.0) })
    }

    fn slot(&self, class: usize) -> Result<Slot, IoError> {
        let places = &*self.0;
        if let Some(slot) = places.free[class].lock().pop() {
            return Ok(slot);
        }
        // When much is free, and of other lengths, a longer place is better than yet another arena.
        if self.has_much_free() {
            let mut longer = places.free[class + 1..].iter();
            if let Some(slot) = longer.find_map(|list| list.lock().pop()) {
                return Ok(slot);
            }
            if places.arenas_mapped.fetch_add(1, Ordering::Relaxed).is_multiple_of(ARENAS_A_RETURN)
            {
                self.return_free_memory();
            }
        }
        let slot_bytes = (class + 1) * STEP_BYTES;
        let arena = Arena::map(ARENA_BYTES, &places.mapped_bytes).map_err(Pool::no_memory)?;
        let mut list = places.free[class].lock();
        // In reverse, so that slots are handed out from the front.
        for at in (1..ARENA_BYTES / slot_bytes).rev() {
            list.push(Arena::slot(&arena, at * slot_bytes, slot_bytes));
        }
        Ok(Arena::slot(&arena, 0, slot_bytes))
    }

    /// More than an eighth of what is in use, and more than some arenas that were just begun.
    fn has_much_free(&self) -> bool {
        let in_use = self.in_use_bytes();
        self.mapped_bytes().saturating_sub(in_use) > in_use / 8 + CLASS_COUNT * ARENA_BYTES / 2
    }

    /// Bytes in use now, in whole places.
    #[must_use]
    pub fn in_use_bytes(&self) -> usize {
        self.0.in_use_bytes.load(Ordering::Relaxed)
    }

    /// Bytes of address space mapped now, used and free.
    #[must_use]
    pub fn mapped_bytes(&self) -> usize {
        self.0.mapped_bytes.load(Ordering::Relaxed)
    }

    /// Gives memory of which nothing is in use back to the system, in pieces of 256 KiB. Others find no free place
    /// meanwhile, and map a new arena if they need one.
    pub fn return_free_memory(&self) {
        for list in &self.0.free {
            let mut slots = core::mem::take(&mut *list.lock());
            slots.sort_unstable_by_key(Slot::arena_address);
            let mut kept = Vec::with_capacity(slots.len());
            let mut slots = slots.into_iter().peekable();
            while let Some(first) = slots.next() {
                let (address, from) = (first.arena_address(), kept.len());
                kept.push(first);
                while let Some(next) = slots.next_if(|slot| slot.arena_address() == address) {
                    kept.push(next);
                }
                // Nobody can make a handle of one that lies here alone.
                if kept.get(from).is_some_and(|slot| slot.arena_handles() == kept.len() - from) {
                    kept.truncate(from);
                }
            }
            list.lock().append(&mut kept);
        }
    }
}

impl fmt::Debug for CompactPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompactPool")
            .field("in_use_bytes", &self.in_use_bytes())
            .field("mapped_bytes", &self.mapped_bytes())
            .finish()
    }
}

/// Bytes of a [`CompactPool`], which get their place back when they are dropped.
pub struct CompactBytes {
    /// Some until it is dropped.
    slot: Option<Slot>,
    len_bytes: usize,
    places: Arc<Places>,
}

impl CompactBytes {
    /// Memory of a copy of so many bytes.
    #[must_use]
    pub fn memory_bytes(len_bytes: usize) -> usize {
        len_bytes.next_multiple_of(STEP_BYTES)
    }
}

impl Deref for CompactBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.slot.as_ref().map_or(&[], |slot| &slot.bytes()[..self.len_bytes])
    }
}

impl Drop for CompactBytes {
    fn drop(&mut self) {
        let Some(slot) = self.slot.take() else { return };
        self.places.in_use_bytes.fetch_sub(slot.len_bytes(), Ordering::Relaxed);
        self.places.free[class_of(slot.len_bytes())].lock().push(slot);
    }
}

impl fmt::Debug for CompactBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CompactBytes({} bytes)", self.len_bytes)
    }
}

fn class_of(len_bytes: usize) -> usize {
    len_bytes.div_ceil(STEP_BYTES) - 1
}

#[cfg(test)]
mod tests;
