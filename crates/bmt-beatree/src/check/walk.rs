//! The walk over all pages that a check makes.

use super::{CheckReport, FINDINGS_MAX, LEAVES_AT_ONCE};
use crate::error::{Damage, TreeError};
use crate::index::{Node, Spot, search};
use crate::key::{Key, shared_bytes};
use crate::leaf_cache::LeafPage;
use crate::meta::{Counts, Meta};
use crate::page::branch::{self, Child};
use crate::page::leaf::{CellValue, Leaf, OverflowRef};
use crate::page::overflow::Extent;
use crate::page::{file_header, free_list};
use crate::reclaim::Reclaim;
use crate::tree_file::TreeFile;
use crate::units::{len_u32, len_u64, to_usize};

/// What was seen so far.
pub(super) struct Walk<'a, P> {
    file: &'a TreeFile,
    /// How often each page was reached, or is free.
    seen: Vec<u8>,
    counts: Counts,
    findings: Vec<TreeError>,
    progress: P,
    read_count: u64,
}

impl<'a, P: FnMut(u64, u64)> Walk<'a, P> {
    pub(super) fn new(file: &'a TreeFile, reclaim: &Reclaim, progress: P) -> Self {
        let seen = vec![0; to_usize(reclaim.space.end())];
        let counts = Counts {
            free_list_pages: len_u32(reclaim.list_pages.len()),
            free_pages: reclaim.space.free_count() + len_u32(reclaim.waiting_count()),
            ..Counts::default()
        };
        let mut walk = Self { file, seen, counts, findings: Vec::new(), progress, read_count: 0 };
        walk.reach(0);
        let free =
            reclaim.space.runs().into_iter().flat_map(|run| run.page..run.page + run.page_count);
        let pages: Vec<u32> =
            free.chain(reclaim.waiting()).chain(reclaim.list_pages.iter().copied()).collect();
        pages.into_iter().for_each(|page| walk.reach(page));
        walk
    }

    /// Counts a page; it must be in the file, and not have been counted before.
    fn reach(&mut self, page: u32) {
        match self.seen.get_mut(to_usize(page)) {
            Some(count) => {
                *count = count.saturating_add(1);
                if *count == 2 {
                    self.find(page, "reached twice, or in use and free (INV-BT-01)");
                }
            }
            None => self.find(page, "beyond the end of the file (INV-BT-01)"),
        }
    }

    fn find(&mut self, page: u32, what: &'static str) {
        self.findings.push(self.file.pages.damaged(page)(Damage::Layout(what)));
    }

    fn is_over(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }

