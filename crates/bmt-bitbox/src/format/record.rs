//! The header of a switch record.

use super::{CHECKSUM_AT, COVERED_FROM, check_magic, check_version, check_zeros, checksum_of};
use super::{Damage, put, start, u32_at, u64_at};
use bmt_io::{PAGE_SIZE, checksum};

const MAGIC: [u8; 8] = *b"bmt.swch";

/// What a switch record says beside its meta pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    /// The table's number.
    pub(crate) number: u64,
    pub(crate) batch: u64,
    pub(crate) area: u32,
    pub(crate) page_count: u32,
    pub(crate) map_digest: u64,
    pub(crate) live_count: u64,
}

impl RecordHeader {
    /// The header page of a record whose meta pages have these checksums, and the record's checksum.
    pub(crate) fn encode(&self, salt: u64, page_checksums: &[u64]) -> ([u8; PAGE_SIZE], u64) {
        let mut page = [0; PAGE_SIZE];
        start(&mut page, MAGIC);
        put(&mut page, 24, self.number.to_le_bytes());
        put(&mut page, 32, self.batch.to_le_bytes());
        put(&mut page, 40, self.area.to_le_bytes());
        put(&mut page, 44, self.page_count.to_le_bytes());
        put(&mut page, 48, self.map_digest.to_le_bytes());
        put(&mut page, 56, self.live_count.to_le_bytes());
        let sum = record_checksum(salt, &page, page_checksums);
        put(&mut page, CHECKSUM_AT, sum.to_le_bytes());
        (page, sum)
    }

    /// The fields of a header page. They mean something only once [`verify`] has agreed.
    pub(crate) fn decode(page: &[u8; PAGE_SIZE]) -> Result<Self, Damage> {
        check_magic(page, MAGIC)?;
        Ok(Self {
            number: u64_at(page, 24),
            batch: u64_at(page, 32),
            area: u32_at(page, 40),
            page_count: u32_at(page, 44),
            map_digest: u64_at(page, 48),
            live_count: u64_at(page, 56),
        })
    }
}

/// Checks a whole record: the header page, with the checksums of the meta pages that follow it.
pub(crate) fn verify(
    page: &[u8; PAGE_SIZE],
    salt: u64,
    page_checksums: &[u64],
    ignore_checksum: bool,
) -> Result<u64, Damage> {
    let found = checksum_of(page);
    if !ignore_checksum && found != record_checksum(salt, page, page_checksums) {
        return Err(Damage::Invalid("the checksum of the switch record is wrong"));
    }
    check_version(page)?;
    check_zeros(&page[64..])?;
    Ok(found)
}

fn record_checksum(salt: u64, page: &[u8; PAGE_SIZE], page_checksums: &[u64]) -> u64 {
    let mut covered = page[COVERED_FROM..].to_vec();
    covered.extend(page_checksums.iter().flat_map(|sum| sum.to_le_bytes()));
    checksum(salt, &covered)
}
