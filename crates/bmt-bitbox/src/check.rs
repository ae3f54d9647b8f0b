//! The integrity check: every page, the maps on disk, and the records in force.

use crate::core::Core;
use crate::error::TableError;
use crate::lookup::{read_all, read_page};
use crate::page::Page;
use crate::probe::{Fingerprint, Path};
use crate::recovery;
use crate::set::{Candidate, Role};
use crate::settle;
use crate::units::to_u64;
use std::sync::Arc;

/// Problems that a report lists at most; the rest is only counted.
const PROBLEMS_MAX: usize = 100;

/// Pages read at a time.
const CHUNK_PAGES: usize = 64;

/// What a check found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CheckReport {
    /// Pages that were read.
    pub page_count: u64,
    /// Problems found.
    pub problem_count: u64,
    /// The first hundred of them.
    pub problems: Vec<TableError>,
}

impl CheckReport {
    /// Whether everything is as it should be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.problem_count == 0
    }

    fn add(&mut self, problem: TableError) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }
}

/// Reads everything and compares it. Batches wait meanwhile; reads do not.
pub(crate) fn check(
    core: &Core,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<CheckReport, TableError> {
    let mut writer = core.writer.lock();
    if let Some(batch) = writer.prepared {
        return Err(TableError::SwitchPending { batch });
    }
    if core.check_poison().is_ok() {
        settle::settle(core, &mut writer)?;
    }
    let view = writer.batch;
    let mut report = CheckReport::default();
    check_maps(core, &writer.names, &mut report)?;
    let total = core.set.read().live_count();
    progress(0, total);
    let numbers: Vec<u64> = {
        let set = core.set.read();
        let live = set.tables.iter().filter(|table| table.role != Role::Lingering);
        live.map(|table| table.file.number).collect()
    };
    for number in numbers {
        let mut from = 0;
        loop {
            let chunk = next_chunk(core, number, from);
            let Some(last) = chunk.last() else { break };
            let end = last.bucket.checked_add(1);
            check_chunk(core, view, chunk, &mut report)?;
            progress(report.page_count, total);
            match end {
                Some(end) => from = end,
                None => break,
            }
        }
    }
    Ok(report)
}

/// Reads the maps as a recovery would, and compares them with those in memory.
fn check_maps(
    core: &Core,
    names: &crate::TableNames,
    report: &mut CheckReport,
) -> Result<(), TableError> {
    let start = match recovery::recover(&*core.directory, names, core.faults()) {
        Ok(start) => start,
        Err(error @ TableError::Io(_)) => return Err(error),
        Err(problem) => {
            report.add(problem);
            return Ok(());
        }
    };
    let set = core.set.read();
    for table in &start.set.tables {
        let pages = 0..table.buckets.geometry().meta_page_count();
        let Some(open) = set.get(table.file.number) else { continue };
        for page in pages.filter(|page| open.buckets.page(*page) != table.buckets.page(*page)) {
            let offset_bytes = table.file.geometry.meta_page_offset(page);
            let reason = "the meta page is not the one in memory";
            report.add(TableError::corrupt(table.file.name(), offset_bytes, reason));
        }
    }
    Ok(())
}

fn next_chunk(core: &Core, number: u64, from: u32) -> Vec<Candidate> {
    let set = core.set.read();
    let Some(table) = set.get(number) else { return Vec::new() };
    let candidate = |bucket| Candidate { file: Arc::clone(&table.file), bucket };
    table.buckets.live_from(from).take(CHUNK_PAGES).map(candidate).collect()
}

fn check_chunk(
    core: &Core,
    view: u64,
    chunk: Vec<Candidate>,
    report: &mut CheckReport,
) -> Result<(), TableError> {
    report.page_count += to_u64(chunk.len());
    read_all(core, chunk)?.into_iter().try_for_each(|read| match read {
        Ok(page) => check_page(core, view, &page, report),
        Err(broken) => {
            report.add(broken.into());
            Ok(())
        }
    })
}

/// The page must be where a search finds it, and nowhere else.
fn check_page(
    core: &Core,
    view: u64,
    page: &Page,
    report: &mut CheckReport,
) -> Result<(), TableError> {
    let fingerprint = Fingerprint::of(core.salt, page.id());
    let (candidates, site) = {
        let set = core.set.read();
        let Some(table) = set.get(page.place().table) else { return Ok(()) };
        let site =
            (table.file.name().to_owned(), table.file.geometry.bucket_offset(page.place().bucket));
        let mut path = Path::new(fingerprint, table.buckets.geometry());
        let meta_byte = fingerprint.meta_byte();
        let mut matches =
            core::iter::from_fn(|| table.buckets.next_match(&mut path, meta_byte, view));
        if !matches.any(|bucket| bucket == page.place().bucket) {
            let reason = "no search finds the page: it is not on its path, or has another tag";
            report.add(TableError::corrupt(&site.0, site.1, reason));
        }
        (set.all(fingerprint, view), site)
    };
    for candidate in candidates.into_iter().filter(|candidate| candidate.place() != page.place()) {
        match read_page(core, candidate)? {
            Ok(other) if other.id() == page.id() => {
                let reason = "the page is in the table twice";
                report.add(TableError::corrupt(&site.0, site.1, reason));
            }
            // Damage is reported when its own turn comes.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}
