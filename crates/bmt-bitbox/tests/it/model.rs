//! What a store may hold after a crash: the model against which the judge compares it.

use crate::random::{id_of, payload_of};
use bmt_bitbox::{Page, PageId, Snapshot, Store, TableError};
use std::collections::BTreeMap;

/// Ids that workloads use.
pub(crate) const ID_COUNT: u64 = 24;

/// The payload's number by the id's number.
pub(crate) type Pages = BTreeMap<u64, u64>;

/// What was committed, and what may have been.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) pages: Pages,
    /// A batch whose commit did not return.
    pub(crate) unsure: Option<Pages>,
    /// Payloads so far.
    pub(crate) payload_count: u64,
}

impl Model {
    /// Compares a store that was opened with what it may hold, and takes what it holds as the truth.
    pub(crate) fn check(&mut self, store: &Store) -> Result<(), String> {
        let found = read_all(&store.pin()).map_err(|error| format!("reading: {error}"))?;
        if let Err(what) = compare(&found, &self.pages) {
            match self.unsure.take() {
                Some(pages) if compare(&found, &pages).is_ok() => self.pages = pages,
                Some(_) => return Err(format!("{what}, nor is the last batch there")),
                None => return Err(what),
            }
        }
        self.unsure = None;
        let report = store.check(|_, _| {}).map_err(|error| format!("check: {error}"))?;
        if let Some(problem) = report.problems.first() {
            return Err(format!("check: {problem}"));
        }
        if report.page_count != self.pages.len() as u64 {
            return Err(format!("{} pages, found {}", self.pages.len(), report.page_count));
        }
        Ok(())
    }
}

/// The payloads of all ids.
pub(crate) fn read_all(snapshot: &Snapshot) -> Result<Vec<Option<Vec<u8>>>, TableError> {
    let ids: Vec<PageId> = (0..ID_COUNT).map(id_of).collect();
    let pages = snapshot.get_many(&ids)?;
    Ok(pages.into_iter().map(|page| page.map(|page: Page| page.to_vec())).collect())
}

pub(crate) fn compare(found: &[Option<Vec<u8>>], expected: &Pages) -> Result<(), String> {
    for (number, found) in (0u64..).zip(found) {
        let expected = expected.get(&number).map(|number| payload_of(*number));
        match (found, expected) {
            (Some(found), Some(expected)) if *found == expected => {}
            (None, None) => {}
            (None, Some(_)) => return Err(format!("page {number} is lost")),
            (Some(_), None) => return Err(format!("page {number} should not be there")),
            (Some(_), Some(_)) => return Err(format!("page {number} has a wrong payload")),
        }
    }
    Ok(())
}
