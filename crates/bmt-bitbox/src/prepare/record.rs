//! Writing a switch record.

use super::draft::Draft;
use crate::core::Core;
use crate::file::RUN_PAGES;
use crate::format::CONTENT_BYTES;
use crate::format::geometry::Geometry;
use crate::format::names::SwitchName;
use crate::format::record::RecordHeader;
use crate::ledger::Ledger;
use crate::queues::PageWriter;
use crate::stats::add;
use crate::units::{index, to_u32, to_u64};
use bmt_io::{IoError, PAGE_SIZE};

/// A record that is written: its name, and its meta pages with their checksums.
#[derive(Debug)]
pub(crate) struct RecordDraft {
    pub(crate) name: SwitchName,
    pub(crate) pages: Vec<(u32, u64)>,
}

/// Writes the record of one table to the area that the record in force does not use (INV-BB-04). It is
/// nothing until a manifest names it.
pub(crate) fn write(
    core: &Core,
    ledger: &Ledger,
    draft: &Draft<'_>,
    out: &mut PageWriter<'_>,
) -> Result<RecordDraft, IoError> {
    let (number, geometry) = (ledger.file.number, ledger.file.geometry);
    let area = if core.faults().uses_one_area() { 0 } else { ledger.name.other_area() };
    let area_at = geometry.area_offset(area);
    let edits = draft.edits(number);
    let mut changed: Vec<u32> = edits.map(|(at, _)| Geometry::meta_page_of(at)).collect();
    changed.dedup();

    let mut pages: Vec<(u32, u64)> = Vec::with_capacity(changed.len());
    let mut map_digest = ledger.digest();
    for run in changed.chunks(RUN_PAGES) {
        let mut buffer = out.buffer(run.len())?;
        for (page, at) in buffer.chunks_exact_mut(PAGE_SIZE).zip(run) {
            let bytes = meta_bytes(core, number, *at, draft);
            let checksum = ledger.file.seal_meta_page(page, &bytes, *at);
            let old = ledger.checksums[index(*at)];
            map_digest = map_digest.wrapping_sub(old).wrapping_add(checksum);
            if core.faults().writes_map_early() {
                let mut early = out.buffer(1)?;
                early.copy_from_slice(page);
                out.write(early, geometry.meta_page_offset(*at))?;
            }
            pages.push((*at, checksum));
        }
        let first = to_u64(pages.len() - run.len());
        out.write(buffer, area_at + (1 + first) * to_u64(PAGE_SIZE))?;
    }

    let header = RecordHeader {
        number,
        batch: draft.batch,
        area,
        page_count: to_u32(to_u64(pages.len())),
        map_digest,
        live_count: core.set.read().get(number).map_or(0, |table| draft.live_count_after(table)),
    };
    let checksums: Vec<u64> = pages.iter().map(|(_, checksum)| *checksum).collect();
    let (page, checksum) = header.encode(ledger.file.salt, &checksums);
    let mut buffer = out.buffer(1)?;
    buffer.copy_from_slice(&page);
    out.write(buffer, area_at)?;
    add(&core.counters.record_bytes, to_u64((1 + pages.len()) * PAGE_SIZE));
    let name = SwitchName { table: number, batch: draft.batch, checksum, area: Some(area) };
    Ok(RecordDraft { name, pages })
}

/// The meta bytes of a page with the edits made.
fn meta_bytes(core: &Core, number: u64, page: u32, draft: &Draft<'_>) -> Vec<u8> {
    let set = core.set.read();
    let Some(table) = set.get(number) else { unreachable!("a table with a ledger is open") };
    let mut bytes = table.buckets.page(page).to_vec();
    let first = page * to_u32(to_u64(CONTENT_BYTES));
    for (bucket, byte) in draft.edits_from(number, first) {
        match bytes.get_mut(index(bucket - first)) {
            Some(place) => *place = byte,
            None => break,
        }
    }
    bytes
}
