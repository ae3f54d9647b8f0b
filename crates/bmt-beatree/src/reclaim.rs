//! When a page that a slice replaced can be written again: once the slice is stored, and no version
//! that uses the page is held.

use crate::space::Space;
use crate::units::{PAGE_SIZE, len_u64, to_usize};
use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::VecDeque;
use std::sync::Arc;

/// Pages that a generation uses and the next one does not.
#[derive(Debug)]
struct Waiting {
    generation: u64,
    pages: Vec<u32>,
    /// No reader holds this generation any more.
    is_released: bool,
    /// Tells the readers of this generation that its pages were given up.
    is_expired: Arc<AtomicBool>,
}

/// Free pages, and those that become so.
#[derive(Debug)]
pub(crate) struct Reclaim {
    pub(crate) space: Space,
    /// Oldest first; consecutive generations, the newest one not among them.
    waiting: VecDeque<Waiting>,
    waiting_count: usize,
    /// How many generations after the first one of this handle each page was written; 0 for those
    /// that were there already.
    births: Vec<u32>,
    first: u64,
    /// The pages that hold the newest generation's free list.
    pub(crate) list_pages: Vec<u32>,
    /// The newest generation, and its readers' flag.
    newest: u64,
    newest_is_expired: Arc<AtomicBool>,
    newest_is_released: bool,
    held_bytes_max: u64,
    pub(crate) expired_count: u64,
}

impl Reclaim {
    pub(crate) fn new(space: Space, newest: u64, held_bytes_max: u64) -> Self {
        Self {
            space,
            waiting: VecDeque::new(),
            waiting_count: 0,
            births: Vec::new(),
            first: newest,
            list_pages: Vec::new(),
            newest,
            newest_is_expired: Arc::default(),
            newest_is_released: false,
            held_bytes_max,
            expired_count: 0,
        }
    }

    pub(crate) fn newest(&self) -> u64 {
        self.newest
    }

    /// Set when the pages of the newest generation are given up, later.
    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.newest_is_expired)
    }

    /// Pages that wait for readers.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = u32> {
        self.waiting.iter().flat_map(|waiting| waiting.pages.iter().copied())
    }

    pub(crate) fn waiting_count(&self) -> usize {
        self.waiting_count
    }

    /// A slice is stored: the newest generation uses `pages`, and the one that begins does not; it
    /// uses those of `written` that are not among them.
    pub(crate) fn advance(&mut self, written: &[Range<u32>], pages: Vec<u32>) {
        self.waiting_count += pages.len();
        let is_expired = core::mem::take(&mut self.newest_is_expired);
        let is_released = core::mem::take(&mut self.newest_is_released);
        let generation = self.newest;
        self.waiting.push_back(Waiting { generation, pages, is_released, is_expired });
        self.newest += 1;
        let birth = self.birth_in(self.newest);
        for page in written.iter().cloned().flatten().map(to_usize) {
            if self.births.len() <= page {
                self.births.resize(page + 1, 0);
            }
            self.births[page] = birth;
        }
        if is_released {
            self.free_from(self.waiting.len() - 1);
        }
        self.expire();
    }

    fn birth_in(&self, generation: u64) -> u32 {
        u32::try_from(generation - self.first).unwrap_or(u32::MAX)
    }

    /// No reader holds this generation any more.
    pub(crate) fn release(&mut self, generation: u64) {
        if generation == self.newest {
            self.newest_is_released = true;
        }
        let at = self.waiting.iter().position(|waiting| waiting.generation == generation);
        if let Some(at) = at.filter(|at| !self.waiting[*at].is_released) {
            self.waiting[at].is_released = true;
            self.free_from(at);
        }
    }

    /// Frees what no reader can reach of a generation that was released, and of those after it up to
    /// the next that is held: pages that are younger than the last one that is held before them.
    fn free_from(&mut self, at: usize) {
        let held = self.waiting.range(..at).rev().find(|waiting| !waiting.is_released);
        let held_birth = held.map(|held| self.birth_in(held.generation));
        for waiting in self.waiting.range_mut(at..).take_while(|waiting| waiting.is_released) {
            let pages = core::mem::take(&mut waiting.pages);
            let is_reached = |page: &u32| {
                let birth = self.births.get(to_usize(*page)).copied().unwrap_or_default();
                held_birth.is_some_and(|held| birth <= held)
            };
            let (kept, free): (Vec<u32>, Vec<u32>) = pages.into_iter().partition(is_reached);
            waiting.pages = kept;
            self.waiting_count -= free.len();
            free.into_iter().for_each(|page| self.space.give(page));
        }
        while self.waiting.front().is_some_and(|waiting| waiting.is_released) {
            self.waiting.pop_front();
        }
    }

    /// Gives up the oldest generations while readers hold more than they may. The generation before
    /// the newest one stays: its readers have not had the time to move on.
    fn expire(&mut self) {
        while self.held_bytes() > self.held_bytes_max && self.waiting.len() > 1 {
            // Released ones do not stay in front.
            let oldest = &mut self.waiting[0];
            oldest.is_expired.store(true, Ordering::SeqCst);
            oldest.is_released = true;
            self.expired_count += 1;
            self.free_from(0);
        }
    }

    pub(crate) fn held_bytes(&self) -> u64 {
        len_u64(self.waiting_count) * len_u64(PAGE_SIZE)
    }
}

#[cfg(test)]
mod tests;
