//! The header of a table's file.

use super::geometry::Geometry;
use super::{Damage, check_zeros, put, seal, start, u32_at, u64_at, verify};
use bmt_io::PAGE_SIZE;

const MAGIC: [u8; 8] = *b"bmt.bbox";
const SEED: u64 = 0x626f_7800_0000_0001;

/// What a table is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) number: u64,
    pub(crate) salt: u64,
    pub(crate) geometry: Geometry,
}

impl Header {
    pub(crate) fn encode(&self) -> [u8; PAGE_SIZE] {
        let mut page = [0; PAGE_SIZE];
        start(&mut page, MAGIC);
        put(&mut page, 24, self.number.to_le_bytes());
        put(&mut page, 32, self.salt.to_le_bytes());
        put(&mut page, 40, self.geometry.bits().to_le_bytes());
        seal(&mut page, SEED);
        page
    }

    pub(crate) fn decode(page: &[u8; PAGE_SIZE], ignore_checksum: bool) -> Result<Self, Damage> {
        verify(page, MAGIC, SEED, ignore_checksum)?;
        check_zeros(&page[44..])?;
        let geometry = Geometry::new(u32_at(page, 40))
            .ok_or(Damage::Invalid("the number of buckets is out of range"))?;
        Ok(Self { number: u64_at(page, 24), salt: u64_at(page, 32), geometry })
    }
}
