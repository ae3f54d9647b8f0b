//! Opening tables by the names in a manifest. Nothing is written before the next batch.

use crate::buckets::Buckets;
use crate::core::Start;
use crate::error::TableError;
use crate::faults::Faults;
use crate::file::{self, RUN_PAGES, TableFile, number_of};
use crate::format::names::{SwitchName, TableNames};
use crate::format::record::{self, RecordHeader};
use crate::format::{CONTENT_BYTES, meta};
use crate::ledger::{Ledger, Writer, digest};
use crate::set::{OpenTable, Role, TableSet};
use crate::units::{index, to_u32, to_u64};
use bmt_io::{Directory, PAGE_SIZE};
use std::sync::Arc;

/// A table as it was read.
struct Recovered {
    ledger: Ledger,
    buckets: Buckets,
}

/// A whole record: its header, and its meta pages with their checksums, as they lie in the area.
struct Record {
    header: RecordHeader,
    checksum: u64,
    indexes: Vec<u32>,
    pages: Vec<u8>,
}

/// Reads the tables that a manifest names.
pub(crate) fn recover(
    directory: &dyn Directory,
    names: &TableNames,
    faults: Faults,
) -> Result<Start, TableError> {
    let mut recovered = Vec::new();
    for name in names.each() {
        let file = TableFile::open(directory, name.table, faults)?;
        recovered.push(recover_table(Arc::new(file), name, faults)?);
    }
    let salt = recovered[0].ledger.file.salt;
    if let Some(other) = recovered.iter().find(|table| table.ledger.file.salt != salt) {
        let reason = "the tables of one manifest have different salts";
        return Err(TableError::corrupt(other.ledger.file.name(), 0, reason));
    }
    let (strays, next_number) = strays(directory, names)?;
    let (mut ledgers, mut tables) = (Vec::new(), Vec::new());
    for (table, role) in recovered.into_iter().zip([Role::Target, Role::Source]) {
        let file = Arc::clone(&table.ledger.file);
        tables.push(OpenTable { file, role, buckets: table.buckets });
        ledgers.push(table.ledger);
    }
    let batch = names.batch();
    let writer = Writer { ledgers, batch, prepared: None, next_number, names: *names };
    Ok(Start { salt, writer, set: TableSet { tables, moved_below: 0 }, strays })
}

/// The files with a name of ours that no manifest names, and the first number that no file has.
pub(crate) fn strays(
    directory: &dyn Directory,
    names: &TableNames,
) -> Result<(Vec<String>, u64), TableError> {
    let mut next_number = names.each().map(|name| name.table + 1).max().unwrap_or(1);
    let mut strays = Vec::new();
    for entry in directory.entries()? {
        let Some(number) = number_of(&entry) else { continue };
        next_number = next_number.max(number.saturating_add(1));
        if names.each().all(|name| name.table != number) {
            strays.push(entry);
        }
    }
    Ok((strays, next_number))
}

fn recover_table(
    file: Arc<TableFile>,
    name: SwitchName,
    faults: Faults,
) -> Result<Recovered, TableError> {
    let record = match (name.area, faults.applies_any_record()) {
        (_, true) => newest_record(&file, faults),
        (Some(area), _) => Some(named_record(&file, name, area, faults)?),
        (None, _) => None,
    };
    let mut map = Vec::new();
    let mut checksums = Vec::new();
    read_map(&file, record.as_ref(), faults, &mut map, &mut checksums)?;
    let mut ledger = Ledger { file, name, checksums, unsettled: Vec::new() };
    let expected_digest = match &record {
        Some(record) => record.header.map_digest,
        None => digest_of_empty(&ledger.file),
    };
    let corrupt = |reason| {
        let offset_bytes = ledger.file.geometry.meta_page_offset(0);
        TableError::corrupt(ledger.file.name(), offset_bytes, reason)
    };
    if !faults.ignores_checksums() && digest(&ledger.checksums) != expected_digest {
        return Err(corrupt("the meta map is not the one that the record in force leaves"));
    }
    let buckets = Buckets::from_map(ledger.file.geometry, map);
    let expected_count = record.as_ref().map_or(0, |record| record.header.live_count);
    if !faults.ignores_checksums() && buckets.live_count() != expected_count {
        return Err(corrupt("the meta map has another number of pages than the record in force"));
    }
    if let Some(record) = record
        && !faults.skips_settling_after_recovery()
    {
        ledger.unsettled = record.indexes;
    }
    Ok(Recovered { ledger, buckets })
}

fn digest_of_empty(file: &TableFile) -> u64 {
    let pages = 0..file.geometry.meta_page_count();
    digest(&pages.map(|page| file.checksum_of_empty_page(page)).collect::<Vec<_>>())
}

/// Reads the record that a name says (INV-BB-05).
fn named_record(
    file: &TableFile,
    name: SwitchName,
    area: u32,
    faults: Faults,
) -> Result<Record, TableError> {
    let record = read_record(file, area, faults)?;
    let is_named = record.header.batch == name.batch && record.checksum == name.checksum;
    if !is_named && !faults.ignores_checksums() {
        let reason = "the switch record is whole, and not the one that the manifest names";
        return Err(TableError::corrupt(file.name(), file.geometry.area_offset(area), reason));
    }
    Ok(record)
}

