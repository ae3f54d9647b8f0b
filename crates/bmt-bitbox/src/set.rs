//! The tables that are open, and the search for a page in all of them.

use crate::buckets::Buckets;
use crate::file::TableFile;
use crate::format::meta::EMPTY;
use crate::page::Place;
use crate::probe::{Fingerprint, Path};
use std::sync::Arc;

/// What a table is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Gets all new pages.
    Target,
    /// Is being emptied into the target.
    Source,
    /// Has nothing that is live; pins need the rest.
    Lingering,
}

/// A table in memory.
#[derive(Debug)]
pub(crate) struct OpenTable {
    pub(crate) file: Arc<TableFile>,
    pub(crate) role: Role,
    pub(crate) buckets: Buckets,
}

/// All tables, the target first, then sources from new to old, then those that linger.
#[derive(Debug)]
pub(crate) struct TableSet {
    pub(crate) tables: Vec<OpenTable>,
    /// Pages whose home in the source is below this are most likely in the target. A guess that saves
    /// probes; nothing depends on it.
    pub(crate) moved_below: u64,
}

/// A bucket that may hold a page.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) file: Arc<TableFile>,
    pub(crate) bucket: u32,
}

impl Candidate {
    pub(crate) fn place(&self) -> Place {
        Place { table: self.file.number, bucket: self.bucket }
    }

    pub(crate) fn offset_bytes(&self) -> u64 {
        self.file.geometry.bucket_offset(self.bucket)
    }
}

impl TableSet {
    pub(crate) fn target(&self) -> &OpenTable {
        let Some(target) = self.tables.first() else { unreachable!("there is always a target") };
        target
    }

    pub(crate) fn target_mut(&mut self) -> &mut OpenTable {
        let Some(target) = self.tables.first_mut() else {
            unreachable!("there is always a target")
        };
        target
    }

    pub(crate) fn get(&self, number: u64) -> Option<&OpenTable> {
        self.tables.iter().find(|table| table.file.number == number)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut OpenTable> {
        self.tables.iter_mut().find(|table| table.file.number == number)
    }

    pub(crate) fn sources(&self) -> impl DoubleEndedIterator<Item = &OpenTable> {
        self.tables.iter().filter(|table| table.role == Role::Source)
    }

    /// Live pages in all tables.
    pub(crate) fn live_count(&self) -> u64 {
        self.tables.iter().map(|table| table.buckets.live_count()).sum()
    }

    /// The first bucket that may hold the page, as batch `view` sees it; and the number of meta bytes
    /// that were looked at.
    pub(crate) fn first(&self, fingerprint: Fingerprint, view: u64) -> (Option<Candidate>, u32) {
        let mut probe_count = 0;
        for table in self.in_likely_order(fingerprint) {
            let mut path = Path::new(fingerprint, table.buckets.geometry());
            let found = table.buckets.next_match(&mut path, fingerprint.meta_byte(), view);
            probe_count += path.probe_count();
            if let Some(bucket) = found {
                return (Some(Candidate { file: Arc::clone(&table.file), bucket }), probe_count);
            }
        }
        (None, probe_count)
    }

    /// Every bucket that may hold the page, as batch `view` sees it.
    pub(crate) fn all(&self, fingerprint: Fingerprint, view: u64) -> Vec<Candidate> {
        let mut found = Vec::new();
        for table in self.in_likely_order(fingerprint) {
            let mut path = Path::new(fingerprint, table.buckets.geometry());
            let meta_byte = fingerprint.meta_byte();
            while let Some(bucket) = table.buckets.next_match(&mut path, meta_byte, view) {
                found.push(Candidate { file: Arc::clone(&table.file), bucket });
            }
        }
        found
    }

    /// Whether a search for this page comes to a bucket. No bucket becomes empty again, so the answer is the
    /// same for as long as the bucket holds the page.
    pub(crate) fn leads_to(&self, fingerprint: Fingerprint, place: Place) -> bool {
        let Some(table) = self.get(place.table) else { return false };
        let mut path = Path::new(fingerprint, table.buckets.geometry());
        let end = path.find(|at| *at == place.bucket || table.buckets.byte(*at) == EMPTY);
        end == Some(place.bucket)
    }

    /// Forgets tables that linger for nothing; the names of their files.
    pub(crate) fn take_unneeded(&mut self) -> Vec<String> {
        let is_unneeded = |table: &mut OpenTable| {
            table.role == Role::Lingering && table.buckets.pinned_count() == 0
        };
        self.tables.extract_if(.., is_unneeded).map(|table| table.file.name().to_owned()).collect()
    }

    fn in_likely_order(&self, fingerprint: Fingerprint) -> impl Iterator<Item = &OpenTable> {
        let source = self.tables.get(1).filter(|table| table.role == Role::Source);
        let source_first = source.is_some_and(|source| {
            u64::from(fingerprint.home(source.buckets.geometry())) >= self.moved_below
        });
        let split = if source_first { 2 } else { 0 };
        let (swapped, rest) = self.tables.split_at(split);
        swapped.iter().rev().chain(rest)
    }
}
