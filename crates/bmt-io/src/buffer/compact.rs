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

/// A source of [`CompactBytes`]; a cheap handle, cloned to share the pool. What is in use is bounded by whoever keeps
/// the copies; the pool keeps free places for reuse, by their lengths.
#[derive(Clone, Default)]
pub struct CompactPool(Arc<Places>);

#[derive(Default)]
struct Places {
    free: [Mutex<Vec<Slot>>; CLASS_COUNT],
    in_use_bytes: AtomicUsize,
    mapped_bytes: Arc<AtomicUsize>,
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
        if let Some(slot) = self.0.free[class].lock().pop() {
            return Ok(slot);
        }
        let slot_bytes = (class + 1) * STEP_BYTES;
        let arena = Arena::map(ARENA_BYTES, &self.0.mapped_bytes).map_err(Pool::no_memory)?;
        let mut list = self.0.free[class].lock();
        // In reverse, so that slots are handed out from the front.
        for at in (1..ARENA_BYTES / slot_bytes).rev() {
            list.push(Arena::slot(&arena, at * slot_bytes, slot_bytes));
        }
        Ok(Arena::slot(&arena, 0, slot_bytes))
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

    /// Gives memory of which nothing is in use back to the system, in pieces of 256 KiB.
    pub fn return_free_memory(&self) {
        for list in &self.0.free {
            let mut list = list.lock();
            list.sort_unstable_by_key(Slot::arena_address);
            let mut from = 0;
            while let Some(first) = list.get(from) {
                let of_it = &list[from..];
                let count =
                    of_it.partition_point(|slot| slot.arena_address() == first.arena_address());
                // Whoever makes another slot of it holds the list, or the only handle that is not in it.
                match first.arena_handles() == count {
                    true => drop(list.drain(from..from + count)),
                    false => from += count,
                }
            }
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
        self.places.free[class_of(self.len_bytes)].lock().push(slot);
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
