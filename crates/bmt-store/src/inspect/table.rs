//! Files of the table of the trie's pages; `docs/format/bitbox.md`.

use super::raw::{Page, Raw, read_page};
use super::{Emit, Inspector, Item, ItemKind};
use crate::layout::{Part, salt_of};
use bmt_bitbox::{Table, TableError, TableNames, TableOptions};
use bmt_io::{Directory, File, IoError, PAGE_SIZE};
use std::sync::Arc;

const PREFIX: &str = "bitbox-";
const HEADER_SEED: u64 = 0x626f_7800_0000_0001;
const IMAGE_SEED: u64 = 0x7061_6765_0000_0001;
/// Bytes of the map in a page of it.
const MAP_BYTES: u64 = 4032;
const MAP_AT: usize = 64;
const LIVE: u8 = 0x80;

/// Whether a file of this name is a table.
pub(super) fn is_table(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|digits| digits.len() == 16)
}

/// The name of a table's file.
pub(crate) fn file_name(number: u64) -> String {
    format!("{PREFIX}{number:016x}")
}

pub(super) fn inspect(inspector: &Inspector<'_>, names: &[String], emit: Emit<'_>) {
    let named = inspector.manifest.and_then(|manifest| Some(manifest.state.as_ref()?.table));
    for name in names.iter().filter(|name| is_table(name)) {
        let told = inspector.directory.open(name).and_then(|file| {
            let reader = TableFile { name, file: &*file, pages: inspector.options.pages };
            reader.inspect(named.as_ref(), emit)
        });
        if let Err(error) = told {
            emit(Item::new(name, 0, ItemKind::TableFile).unreadable(&error));
        }
    }
    if inspector.options.verdicts {
        verdict(inspector, named.as_ref(), emit);
    }
}

/// Whether an opening would accept the tables that the manifest names.
fn verdict(inspector: &Inspector<'_>, named: Option<&TableNames>, emit: Emit<'_>) {
    let (Some(manifest), Some(named)) = (inspector.manifest, named) else {
        let item = Item::new(PREFIX, 0, ItemKind::TableVerdict);
        emit(item.unused("no manifest names a table"));
        return;
    };
    let item = Item::new(&file_name(named.target.table), 0, ItemKind::TableVerdict);
    let options = TableOptions::new(salt_of(manifest.salt, Part::Table));
    emit(match Table::recover(Arc::clone(inspector.directory), named, options) {
        Ok(table) => {
            let stats = table.stats();
            item.with("pages", stats.page_count).with("buckets", stats.bucket_count)
        }
        Err(TableError::Io(error)) => item.unreadable(&error),
        Err(error) => item.damaged(error.to_string()),
    });
}

struct TableFile<'a> {
    name: &'a str,
    file: &'a dyn File,
    pages: bool,
}

/// Where things lie.
#[derive(Clone, Copy)]
struct Geometry {
    bucket_count: u64,
    /// Pages of the map.
    map_pages: u64,
}

impl Geometry {
    fn new(bits: u32) -> Option<Self> {
        let bucket_count = (4..=31).contains(&bits).then(|| 1_u64 << bits)?;
        Some(Self { bucket_count, map_pages: bucket_count.div_ceil(MAP_BYTES) })
    }

    fn map_offset(self, page: u64) -> u64 {
        (1 + page) * PAGE_SIZE as u64
    }

    fn area_offset(self, area: u64) -> u64 {
        (1 + self.map_pages + area * (1 + self.map_pages)) * PAGE_SIZE as u64
    }

    fn bucket_offset(self, bucket: u64) -> u64 {
        self.area_offset(2) + bucket * PAGE_SIZE as u64
    }
}

