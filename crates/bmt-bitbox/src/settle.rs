//! What a committed batch leaves to do on disk: pages of the map, and files that nobody needs.

use crate::core::Core;
use crate::error::TableError;
use crate::ledger::{Ledger, Writer};
use crate::units::index;
use bmt_io::IoError;

/// Writes the meta pages of the records in force to the maps (INV-BB-03). The next batch's sync makes them
/// durable before it reuses a record's area (INV-BB-04).
pub(crate) fn settle(core: &Core, writer: &mut Writer) -> Result<(), TableError> {
    core.check_poison()?;
    for ledger in &mut writer.ledgers {
        if !ledger.unsettled.is_empty() {
            write_pages(core, ledger).map_err(|error| core.write_failed(error))?;
            ledger.unsettled.clear();
        }
    }
    Ok(())
}

fn write_pages(core: &Core, ledger: &Ledger) -> Result<(), IoError> {
    let file = &ledger.file;
    let mut out = core.page_writer(&file.file)?;
    for page in &ledger.unsettled {
        let mut buffer = out.buffer(1)?;
        let checksum = {
            let set = core.set.read();
            let Some(table) = set.get(file.number) else {
                unreachable!("a table with a ledger is open")
            };
            file.seal_meta_page(&mut buffer, table.buckets.page(*page), *page)
        };
        assert_eq!(checksum, ledger.checksums[index(*page)], "INV-BB-03: the map is the record's");
        out.write(buffer, file.geometry.meta_page_offset(*page))?;
    }
    out.drain()
}

/// Removes files as far as it goes; the rest stays for the next time. A removal need not be durable: a file
/// that comes back is not named.
///
/// No batch waits for it, since a large file can take a file system seconds.
pub(crate) fn remove_strays(core: &Core) {
    let strays = core::mem::take(&mut *core.strays.lock());
    for name in strays {
        match core.directory.remove(&name) {
            Ok(()) | Err(IoError::NotFound { .. }) => {}
            Err(_) => core.strays.lock().push(name),
        }
    }
}
