//! The integrity check: every page read, every invariant of the page file tried.

mod walk;

use crate::error::TreeError;
use crate::index_version::Index;
use crate::meta::Counts;
use crate::page_file::QUEUE_DEPTH;
use crate::tree::Tree;
use walk::Walk;

/// Findings after which a check ends.
const FINDINGS_MAX: usize = 100;
/// Leaves that are read at a time.
const LEAVES_AT_ONCE: usize = 4 * QUEUE_DEPTH;

/// What an integrity check found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CheckReport {
    /// What is wrong; nothing, one hopes. A check ends early after a hundred findings.
    pub findings: Vec<TreeError>,
    /// The pages that were found.
    pub counts: Counts,
    /// Pages of the file.
    pub page_count: u32,
}

impl Tree {
    /// Reads every page that `index` reaches and checks: that each page of the file is reached once or
    /// free once, that every checksum is what the parent says, that keys and separators are in order
    /// and in their bounds, that the meta record counts right (INV-BT-01, 04, 05, 06, 08, 09, 10).
    ///
    /// `index` is the newest one, and no flush goes on. `progress` is called with pages read and pages
    /// in all. Bounded memory: a byte for each page of the file.
    ///
    /// # Errors
    /// [`TreeError::Stale`] if `index` is not the newest; [`TreeError::Io`]. Damage is a finding, not
    /// an error.
    pub fn check(
        &self,
        index: &Index,
        progress: impl FnMut(u64, u64),
    ) -> Result<CheckReport, TreeError> {
        let (newest, mut walk) = {
            let reclaim = self.file.reclaim.lock();
            (reclaim.newest(), Walk::new(&self.file, &reclaim, progress))
        };
        let found = index.meta().generation();
        if found != newest || !index.is_of(&self.file) {
            return Err(TreeError::Stale { found, newest });
        }
        walk.header_and_free_list(&index.meta())?;
        if let Some(root) = index.root() {
            walk.branches(root)?;
            walk.leaves(root)?;
        }
        walk.unreached();
        Ok(walk.report(&index.meta()))
    }
}
