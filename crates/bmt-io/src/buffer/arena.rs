//! Arenas: anonymous mappings, and the slots that they are cut into.
#![expect(unsafe_code, reason = "slots are disjoint parts of one mapping, each owned by one value")]

use core::sync::atomic::{AtomicUsize, Ordering};
use memmap2::{MmapMut, MmapRaw};
use std::io;
use std::sync::Arc;

/// One anonymous mapping. It is page-aligned and starts as zeros.
pub(super) struct Arena {
    map: MmapRaw,
    mapped_bytes: Arc<AtomicUsize>,
}

impl Arena {
    /// Maps `len_bytes` and adds them to `mapped_bytes` for as long as the mapping lives.
    pub(super) fn map(len_bytes: usize, mapped_bytes: &Arc<AtomicUsize>) -> io::Result<Arc<Self>> {
        let map = MmapRaw::from(MmapMut::map_anon(len_bytes)?);
        mapped_bytes.fetch_add(len_bytes, Ordering::Relaxed);
        Ok(Arc::new(Self { map, mapped_bytes: Arc::clone(mapped_bytes) }))
    }

    /// The slot at `offset_bytes`. A caller makes each slot of an arena once and no two that overlap.
    ///
    /// # Panics
    /// When the slot does not lie within the arena.
    pub(super) fn slot(arena: &Arc<Self>, offset_bytes: usize, len_bytes: usize) -> Slot {
        let end = offset_bytes.checked_add(len_bytes);
        assert!(end.is_some_and(|end| end <= arena.map.len()), "a slot lies within its arena");
        Slot { arena: Arc::clone(arena), offset_bytes, len_bytes }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.mapped_bytes.fetch_sub(self.map.len(), Ordering::Relaxed);
    }
}

/// The only owner of its part of an arena.
pub(super) struct Slot {
    arena: Arc<Arena>,
    offset_bytes: usize,
    len_bytes: usize,
}

impl Slot {
    pub(super) fn len_bytes(&self) -> usize {
        self.len_bytes
    }

    /// What tells the slots of one arena from those of another one.
    pub(super) fn arena_address(&self) -> usize {
        Arc::as_ptr(&self.arena).addr()
    }

    /// Slots of its arena that were not dropped, and other handles to it.
    pub(super) fn arena_handles(&self) -> usize {
        Arc::strong_count(&self.arena)
    }

    fn start(&self) -> *mut u8 {
        // SAFETY: `Arena::slot` checked that the slot lies within the mapping.
        unsafe { self.arena.map.as_mut_ptr().add(self.offset_bytes) }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the range is mapped while `arena` lives, initialised (anonymous mappings start as
        // zeros), and written only through this slot, which is borrowed.
        unsafe { core::slice::from_raw_parts(self.start(), self.len_bytes) }
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as `bytes`; the slot is borrowed mutably and no other slot overlaps it.
        unsafe { core::slice::from_raw_parts_mut(self.start(), self.len_bytes) }
    }
}