    /// Keeps damage as a finding, lets other errors through.
    fn note<T>(&mut self, result: Result<T, TreeError>) -> Result<Option<T>, TreeError> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(error @ (TreeError::Corruption { .. } | TreeError::Unsupported { .. })) => {
                self.findings.push(error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn count_reads(&mut self, pages: usize) {
        self.read_count += len_u64(pages);
        (self.progress)(self.read_count, len_u64(self.seen.len()));
    }

    /// Reads the pages that are needed to open the tree, beside branch pages.
    pub(super) fn header_and_free_list(&mut self, meta: &Meta) -> Result<(), TreeError> {
        let pages = &self.file.pages;
        let header = pages.read(0).and_then(|bytes| {
            file_header::check(self.file.options.salt, &bytes).map_err(pages.damaged(0))
        });
        self.note(header)?;
        let mut at = meta.free_list;
        for _ in 0..meta.counts.free_list_pages {
            let Some(place) = at else { break };
            let page = pages.read(place.page).and_then(|bytes| {
                free_list::open(pages.seal, place, &bytes).map_err(pages.damaged(place.page))
            });
            at = self.note(page)?.and_then(|page| page.next);
            self.count_reads(1);
        }
        Ok(())
    }

    /// Compares every branch page with the node in memory.
    pub(super) fn branches(&mut self, node: &Node) -> Result<(), TreeError> {
        self.reach(node.place.page);
        self.counts.branch_pages += 1;
        let opened = self.file.pages.read(node.place.page).and_then(|bytes| {
            let branch = branch::open(self.file.pages.seal, node.place, &bytes);
            branch.map_err(self.file.pages.damaged(node.place.page))
        });
        self.count_reads(1);
        if let Some(branch) = self.note(opened)? {
            let child = |(separator, below): (Key, crate::index::Below)| Child {
                separator,
                place: below.place(),
            };
            let children: Vec<Child> = node.items().map(child).collect();
            if branch.children != children || branch.level != node.level {
                self.find(node.place.page, "the branch page is not what was loaded");
            }
        }
        for index in 0..node.child_count() {
            let Some(child) = node.node(index) else { break };
            if child.separator(0) != node.separator(index) {
                self.find(child.place.page, "first separator of a branch page (INV-BT-05)");
            }
            self.branches(child)?;
        }
        Ok(())
    }

    /// Reads every leaf below `root`.
    pub(super) fn leaves(&mut self, root: &Node) -> Result<(), TreeError> {
        let mut next = Some([0; 32]);
        while let Some(key) = next
            && !self.is_over()
        {
            let mut spots: Vec<Spot> = vec![search::locate(root, &key)];
            while spots.len() < LEAVES_AT_ONCE
                && let Some(high) = spots.last().and_then(|spot| spot.high)
            {
                spots.push(search::locate(root, &high));
            }
            next = spots.last().and_then(|spot| spot.high);
            self.leaf_batch(&spots)?;
        }
        Ok(())
    }

    fn leaf_batch(&mut self, spots: &[Spot]) -> Result<(), TreeError> {
        let pages: Vec<u32> = spots.iter().map(|spot| spot.leaf.page).collect();
        let mut leaves: Vec<Option<Result<LeafPage, TreeError>>> = Vec::new();
        leaves.resize_with(spots.len(), || None);
        let file = self.file;
        let read = file.pages.read_many(&pages, |index, bytes| {
            let place = spots[index].leaf;
            let leaf = Leaf::open(file.pages.seal, place, bytes);
            leaves[index] = Some(leaf.map_err(file.pages.damaged(place.page)));
            Ok(())
        });
        // A page that the file does not have ends the batch: what was read is still looked at.
        self.note(read)?;
        self.count_reads(spots.len());
        for (spot, leaf) in spots.iter().zip(leaves) {
            self.reach(spot.leaf.page);
            self.counts.leaf_pages += 1;
            if let Some(Some(leaf)) = leaf.map(|leaf| self.note(leaf)).transpose()? {
                self.leaf(spot, &leaf)?;
            }
        }
        Ok(())
    }

    fn leaf(&mut self, spot: &Spot, leaf: &LeafPage) -> Result<(), TreeError> {
        let count = leaf.cell_count();
        self.counts.entries += len_u64(count);
        let checked = leaf.check_keys(&spot.low, spot.high.as_ref());
        self.note(checked.map_err(self.file.pages.damaged(spot.leaf.page)))?;
        if shared_bytes(&leaf.key(0), &leaf.key(count - 1)) != leaf.prefix_len() {
            self.find(spot.leaf.page, "the prefix of a leaf is not all that its keys share");
        }
        for index in 0..count {
            if let CellValue::Overflow(value) = leaf.value(index) {
                self.overflow(&value)?;
            }
        }
        Ok(())
    }

    fn overflow(&mut self, value: &OverflowRef) -> Result<(), TreeError> {
        self.reach(value.head.page);
        self.counts.overflow_pages += 1;
        let head = self.file.overflow_head(value);
        let Some((head, _)) = self.note(head)? else { return Ok(()) };
        for page in head.extents.iter().flat_map(Extent::pages) {
            self.counts.overflow_pages += 1;
            self.reach(page);
        }
        let bytes = self.file.overflow_value(value);
        self.note(bytes)?;
        let pages: usize = head.extents.iter().map(|extent| to_usize(extent.page_count)).sum();
        self.count_reads(pages + 1);
        Ok(())
    }

    /// Pages that nothing names.
    pub(super) fn unreached(&mut self) {
        let lost: Vec<usize> =
            self.seen.iter().enumerate().filter(|(_, n)| **n == 0).map(|(at, _)| at).collect();
        for page in lost.into_iter().take(FINDINGS_MAX) {
            self.find(len_u32(page), "neither reached nor free (INV-BT-01)");
        }
    }

    pub(super) fn report(mut self, meta: &Meta) -> CheckReport {
        // A slice that was given up may have made the file longer, by free pages.
        self.counts.free_pages = meta.counts().free_pages;
        if self.findings.is_empty() && self.counts != meta.counts() {
            self.find(0, "the meta record counts other pages or entries");
        }
        CheckReport {
            findings: self.findings,
            counts: self.counts,
            page_count: len_u32(self.seen.len()),
        }
    }
}
