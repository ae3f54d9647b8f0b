//! Which batches are pinned by readers.

use std::collections::BTreeMap;

/// The newest batch, and the batches that readers hold.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    /// The newest batch that was committed: what a new pin holds.
    pub(crate) current: u64,
    /// Number of pins by batch.
    held: BTreeMap<u64, usize>,
}

impl Pins {
    pub(crate) fn new(current: u64) -> Self {
        Self { current, held: BTreeMap::new() }
    }

    /// Pins the newest batch.
    pub(crate) fn take(&mut self) -> u64 {
        *self.held.entry(self.current).or_insert(0) += 1;
        self.current
    }

    /// Pins a batch that is pinned already.
    pub(crate) fn take_again(&mut self, batch: u64) {
        *self.held.entry(batch).or_insert(0) += 1;
    }

    /// Releases a pin; whether something may be free now that was not.
    pub(crate) fn release(&mut self, batch: u64) -> bool {
        let Some(count) = self.held.get_mut(&batch) else {
            unreachable!("batch {batch} is released by a pin of it")
        };
        *count -= 1;
        if *count > 0 {
            return false;
        }
        self.held.remove(&batch);
        batch < self.current
    }

    /// Whether some pin sees what was live from batch `born` on and was replaced in batch `died`.
    pub(crate) fn needs(&self, born: u64, died: u64) -> bool {
        self.held.range(born..died).next().is_some()
    }

    /// The oldest batch that is pinned.
    pub(crate) fn oldest(&self) -> Option<u64> {
        self.held.keys().next().copied()
    }

    /// Number of pins.
    pub(crate) fn count(&self) -> usize {
        self.held.values().sum()
    }
}

#[cfg(test)]
mod tests;
