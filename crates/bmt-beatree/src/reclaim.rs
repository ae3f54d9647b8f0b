//! When a page that a slice replaced can be written again: once the slice is stored, and no version
//! from before it is held.

use crate::space::Space;
use crate::units::{PAGE_SIZE, len_u64};
use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::VecDeque;
use std::sync::Arc;

/// Pages that versions up to a generation use, and newer ones do not.
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
    /// Oldest first; consecutive generations.
    waiting: VecDeque<Waiting>,
    waiting_count: usize,
    /// The pages that hold the newest generation's free list.
    pub(crate) list_pages: Vec<u32>,
    /// The newest generation, and its readers' flag.
    newest: u64,
    newest_is_expired: Arc<AtomicBool>,
    held_bytes_max: u64,
    pub(crate) expired_count: u64,
}

impl Reclaim {
    pub(crate) fn new(space: Space, newest: u64, held_bytes_max: u64) -> Self {
        Self {
            space,
            waiting: VecDeque::new(),
            waiting_count: 0,
            list_pages: Vec::new(),
            newest,
            newest_is_expired: Arc::default(),
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

    /// A slice is stored: `pages` are used by the newest generation and not by the one after it,
    /// which begins.
    pub(crate) fn advance(&mut self, pages: Vec<u32>) {
        self.waiting_count += pages.len();
        let is_expired = core::mem::take(&mut self.newest_is_expired);
        let generation = self.newest;
        self.waiting.push_back(Waiting { generation, pages, is_released: false, is_expired });
        self.newest += 1;
        self.expire();
    }

    /// No reader holds this generation any more.
    pub(crate) fn release(&mut self, generation: u64) {
        let waiting = self.waiting.iter_mut().find(|waiting| waiting.generation == generation);
        if let Some(waiting) = waiting {
            waiting.is_released = true;
        }
        while self.waiting.front().is_some_and(|waiting| waiting.is_released) {
            self.free_oldest();
        }
    }

    /// Gives up the oldest generations while readers hold more than they may. The generation before
    /// the newest one stays: its readers have not had the time to move on.
    fn expire(&mut self) {
        while self.held_bytes() > self.held_bytes_max && self.waiting.len() > 1 {
            if let Some(oldest) = self.waiting.front()
                && !oldest.is_released
            {
                oldest.is_expired.store(true, Ordering::SeqCst);
                self.expired_count += 1;
            }
            self.free_oldest();
        }
    }

    pub(crate) fn held_bytes(&self) -> u64 {
        len_u64(self.waiting_count) * len_u64(PAGE_SIZE)
    }

    fn free_oldest(&mut self) {
        if let Some(oldest) = self.waiting.pop_front() {
            self.waiting_count -= oldest.pages.len();
            oldest.pages.into_iter().for_each(|page| self.space.give(page));
        }
    }
}

#[cfg(test)]
mod tests;