/// A deliberate fault: the newest whole record of both areas.
fn newest_record(file: &TableFile, faults: Faults) -> Option<Record> {
    let records = [0, 1].into_iter().filter_map(|area| read_record(file, area, faults).ok());
    records.max_by_key(|record| record.header.batch)
}

fn read_record(file: &TableFile, area: u32, faults: Faults) -> Result<Record, TableError> {
    let area_at = file.geometry.area_offset(area);
    let damaged = |damage| TableError::damaged(file.name(), area_at, damage);
    let corrupt = |reason| TableError::corrupt(file.name(), area_at, reason);
    let mut page = [0; PAGE_SIZE];
    file::read(&*file.file, &mut page, area_at)?;
    let header = RecordHeader::decode(&page).map_err(damaged)?;
    if header.page_count > file.geometry.meta_page_count() {
        return Err(corrupt("the switch record has more pages than the meta map"));
    }
    let mut pages = vec![0; index(header.page_count) * PAGE_SIZE];
    file::read(&*file.file, &mut pages, area_at + to_u64(PAGE_SIZE))?;
    let stored: Vec<u64> = pages.chunks_exact(PAGE_SIZE).map(meta::stored_checksum).collect();
    let checksum = record::verify(&page, file.salt, &stored, faults.ignores_checksums());
    let checksum = checksum.map_err(damaged)?;
    if header.number != file.number || header.area != area {
        return Err(corrupt("the switch record is of another place"));
    }
    let mut indexes = Vec::with_capacity(stored.len());
    for (at, page) in pages.chunks_exact(PAGE_SIZE).enumerate() {
        let offset_bytes = area_at + to_u64((1 + at) * PAGE_SIZE);
        let found = decode_meta(file, page, offset_bytes, faults)?;
        if indexes.last().is_some_and(|last| *last >= found) {
            let reason = "the pages of the switch record are not in order";
            return Err(TableError::corrupt(file.name(), offset_bytes, reason));
        }
        indexes.push(found);
    }
    Ok(Record { header, checksum, indexes, pages })
}

/// Reads the meta map; pages that the record has count instead of those in the map.
fn read_map(
    file: &TableFile,
    record: Option<&Record>,
    faults: Faults,
    map: &mut Vec<u8>,
    checksums: &mut Vec<u64>,
) -> Result<(), TableError> {
    let page_count = index(file.geometry.meta_page_count());
    map.reserve_exact(page_count * CONTENT_BYTES);
    let mut in_record = record.into_iter().flat_map(|record| {
        record.indexes.iter().copied().zip(record.pages.chunks_exact(PAGE_SIZE))
    });
    let mut next = in_record.next();
    for first in (0..page_count).step_by(RUN_PAGES) {
        let run = first..page_count.min(first + RUN_PAGES);
        let mut bytes = vec![0; run.len() * PAGE_SIZE];
        let run_at = file.geometry.meta_page_offset(to_u32(to_u64(first)));
        file::read(&*file.file, &mut bytes, run_at)?;
        for (page, at) in bytes.chunks_exact(PAGE_SIZE).zip(run) {
            let at = to_u32(to_u64(at));
            let offset_bytes = file.geometry.meta_page_offset(at);
            let page = match next {
                Some((index, page)) if index == at => {
                    next = in_record.next();
                    page
                }
                _ => {
                    if decode_meta(file, page, offset_bytes, faults)? != at {
                        let reason = "the meta page is of another place";
                        return Err(TableError::corrupt(file.name(), offset_bytes, reason));
                    }
                    page
                }
            };
            let bytes = meta::bytes_of(page)
                .map_err(|damage| TableError::damaged(file.name(), offset_bytes, damage))?;
            map.extend_from_slice(bytes);
            checksums.push(meta::stored_checksum(page));
        }
    }
    check_end(file, map)
}

fn decode_meta(
    file: &TableFile,
    page: &[u8],
    offset_bytes: u64,
    faults: Faults,
) -> Result<u32, TableError> {
    let found = meta::decode(page, file.salt, file.number, faults.ignores_checksums())
        .map_err(|damage| TableError::damaged(file.name(), offset_bytes, damage))?;
    if found >= file.geometry.meta_page_count() {
        let reason = "a meta page past the end of the table";
        return Err(TableError::corrupt(file.name(), offset_bytes, reason));
    }
    Ok(found)
}

/// Bytes past the last bucket are zero.
fn check_end(file: &TableFile, map: &[u8]) -> Result<(), TableError> {
    let bucket_count = crate::units::to_usize(file.geometry.bucket_count());
    if map[bucket_count..].iter().any(|byte| *byte != 0) {
        let last = file.geometry.meta_page_offset(file.geometry.meta_page_count() - 1);
        let reason = "the meta map has bytes past the last bucket";
        return Err(TableError::corrupt(file.name(), last, reason));
    }
    Ok(())
}
