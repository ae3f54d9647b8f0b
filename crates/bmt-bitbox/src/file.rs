//! A table's file: its name, its creation, and reading what stands before the buckets.

use crate::error::TableError;
use crate::faults::Faults;
use crate::format::CONTENT_BYTES;
use crate::format::geometry::Geometry;
use crate::format::header::Header;
use crate::format::{PREFIX_BYTES, meta};
use crate::units::{index, to_u64};
use bmt_io::{Directory, File, IoError, PAGE_SIZE};
use std::sync::Arc;

/// What every table's file name begins with.
const NAME_PREFIX: &str = "bitbox-";
/// Hexadecimal digits of the number in it.
const NAME_DIGITS: usize = 16;

/// Pages that are read or written in one operation where they lie together.
pub(crate) const RUN_PAGES: usize = 32;

/// The file of one table.
#[derive(Debug)]
pub(crate) struct TableFile {
    pub(crate) file: Arc<dyn File>,
    pub(crate) number: u64,
    pub(crate) salt: u64,
    pub(crate) geometry: Geometry,
}

/// The name of a table's file.
pub(crate) fn name_of(number: u64) -> String {
    format!("{NAME_PREFIX}{number:016x}")
}

/// The number of the table whose file has this name.
pub(crate) fn number_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix(NAME_PREFIX).filter(|digits| digits.len() == NAME_DIGITS)?;
    u64::from_str_radix(digits, 16).ok().filter(|number| name_of(*number) == name)
}

impl TableFile {
    pub(crate) fn name(&self) -> &str {
        self.file.name()
    }

    /// Makes an empty table; the file and its name are durable when it returns (INV-BB-02). What a
    /// failure leaves behind is not named by any manifest, and is removed some time.
    pub(crate) fn create(
        directory: &dyn Directory,
        header: Header,
        faults: Faults,
    ) -> Result<Self, IoError> {
        let file = directory.create(&name_of(header.number))?;
        let Header { number, salt, geometry } = header;
        file.set_len(geometry.file_bytes())?;
        file.write_all_at(&header.encode(), 0)?;
        let page_count = index(geometry.meta_page_count());
        for first in (0..page_count).step_by(RUN_PAGES) {
            let run = first..page_count.min(first + RUN_PAGES);
            let mut bytes = vec![0; run.len() * PAGE_SIZE];
            for (page, at) in bytes.chunks_exact_mut(PAGE_SIZE).zip(run) {
                meta::seal_page(page, salt, number, crate::units::to_u32(to_u64(at)));
            }
            file.write_all_at(&bytes, to_u64((1 + first) * PAGE_SIZE))?;
        }
        let areas_at = geometry.area_offset(0);
        file.zero_fill(areas_at, geometry.area_offset(2) - areas_at)?;
        if !faults.skips_creation_sync() {
            file.sync_data()?;
        }
        if !faults.skips_directory_sync() {
            directory.sync()?;
        }
        Ok(Self { file, number, salt, geometry })
    }

    /// Opens a table and reads its header.
    pub(crate) fn open(
        directory: &dyn Directory,
        number: u64,
        faults: Faults,
    ) -> Result<Self, TableError> {
        let name = name_of(number);
        let file = match directory.open(&name) {
            Err(IoError::NotFound { .. }) => {
                return Err(TableError::corrupt(
                    &name,
                    0,
                    "the manifest names a file that is missing",
                ));
            }
            opened => opened?,
        };
        let mut page = [0; PAGE_SIZE];
        read(&*file, &mut page, 0)?;
        let header = Header::decode(&page, faults.ignores_checksums())
            .map_err(|damage| TableError::damaged(&name, 0, damage))?;
        if header.number != number {
            return Err(TableError::corrupt(&name, 0, "the header is of another table"));
        }
        let Header { salt, geometry, .. } = header;
        if file.len_bytes()? < geometry.file_bytes() {
            return Err(TableError::corrupt(&name, 0, "the file is too short for its buckets"));
        }
        Ok(Self { file, number, salt, geometry })
    }

    /// The digest of the map of a table without a record.
    pub(crate) fn checksum_of_empty_page(&self, page: u32) -> u64 {
        meta::page_checksum(&[meta::EMPTY; CONTENT_BYTES], self.salt, self.number, page)
    }

    /// Makes a meta page of meta bytes; its checksum.
    pub(crate) fn seal_meta_page(&self, page: &mut [u8], bytes: &[u8], at: u32) -> u64 {
        page[PREFIX_BYTES..].copy_from_slice(bytes);
        meta::seal_page(page, self.salt, self.number, at)
    }
}

/// Reads bytes that must be there: a file that ends before them is damaged.
pub(crate) fn read(file: &dyn File, bytes: &mut [u8], offset_bytes: u64) -> Result<(), TableError> {
    match file.read_exact_at(bytes, offset_bytes) {
        Err(IoError::UnexpectedEnd { .. }) => {
            Err(TableError::corrupt(file.name(), offset_bytes, "the file ends here"))
        }
        other => Ok(other?),
    }
}
