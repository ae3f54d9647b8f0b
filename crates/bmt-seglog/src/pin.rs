//! Pins: what keeps records from being pruned.

use crate::core::Core;
use std::sync::Arc;

/// Keeps record `sequence` and all after it from being pruned, until it is dropped.
///
/// A pin does not hold up [`crate::Log::truncate_back`], which drops records on purpose.
#[derive(Debug)]
pub struct Pin {
    core: Arc<Core>,
    sequence: u64,
}

impl Pin {
    pub(crate) fn new(core: &Arc<Core>, sequence: u64) -> Self {
        *core.pins.lock().entry(sequence).or_insert(0) += 1;
        Self { core: Arc::clone(core), sequence }
    }

    /// The oldest record that this pin keeps.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.sequence
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut pins = self.core.pins.lock();
        if let Some(count) = pins.get_mut(&self.sequence) {
            *count -= 1;
            if *count == 0 {
                pins.remove(&self.sequence);
            }
        }
    }
}
