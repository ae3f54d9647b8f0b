//! The integrity check of an open database: [`Db::check`].

mod finding;
mod log;
mod manifest;
mod pages;
mod trie;

pub use finding::{Finding, FindingKind};

use crate::engine::Engine;
use crate::error::ReadError;
use crate::manifest::Manifest;
use crate::view::Version;
use bmt_core::{Hash, Scheme};
use bmt_io::IoError;

/// Findings of one part that a report lists at most; the rest is only counted.
const FINDINGS_MAX: usize = 100;

/// A part of a check, in the order in which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CheckPart {
    /// Both slots of the manifest.
    Manifest,
    /// Every record of the log.
    Log,
    /// Every page of the ordered store, its index and its free list.
    OrderedStore,
    /// Every page of the table, its map, and whether the stored trie has just these pages.
    Table,
    /// Every hash of the newest state's trie, from its entries up to the root.
    Trie,
}

impl CheckPart {
    /// The part in words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Manifest => "manifest",
            Self::Log => "log",
            Self::OrderedStore => "ordered store",
            Self::Table => "table",
            Self::Trie => "trie",
        }
    }
}

/// How far a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckProgress {
    /// The part that is being checked.
    pub part: CheckPart,
    /// Slots, records, pages, pages, or entries that were read.
    pub done: u64,
    /// How many there are, as far as is known; `done` may pass it by a little.
    pub total: u64,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// The commit whose state was checked: the newest one when the check began.
    pub sequence: u64,
    /// That state's root.
    pub root: Hash,
    /// What is wrong; nothing, one hopes. At most a hundred of each part.
    pub findings: Vec<Finding>,
    /// How much is wrong.
    pub finding_count: u64,
    /// Records of the log that were read.
    pub record_count: u64,
    /// Pages of the ordered store's file.
    pub store_page_count: u64,
    /// Pages of the table.
    pub table_page_count: u64,
    /// Keys that were hashed again.
    pub key_count: u64,
}

impl CheckReport {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.finding_count == 0
    }
}

/// Why a check could not be made. Damage is a finding, not an error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The system refused an operation.
    #[error(transparent)]
    Io(#[from] IoError),
    /// An operation failed earlier, so that what is stored is known only after reopening.
    #[error("what is stored is not known after an earlier failure: {reason}; reopen the database")]
    Unknown {
        /// What says so.
        reason: String,
    },
    /// The state could not be read, which is no damage.
    #[error(transparent)]
    Read(ReadError),
}

/// Checks everything; see [`crate::Db::check`].
pub(crate) fn check<S: Scheme>(
    engine: &Engine<S>,
    progress: &mut (dyn FnMut(CheckProgress) + Send),
) -> Result<CheckReport, CheckError> {
    // No checkpoint from here on: pages, table and manifest stay as they are, and no record is pruned.
    let state = engine.checkpointing.lock();
    let version = engine.current();
    let report = CheckReport {
        sequence: version.sequence(),
        root: version.view.root(),
        findings: Vec::new(),
        finding_count: 0,
        record_count: 0,
        store_page_count: 0,
        table_page_count: 0,
        key_count: 0,
    };
    let manifest = &state.manifest.manifest;
    let mut check = Check { engine, version: &version, manifest, progress, report, listed: 0 };
    check.manifest(state.manifest.generation())?;
    check.log()?;
    check.ordered_store()?;
    check.table()?;
    check.trie()?;
    Ok(check.report)
}

/// A check that goes on.
struct Check<'a, S: Scheme> {
    engine: &'a Engine<S>,
    version: &'a Version<S>,
    manifest: &'a Manifest,
    progress: &'a mut (dyn FnMut(CheckProgress) + Send),
    report: CheckReport,
    /// Findings listed before the part that is being checked.
    listed: usize,
}

impl<S: Scheme> Check<'_, S> {
    fn begin(&mut self, part: CheckPart, total: u64) {
        self.listed = self.report.findings.len();
        self.tell(part, 0, total);
    }

    fn tell(&mut self, part: CheckPart, done: u64, total: u64) {
        (self.progress)(CheckProgress { part, done, total });
    }

    /// Takes down a finding; the same damage is not listed twice.
    fn find(&mut self, finding: Finding) {
        if self.report.findings.iter().any(|other| other.is_of_same_damage(&finding)) {
            return;
        }
        self.report.finding_count += 1;
        if self.report.findings.len() - self.listed < FINDINGS_MAX {
            self.report.findings.push(finding);
        }
    }

    /// Damage met while reading is a finding; anything else ends the check.
    fn find_damage(&mut self, kind: FindingKind, error: ReadError) -> Result<(), CheckError> {
        match error {
            ReadError::Corruption(corruption) => {
                self.find(Finding::of_corruption(kind, &corruption));
                Ok(())
            }
            ReadError::Io(error) => Err(error.into()),
            other => Err(CheckError::Read(other)),
        }
    }
}

#[cfg(test)]
mod tests;
