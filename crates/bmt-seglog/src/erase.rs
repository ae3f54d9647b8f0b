//! Erasing what lies past the end of the log: zeros, synced, in an order that a crash can stop
//! anywhere.

use crate::format::BLOCK_BYTES;
use crate::recovery::survey::{DirtyRange, FoundCut};
use bmt_io::{File, IoError};
use std::sync::Arc;

/// Zeros and syncs the first block of each file that is not live and is about to be zeroed.
///
/// The process may have died while a segment left the log, so the zeros that were read there may be in
/// the page cache alone. If the rest reached the device before them, the old header would come back
/// without its records (INV-LG-08).
pub(crate) fn bury(files: &[(Arc<dyn File>, u64)], ranges: &[DirtyRange]) -> Result<(), IoError> {
    for (file, len_bytes) in files {
        if ranges.iter().any(|range| Arc::ptr_eq(&range.file, file)) {
            file.zero_fill(0, BLOCK_BYTES.min(*len_bytes))?;
            file.sync_data()?;
        }
    }
    Ok(())
}

/// Zeros and syncs all ranges, but for the record of a cut, which goes in a second pass: while
/// anything past the cut is left, its record says why (INV-LG-10).
///
/// Returns how many `fdatasync` calls were made.
pub(crate) fn erase(ranges: &[DirtyRange], cut: Option<&FoundCut>) -> Result<u64, IoError> {
    let mut touched: Vec<&Arc<dyn File>> = Vec::new();
    for range in ranges {
        for (from, to) in without_cut(range, cut) {
            range.file.zero_fill(from, to - from)?;
        }
        if !touched.iter().any(|file| file.name() == range.file.name()) {
            touched.push(&range.file);
        }
    }
    for file in &touched {
        file.sync_data()?;
    }
    let mut sync_count = u64::try_from(touched.len()).unwrap_or(u64::MAX);
    if let Some(cut) = cut {
        cut.file.zero_fill(cut.offset_bytes, BLOCK_BYTES)?;
        cut.file.sync_data()?;
        sync_count += 1;
    }
    Ok(sync_count)
}

/// The parts of a range before and after the one block of the cut's record.
fn without_cut(range: &DirtyRange, cut: Option<&FoundCut>) -> Vec<(u64, u64)> {
    let inside = cut.filter(|cut| {
        cut.file.name() == range.file.name() && (range.from..range.to).contains(&cut.offset_bytes)
    });
    let Some(cut) = inside else { return vec![(range.from, range.to)] };
    let after = cut.offset_bytes + BLOCK_BYTES;
    let pieces = [(range.from, cut.offset_bytes), (after, range.to)];
    pieces.into_iter().filter(|(from, to)| from < to).collect()
}