impl TableFile<'_> {
    fn item(&self, offset_bytes: u64, kind: ItemKind) -> Item {
        Item::new(self.name, offset_bytes, kind)
    }

    fn inspect(&self, named: Option<&TableNames>, emit: Emit<'_>) -> Result<(), IoError> {
        let item = self.item(0, ItemKind::TableFile).with("file bytes", self.file.len_bytes()?);
        let Some(header) = read_page(self.file, 0)? else {
            emit(item.damaged("it is shorter than a page"));
            return Ok(());
        };
        let raw = Raw(&header);
        let geometry = Geometry::new(raw.u32(40));
        let is_whole = is_whole(&raw, b"bmt.bbox", HEADER_SEED);
        let (Some(geometry), true) = (geometry, is_whole) else {
            emit(item.damaged("its header does not check"));
            return Ok(());
        };
        let (number, salt) = (raw.u64(24), raw.u64(32));
        let role = match named {
            Some(names) if names.target.table == number => "target",
            Some(names) if names.source.is_some_and(|source| source.table == number) => "source",
            Some(_) => "unnamed",
            None => "unknown",
        };
        let item = item.with("number", number).with("buckets", geometry.bucket_count);
        emit(item.with("role", role));
        for area in 0..2 {
            let offset_bytes = geometry.area_offset(area);
            if let Some(page) = read_page(self.file, offset_bytes)? {
                emit(self.record(offset_bytes, &Raw(&page)));
            }
        }
        self.map(geometry, salt, emit)
    }

    /// A switch record's header; its checksum covers pages too, so that only a verdict can compare it.
    fn record(&self, offset_bytes: u64, raw: &Raw<'_>) -> Item {
        let item = self.item(offset_bytes, ItemKind::TableRecord);
        if !raw.begins_with(b"bmt.swch") {
            return item.unused("no record was written here");
        }
        item.with("batch", raw.u64(32))
            .with("area", raw.u32(40))
            .with("map pages", raw.u32(44))
            .with("live buckets", raw.u64(56))
    }

    /// The map as it lies on disk: what the record in force changes may not be in it yet.
    fn map(&self, geometry: Geometry, salt: u64, emit: Emit<'_>) -> Result<(), IoError> {
        for page in 0..geometry.map_pages {
            let offset_bytes = geometry.map_offset(page);
            let item = self.item(offset_bytes, ItemKind::TableMap).with("index", page);
            let Some(bytes) = read_page(self.file, offset_bytes)? else {
                emit(item.damaged("the file ends before it"));
                continue;
            };
            let raw = Raw(&bytes);
            if !is_whole(&raw, b"bmt.meta", salt) {
                // A record in force may have a good copy of it.
                emit(item.unused("does not check by itself: a crash tore it, or it is damaged"));
                continue;
            }
            let marks = bytes.get(MAP_AT..).unwrap_or_default();
            let live = marks.iter().filter(|mark| **mark & LIVE != 0).count();
            let gone = marks.iter().filter(|mark| **mark == 1).count();
            emit(item.with("live", live as u64).with("tombstones", gone as u64));
            if self.pages {
                self.images(geometry, page, &bytes, emit)?;
            }
        }
        Ok(())
    }

    /// The pages in the live buckets of one page of the map.
    fn images(
        &self,
        geometry: Geometry,
        page: u64,
        map: &Page,
        emit: Emit<'_>,
    ) -> Result<(), IoError> {
        let marks = map.get(MAP_AT..).unwrap_or_default();
        for (mark, bucket) in marks.iter().zip(page * MAP_BYTES..geometry.bucket_count) {
            if mark & LIVE == 0 {
                continue;
            }
            let offset_bytes = geometry.bucket_offset(bucket);
            let item = self.item(offset_bytes, ItemKind::TablePage).with("bucket", bucket);
            let image = read_page(self.file, offset_bytes)?;
            emit(match image.as_ref().map(|image| Raw(image)) {
                Some(raw) if is_whole(&raw, b"bmt.page", IMAGE_SEED) => {
                    item.with("id", raw.array::<32>(32)).with("payload bytes", raw.u32(24))
                }
                Some(_) => item.damaged("the image does not check"),
                None => item.damaged("the file ends before it"),
            });
        }
        Ok(())
    }
}

fn is_whole(raw: &Raw<'_>, magic: &[u8], seed: u64) -> bool {
    raw.begins_with(magic) && raw.u64(8) == raw.checksum(seed, 16, PAGE_SIZE)
}

/// Hands over offset and id of each page that the map on disk says is live, in a table without a record
/// that the map does not have yet.
pub(crate) fn live_images(
    directory: &dyn Directory,
    name: &str,
    mut each: impl FnMut(u64, &[u8; 32]),
) -> Result<(), IoError> {
    let file = directory.open(name)?;
    let Some(header) = read_page(&*file, 0)? else { return Ok(()) };
    let Some(geometry) = Geometry::new(Raw(&header).u32(40)) else { return Ok(()) };
    let salt = Raw(&header).u64(32);
    let reader = TableFile { name, file: &*file, pages: true };
    reader.map(geometry, salt, &mut |item| {
        let id = item.fields.iter().find_map(|(field, value)| match value {
            super::Field::Hash(id) if *field == "id" => Some(id),
            _ => None,
        });
        if let Some(id) = id {
            each(item.offset_bytes, id);
        }
    })
}
