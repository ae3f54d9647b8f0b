//! How a table is created and opened: [`TableOptions`].

use crate::error::TableError;
use crate::faults::Faults;
use crate::format::geometry::{BITS_MAX, BITS_MIN};
use bmt_io::PagePool;

/// Bytes of page buffers that a table takes at a time, unless it is given another pool.
const POOL_BYTES: usize = 64 << 20;

/// How to create or open a table. Start from [`TableOptions::new`].
///
/// ```
/// use bmt_bitbox::TableOptions;
/// let options = TableOptions { queue_depth: 32, ..TableOptions::new(0x5eed) };
/// assert_eq!(options.bucket_count_min, 256);
/// ```
#[derive(Debug, Clone)]
pub struct TableOptions {
    /// Create only: a random number. It decides where pages lie, so that whoever chooses ids can't
    /// choose their places; kept in the file.
    pub salt: u64,
    /// The fewest buckets of a table: the first one has as many, and no shrinking goes below. A power
    /// of two from 16 to 2^31; 256 by default, which is 1 MiB, most of it a hole.
    pub bucket_count_min: u64,
    /// Where page buffers come from. The default is a pool of its own, of at most 64 MiB. A page that
    /// was read holds one buffer; everything else together takes about twice `queue_depth`.
    pub pool: PagePool,
    /// Reads and writes in flight at once. 128 by default; 1 to 4096.
    pub queue_depth: usize,
    /// Pages that a batch copies at least to a larger or smaller table that is being filled. 64 by default.
    pub copy_pages_per_batch: usize,
    /// Pages that it copies beside these for each page that it writes itself. 4 by default, so that the old
    /// table is empty long before the new one is full; if it is not, one batch has to copy the rest.
    pub copy_pages_per_put: usize,
    /// Bytes of images written before a batch syncs for the first time, so that no single sync carries
    /// a burst. 16 MiB by default.
    pub sync_every_bytes: u64,
    /// Deliberate faults.
    #[cfg(any(test, feature = "faults"))]
    pub faults: Faults,
}

impl TableOptions {
    /// The defaults, with this salt.
    #[must_use]
    pub fn new(salt: u64) -> Self {
        Self {
            salt,
            bucket_count_min: 256,
            pool: PagePool::new(POOL_BYTES),
            queue_depth: 128,
            copy_pages_per_batch: 64,
            copy_pages_per_put: 4,
            sync_every_bytes: 16 << 20,
            #[cfg(any(test, feature = "faults"))]
            faults: Faults::default(),
        }
    }

    #[cfg(any(test, feature = "faults"))]
    pub(crate) fn faults(&self) -> Faults {
        self.faults
    }

    #[cfg(not(any(test, feature = "faults")))]
    pub(crate) fn faults(&self) -> Faults {
        Faults
    }

    /// The fewest bits of a bucket's number.
    pub(crate) fn bits_min(&self) -> u32 {
        self.bucket_count_min.ilog2()
    }

    /// Pages that a batch of so many puts copies.
    pub(crate) fn copies_for(&self, put_count: usize) -> usize {
        put_count.saturating_mul(self.copy_pages_per_put).saturating_add(self.copy_pages_per_batch)
    }

    pub(crate) fn validate(&self) -> Result<(), TableError> {
        let invalid = |name, found, rule| Err(TableError::InvalidOption { name, found, rule });
        let limits = (1 << BITS_MIN)..=(1u64 << BITS_MAX);
        let found = self.bucket_count_min;
        if !found.is_power_of_two() || !limits.contains(&found) {
            return invalid("bucket_count_min", found, "a power of two from 16 to 2^31");
        }
        if !(1..=4096).contains(&self.queue_depth) {
            let found = u64::try_from(self.queue_depth).unwrap_or(u64::MAX);
            return invalid("queue_depth", found, "from 1 to 4096");
        }
        Ok(())
    }
}
