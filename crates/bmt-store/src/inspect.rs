//! Looking into the files of a database without opening it: [`inspect`].
//!
//! The formats are those of `docs/format/`. Nothing is written and no lock is taken, so it works on a
//! damaged database, and on one that is open elsewhere; what is being written then may look torn.
#![deny(clippy::indexing_slicing)]

mod item;
mod log;
mod manifest;
mod raw;
mod table;
mod tree;

pub use item::{Field, Item, ItemKind, ItemState};
pub(crate) use manifest::read_slots;
pub(crate) use table::{file_name as table_file_name, live_images};

use crate::manifest::Manifest;
use bmt_io::{Directory, IoError};
use std::sync::Arc;

/// How much [`inspect`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct InspectOptions {
    /// Each record of the log, its payload compared with its checksum.
    pub records: bool,
    /// Each page of the ordered store and of the table.
    pub pages: bool,
    /// Whether an opening would accept the log, the ordered store and the table. Reads the log's segments,
    /// the index of the pages, and the map of the table.
    pub verdicts: bool,
}

impl InspectOptions {
    /// Headers, slots and verdicts.
    #[must_use]
    pub fn new() -> Self {
        Self { records: false, pages: false, verdicts: true }
    }

    /// Whether to tell of each record of the log.
    #[must_use]
    pub fn records(mut self, records: bool) -> Self {
        self.records = records;
        self
    }

    /// Whether to tell of each page.
    #[must_use]
    pub fn pages(mut self, pages: bool) -> Self {
        self.pages = pages;
        self
    }

    /// Whether to say what an opening would accept.
    #[must_use]
    pub fn verdicts(mut self, verdicts: bool) -> Self {
        self.verdicts = verdicts;
        self
    }
}

/// Hands over what the files in a directory say, one item after the other: each file, the manifest's slots,
/// headers, and what `options` ask for. Returns how many items are damaged. A file that can't be read is
/// an item that says so.
///
/// ```
/// use bmt_store::{Db, InspectOptions, inspect};
/// # let directory = tempfile::tempdir()?;
/// # let path = directory.path();
/// Db::open(path)?.close()?;
/// let directory = bmt_io::open_directory(path, &Default::default())?;
/// let damaged = inspect(&directory, InspectOptions::new(), |item| println!("{item}"))?;
/// assert_eq!(damaged, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// When the directory can't be listed.
pub fn inspect(
    directory: &Arc<dyn Directory>,
    options: InspectOptions,
    mut each: impl FnMut(Item),
) -> Result<u64, IoError> {
    let names = directory.entries()?;
    let mut damaged_count = 0;
    let mut emit = |item: Item| {
        damaged_count += u64::from(item.is_damaged());
        each(item);
    };
    let manifest = manifest::inspect(&**directory, &names, &mut emit);
    let inspector = Inspector { directory, options, manifest: manifest.as_ref() };
    log::inspect(&inspector, &names, &mut emit);
    tree::inspect(&inspector, &names, &mut emit);
    table::inspect(&inspector, &names, &mut emit);
    for name in names.iter().filter(|name| !is_known(name)) {
        emit(Item::new(name, 0, ItemKind::OtherFile));
    }
    Ok(damaged_count)
}

/// What the parts of an inspection have in common.
struct Inspector<'a> {
    directory: &'a Arc<dyn Directory>,
    options: InspectOptions,
    /// The newest manifest, if there is a valid one.
    manifest: Option<&'a Manifest>,
}

type Emit<'a> = &'a mut dyn FnMut(Item);

/// Whether a database can have a file of this name.
pub(crate) fn is_file_of_database(name: &str) -> bool {
    is_known(name) || name == crate::manifest::NEW_FILE || name.starts_with("seglog-")
}

fn is_known(name: &str) -> bool {
    name == crate::manifest::FILE
        || name == crate::layout::TREE_FILE
        || log::is_segment(name)
        || table::is_table(name)
}
