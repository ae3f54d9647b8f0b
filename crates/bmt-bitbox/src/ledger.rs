//! What the writer knows of each named table: the record in force, and what the map still lacks.

use crate::file::TableFile;
use crate::format::names::{SwitchName, TableNames};
use crate::units::index;
use std::sync::Arc;

/// The books of one named table.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) file: Arc<TableFile>,
    /// The record in force.
    pub(crate) name: SwitchName,
    /// Checksum of every meta page, as the record in force has it or leaves it.
    pub(crate) checksums: Vec<u64>,
    /// Meta pages of the record in force that may not be in the map.
    pub(crate) unsettled: Vec<u32>,
}

impl Ledger {
    /// The books of a table that was just made.
    pub(crate) fn fresh(file: Arc<TableFile>) -> Self {
        let pages = 0..file.geometry.meta_page_count();
        let checksums = pages.map(|page| file.checksum_of_empty_page(page)).collect();
        let name = SwitchName::fresh(file.number);
        Self { file, name, checksums, unsettled: Vec::new() }
    }

    /// The sum of all checksums.
    pub(crate) fn digest(&self) -> u64 {
        digest(&self.checksums)
    }

    /// Takes a record for the one in force.
    pub(crate) fn apply(&mut self, name: SwitchName, pages: &[(u32, u64)]) {
        assert!(self.unsettled.is_empty(), "INV-BB-04: the last record is in the map");
        self.name = name;
        for (page, checksum) in pages {
            self.checksums[index(*page)] = *checksum;
            self.unsettled.push(*page);
        }
    }
}

/// The digest of a meta map: the sum of the checksums of its pages.
pub(crate) fn digest(checksums: &[u64]) -> u64 {
    checksums.iter().fold(0, |sum, checksum| sum.wrapping_add(*checksum))
}

/// The state of whoever writes.
#[derive(Debug)]
pub(crate) struct Writer {
    /// The named tables, and perhaps a new target that is not named yet; the target first.
    pub(crate) ledgers: Vec<Ledger>,
    /// The newest batch that was committed.
    pub(crate) batch: u64,
    /// The batch that is prepared, and neither committed nor abandoned.
    pub(crate) prepared: Option<u64>,
    /// The number of the next table.
    pub(crate) next_number: u64,
    /// The names that the manifest has.
    pub(crate) names: TableNames,
}

impl Writer {
    pub(crate) fn target(&self) -> &Ledger {
        let Some(target) = self.ledgers.first() else { unreachable!("there is always a target") };
        target
    }
}
