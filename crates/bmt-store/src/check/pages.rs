//! The pages' part of a check: ordered store and table, in use and on disk, and the pages that nothing names.

use super::finding::Hex;
use super::{Check, CheckError, CheckPart, Finding, FindingKind};
use crate::error::{Corruption, ReadError};
use crate::inspect::{live_images, table_file_name};
use crate::layout::{Part, TREE_FILE, salt_of};
use bmt_beatree::{Damage, Tree, TreeError, TreeOptions};
use bmt_bitbox::TableError;
use bmt_core::Scheme;
use bmt_io::PAGE_SIZE;
use bmt_merkle::{Merkle, MerkleError, MerkleOptions, PageId};
use std::collections::HashSet;
use std::sync::Arc;

/// Memory for pages of the trie, and for leaves, that are read to be checked.
const CACHE_BYTES: usize = 4 << 20;

impl<S: Scheme> Check<'_, S> {
    pub(super) fn ordered_store(&mut self) -> Result<(), CheckError> {
        let part = CheckPart::OrderedStore;
        let index = self.version.view.tree.index();
        self.begin(part, u64::from(index.meta().page_count()));
        let progress = &mut self.progress;
        let checked = self.engine.tree.check(index, |done, total| {
            progress(super::CheckProgress { part, done, total });
        });
        match checked {
            Ok(report) => {
                self.report.store_page_count = u64::from(report.page_count);
                report.findings.into_iter().try_for_each(|found| self.store_damage(found))?;
            }
            Err(error) => self.store_damage(error)?,
        }
        self.ordered_store_on_disk()
    }

    /// Reads index and free list once more, as an opening would: those in memory may hide damage.
    fn ordered_store_on_disk(&mut self) -> Result<(), CheckError> {
        let Some(state) = &self.manifest.state else { return Ok(()) };
        let (stored, used) = (state.tree, self.version.view.tree.index().meta());
        if stored != used {
            let reason = "the pages in use are not those that the manifest names";
            let finding = Finding::new(FindingKind::StorePage, TREE_FILE, reason);
            self.find(finding.instead(stored.generation(), used.generation()));
        }
        let options = TreeOptions {
            file_name: TREE_FILE.to_owned(),
            leaf_cache_bytes: CACHE_BYTES,
            ..TreeOptions::new(salt_of(self.manifest.salt, Part::Tree), S::hash_value)
        };
        match Tree::open(Arc::clone(&self.engine.directory), options, &stored) {
            Ok(_) => Ok(()),
            Err(error) => self.store_damage(error),
        }
    }

    fn store_damage(&mut self, error: TreeError) -> Result<(), CheckError> {
        match error {
            TreeError::Corruption { file, page, damage } => {
                let finding = Finding::new(FindingKind::StorePage, &file, damage.to_string());
                let finding = finding.at(u64::from(page) * PAGE_SIZE as u64);
                self.find(match damage {
                    Damage::Checksum { expected, found } => {
                        finding.instead(format!("{expected:#018x}"), format!("{found:#018x}"))
                    }
                    _ => finding,
                });
                Ok(())
            }
            TreeError::SliceOpen => Err(CheckError::Unknown { reason: error.to_string() }),
            other => self.find_damage(FindingKind::StorePage, ReadError::from(other)),
        }
    }

    pub(super) fn table(&mut self) -> Result<(), CheckError> {
        let part = CheckPart::Table;
        self.begin(part, self.engine.table.stats().page_count);
        let progress = &mut self.progress;
        let checked = self.engine.table.check(|done, total| {
            progress(super::CheckProgress { part, done, total });
        });
        match checked {
            Ok(report) => {
                self.report.table_page_count = report.page_count;
                let unlisted = report.problem_count.saturating_sub(report.problems.len() as u64);
                for problem in report.problems {
                    self.find_damage(FindingKind::TablePage, ReadError::from(problem))?;
                }
                self.report.finding_count += unlisted;
            }
            Err(error @ TableError::SwitchPending { .. }) => {
                return Err(CheckError::Unknown { reason: error.to_string() });
            }
            Err(error) => self.find_damage(FindingKind::TablePage, ReadError::from(error))?,
        }
        self.stored_trie()
    }

    /// Loads every page of the trie that the manifest names, each compared with the checksum and the hash that
    /// its parent has; and compares the pages with those of the table.
    fn stored_trie(&mut self) -> Result<(), CheckError> {
        let Some(state) = &self.manifest.state else { return Ok(()) };
        let names = self.engine.table.names();
        let file = table_file_name(names.target.table);
        if names != state.table {
            let reason = "the table in use is not what the manifest names";
            let finding = Finding::new(FindingKind::TablePage, &file, reason);
            self.find(finding.instead(state.table.target.batch, names.target.batch));
        }
        let (expected, held) = match self.stored_pages(|_| {}) {
            Ok(count) => (count, self.engine.table.stats().page_count),
            Err(error) => return self.trie_damage(&file, error),
        };
        if expected == held {
            return Ok(());
        }
        let reason = "the table has other pages than the stored trie";
        let finding = Finding::new(FindingKind::PageCount, &file, reason);
        self.find(finding.instead(expected, held));
        let mut needed: HashSet<PageId> = HashSet::new();
        if let Err(error) = self.stored_pages(|id| needed.extend([*id])) {
            return self.trie_damage(&file, error);
        }
        for table in std::iter::once(names.target).chain(names.source) {
            self.leaked(&table_file_name(table.table), &needed)?;
        }
        Ok(())
    }

    /// Hands over the id of each page that the manifest's trie has; how many there are.
    fn stored_pages(&self, mut each: impl FnMut(&PageId)) -> Result<u64, MerkleError> {
        let state = self.manifest.state.as_ref();
        let Some((state, page)) = state.and_then(|state| Some((state, state.root_page?))) else {
            return Ok(0);
        };
        let mut options = MerkleOptions::default();
        (options.cache_bytes, options.threads) = (CACHE_BYTES, 1);
        // An engine of its own, with nothing in memory: what is on disk counts.
        let merkle = Merkle::<S>::new(*self.engine.merkle.shape(), options)?;
        let pin = self.engine.pins.pin(state.position.sequence);
        let mut count = 0;
        merkle.for_each_page_id(&bmt_merkle::Version::stored(&page), &*pin, |id| {
            count += 1;
            each(id);
        })?;
        Ok(count)
    }

    pub(super) fn trie_damage(&mut self, file: &str, error: MerkleError) -> Result<(), CheckError> {
        let reason = error.to_string();
        match ReadError::from(error) {
            // It names the page by its id, and no place.
            ReadError::Corruption(Corruption { offset_bytes: 0, .. }) => {
                self.find(Finding::new(FindingKind::TriePage, file, reason));
                Ok(())
            }
            other => self.find_damage(FindingKind::TriePage, other),
        }
    }

    /// Names the live pages of a table's file that are not needed.
    fn leaked(&mut self, file: &str, needed: &HashSet<PageId>) -> Result<(), CheckError> {
        let directory = Arc::clone(&self.engine.directory);
        live_images(&*directory, file, |offset_bytes, id| {
            if !needed.contains(id) {
                let reason = format!("nothing names page {}", Hex(id));
                self.find(Finding::new(FindingKind::LeakedPage, file, reason).at(offset_bytes));
            }
        })?;
        Ok(())
    }
}
