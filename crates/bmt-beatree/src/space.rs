//! Which pages of the file can be written: a bitmap, searched from the front.

use crate::page::free_list::PageRun;
use crate::units::to_usize;
use core::ops::Range;

const WORD_BITS: u32 = 64;
/// Classes of runs: of at least 1, 2, 4 pages and so on.
const CLASS_COUNT: usize = 12;

/// The pages that can be written now, and the end of the file.
///
/// Pages are taken from the front, so that the end of the file becomes free in time and is cut off.
#[derive(Debug, Clone, Default)]
pub(crate) struct Space {
    /// A bit for each page, set if it is free.
    words: Vec<u64>,
    free_count: u32,
    /// Pages in the file.
    end: u32,
    /// No word before this one has a free page.
    first_word: usize,
    /// For each class a page before which no run of it begins: a file of many small holes is not searched
    /// anew for each large value.
    barren: [u32; CLASS_COUNT],
}

impl Space {
    /// A file of `end` pages of which none is free.
    pub(crate) fn new(end: u32) -> Self {
        let words = vec![0; to_usize(end.div_ceil(WORD_BITS))];
        Self { first_word: words.len(), words, free_count: 0, end, barren: [0; CLASS_COUNT] }
    }

    pub(crate) fn end(&self) -> u32 {
        self.end
    }

    pub(crate) fn free_count(&self) -> u32 {
        self.free_count
    }

    pub(crate) fn is_free(&self, page: u32) -> bool {
        let word = self.words.get(to_usize(page / WORD_BITS));
        word.is_some_and(|word| word & mask(page) != 0)
    }

    /// Whether it is a page of the file but the first, and not free.
    pub(crate) fn is_used(&self, page: u32) -> bool {
        page > 0 && page < self.end && !self.is_free(page)
    }

    /// Makes a page free.
    ///
    /// # Panics
    /// When it is free already, is page 0, or does not lie in the file (INV-BT-01).
    pub(crate) fn give(&mut self, page: u32) {
        assert!(self.is_used(page), "page {page} was in use");
        let at = to_usize(page / WORD_BITS);
        self.words[at] |= mask(page);
        self.first_word = self.first_word.min(at);
        self.free_count += 1;
        for (class, barren) in self.barren.iter_mut().enumerate() {
            // A run that it completes begins no further before it: a longer one was there already.
            *barren = (*barren).min(page.saturating_sub((1 << class) - 1));
        }
    }

    /// Takes up to `count_max` consecutive pages: the first free ones, or new ones at the end.
    /// `None` if the file cannot grow.
    ///
    /// # Panics
    /// When `count_max` is zero.
    pub(crate) fn take(&mut self, count_max: u32) -> Option<Range<u32>> {
        assert!(count_max > 0, "at least one page");
        match self.next_run(0, count_max) {
            Some(run) => Some(self.mark(run)),
            None => self.grow(count_max),
        }
    }

    /// Takes from `count_min` to `count_max` consecutive pages: the first such place, or new ones at
    /// the end. `None` if the file cannot grow.
    pub(crate) fn take_between(&mut self, count_min: u32, count_max: u32) -> Option<Range<u32>> {
        let class = to_usize(count_min.max(1).ilog2()).min(CLASS_COUNT - 1);
        let (mut from, mut first_of_class) = (self.barren[class], None);
        let found = loop {
            let Some(run) = self.next_run(from, count_max) else { break None };
            let page_count = run.end - run.start;
            if page_count >= 1 << class {
                first_of_class.get_or_insert(run.start);
            }
            if page_count >= count_min {
                break Some(run);
            }
            // The page after the run is in use.
            from = run.end;
        };
        self.barren[class] = first_of_class.unwrap_or(self.end);
        match found {
            Some(run) => Some(self.mark(run)),
            None => self.grow(count_max),
        }
    }

    /// The first free pages from a page on, at most `count_max` of them and consecutive.
    fn next_run(&self, from: u32, count_max: u32) -> Option<Range<u32>> {
        let first = to_usize(from / WORD_BITS).max(self.first_word);
        let word = |at: usize| match from / WORD_BITS {
            word if to_usize(word) == at => self.words[at] & (u64::MAX << (from % WORD_BITS)),
            _ => self.words[at],
        };
        let at = (first..self.words.len()).find(|at| word(*at) != 0)?;
        let start = u32::try_from(at).ok()? * WORD_BITS + word(at).trailing_zeros();
        let mut end = start + 1;
        while end - start < count_max && self.is_free(end) {
            end += 1;
        }
        Some(start..end)
    }

    fn mark(&mut self, run: Range<u32>) -> Range<u32> {
        for page in run.clone() {
            self.words[to_usize(page / WORD_BITS)] &= !mask(page);
        }
        self.free_count -= run.end - run.start;
        let is_empty = |at: &usize| self.words[*at] == 0;
        let skipped = (self.first_word..self.words.len()).take_while(is_empty).count();
        self.first_word += skipped;
        run
    }

    fn grow(&mut self, count: u32) -> Option<Range<u32>> {
        let start = self.end;
        self.end = start.checked_add(count)?;
        self.words.resize(to_usize(self.end.div_ceil(WORD_BITS)), 0);
        Some(start..self.end)
    }

    /// Cuts free pages off the end.
    pub(crate) fn trim(&mut self) {
        while self.end > 1 && self.is_free(self.end - 1) {
            self.end -= 1;
            self.words[to_usize(self.end / WORD_BITS)] &= !mask(self.end);
            self.free_count -= 1;
        }
        self.words.truncate(to_usize(self.end.div_ceil(WORD_BITS)));
        self.first_word = self.first_word.min(self.words.len());
    }

    /// The free pages as runs.
    pub(crate) fn runs(&self) -> Vec<PageRun> {
        let mut runs: Vec<PageRun> = Vec::new();
        for (at, word) in self.words.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                let len = (rest >> bit).trailing_ones();
                let page = u32::try_from(at).unwrap_or(u32::MAX) * WORD_BITS + bit;
                match runs.last_mut() {
                    Some(run) if run.page + run.page_count == page => run.page_count += len,
                    _ => runs.push(PageRun { page, page_count: len }),
                }
                rest &= !(u64::MAX >> (WORD_BITS - len) << bit);
            }
        }
        runs
    }
}

fn mask(page: u32) -> u64 {
    1 << (page % WORD_BITS)
}

#[cfg(test)]
mod tests;
