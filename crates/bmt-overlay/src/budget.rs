//! How many bytes uncommitted steps take, all together: [`Budget`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The bytes of all steps that are not committed. A cheap handle: clones share the count.
#[derive(Debug, Clone)]
pub struct Budget(Arc<Count>);

#[derive(Debug)]
struct Count {
    used_bytes: AtomicU64,
    bytes_max: u64,
}

/// A step would take more bytes than are left. Commit or drop others first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{bytes} more bytes of uncommitted changes are over the limit: {used_bytes} of {bytes_max} are in use"
)]
#[non_exhaustive]
pub struct OverBudget {
    /// Bytes of the step.
    pub bytes: u64,
    /// Bytes in use.
    pub used_bytes: u64,
    /// The limit.
    pub bytes_max: u64,
}

impl Budget {
    /// A budget of so many bytes.
    #[must_use]
    pub fn new(bytes_max: u64) -> Self {
        Self(Arc::new(Count { used_bytes: AtomicU64::new(0), bytes_max }))
    }

    /// Bytes in use.
    #[must_use]
    pub fn used_bytes(&self) -> u64 {
        self.0.used_bytes.load(Ordering::Relaxed)
    }

    /// The limit.
    #[must_use]
    pub fn bytes_max(&self) -> u64 {
        self.0.bytes_max
    }

    /// Takes bytes, until the share is dropped.
    pub(crate) fn take(&self, bytes: u64) -> Result<Share, OverBudget> {
        let bytes_max = self.0.bytes_max;
        let fits = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= bytes_max);
        let taken = self.0.used_bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        match taken {
            Ok(_) => Ok(Share { budget: self.clone(), bytes }),
            Err(used_bytes) => Err(OverBudget { bytes, used_bytes, bytes_max }),
        }
    }
}

/// Bytes of a budget; given back on drop.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) budget: Budget,
    pub(crate) bytes: u64,
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.used_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
