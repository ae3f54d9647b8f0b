//! Pages of the ordered store; `docs/format/beatree.md`.

use super::raw::{Raw, read_page};
use super::{Emit, Inspector, Item, ItemKind};
use crate::layout::{Part, TREE_FILE, salt_of};
use bmt_beatree::{Tree, TreeError, TreeOptions};
use bmt_io::{File, IoError, PAGE_SIZE};
use std::sync::Arc;

const PAGE_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
const SALT_AT: usize = 16;
/// A verdict reads no leaf.
const CACHE_BYTES: usize = 1 << 20;

pub(super) fn inspect(inspector: &Inspector<'_>, names: &[String], emit: Emit<'_>) {
    let file = Item::new(TREE_FILE, 0, ItemKind::TreeFile);
    if !names.iter().any(|name| name == TREE_FILE) {
        emit(file.damaged("there is no such file"));
        return;
    }
    match inspector.directory.open(TREE_FILE) {
        Ok(open) => {
            if let Err(error) = pages(inspector, &*open, emit) {
                emit(file.unreadable(&error));
            }
        }
        Err(error) => emit(file.unreadable(&error)),
    }
    if inspector.options.verdicts {
        verdict(inspector, emit);
    }
}

/// Whether an opening would accept the index and the free list.
fn verdict(inspector: &Inspector<'_>, emit: Emit<'_>) {
    let item = Item::new(TREE_FILE, 0, ItemKind::TreeVerdict);
    let Some((manifest, state)) = inspector.manifest.and_then(|it| Some((it, it.state.as_ref()?)))
    else {
        emit(item.unused("no manifest names its pages"));
        return;
    };
    let options = TreeOptions {
        file_name: TREE_FILE.to_owned(),
        leaf_cache_bytes: CACHE_BYTES,
        // An opening hashes nothing.
        ..TreeOptions::new(salt_of(manifest.salt, Part::Tree), |_| [0; 32])
    };
    let opened = Tree::open(Arc::clone(inspector.directory), options, &state.tree);
    emit(match opened {
        Ok((_, index)) => {
            let counts = index.meta().counts();
            item.with("leaf pages", counts.leaf_pages)
                .with("branch pages", counts.branch_pages)
                .with("overflow pages", counts.overflow_pages)
                .with("free pages", counts.free_pages)
        }
        Err(TreeError::Io(error)) => item.unreadable(&error),
        Err(error) => item.damaged(error.to_string()),
    });
}

/// Which kinds of page the file has, live or not.
#[derive(Default)]
struct Kinds {
    leaves: u64,
    branches: u64,
    overflow: u64,
    free_list: u64,
    other: u64,
}

fn pages(inspector: &Inspector<'_>, file: &dyn File, emit: Emit<'_>) -> Result<(), IoError> {
    let len_bytes = file.len_bytes()?;
    let item = Item::new(TREE_FILE, 0, ItemKind::TreeFile).with("file bytes", len_bytes);
    let Some(header) = read_page(file, 0)? else {
        emit(item.damaged("it is shorter than a page"));
        return Ok(());
    };
    let raw = Raw(&header);
    let salt = raw.u64(SALT_AT);
    let expected_salt = inspector.manifest.map(|it| salt_of(it.salt, Part::Tree));
    let item = match () {
        () if !raw.begins_with(b"BTHD") => item.damaged("page 0 has another magic"),
        () if raw.u64(8) != checksum(&raw, salt, 0) => item.damaged("page 0 has another checksum"),
        () if expected_salt.is_some_and(|expected| expected != salt) => {
            item.damaged("it is of another database")
        }
        () => item.with("version", raw.u16(4)),
    };
    emit(item);
    if !inspector.options.pages {
        return Ok(());
    }
    let salt = expected_salt.unwrap_or(salt);
    let mut kinds = Kinds::default();
    for page in 1..u32::try_from(len_bytes / PAGE_SIZE as u64).unwrap_or(u32::MAX) {
        let offset_bytes = u64::from(page) * PAGE_SIZE as u64;
        let Some(bytes) = read_page(file, offset_bytes)? else { break };
        emit(described(&Raw(&bytes), salt, page, offset_bytes, &mut kinds));
    }
    let item = Item::new(TREE_FILE, 0, ItemKind::TreePages)
        .with("leaves", kinds.leaves)
        .with("branches", kinds.branches)
        .with("overflow heads", kinds.overflow)
        .with("free lists", kinds.free_list)
        .with("others", kinds.other);
    emit(item);
    Ok(())
}

/// A page by itself: whether something names it is not known.
fn described(raw: &Raw<'_>, salt: u64, page: u32, offset_bytes: u64, kinds: &mut Kinds) -> Item {
    let item = Item::new(TREE_FILE, offset_bytes, ItemKind::TreePage).with("page", page);
    if raw.u64(8) != checksum(raw, salt, page) || raw.is_zero() {
        kinds.other += 1;
        return item.unused("no page by itself: part of a long value, free, or damaged");
    }
    match &raw.array::<4>(0) {
        b"BTLF" => {
            kinds.leaves += 1;
            item.with("kind", "leaf").with("entries", raw.u16(16)).with("used bytes", raw.u16(20))
        }
        b"BTBR" => {
            kinds.branches += 1;
            let item = item.with("kind", "branch").with("children", raw.u16(16));
            item.with("level", raw.u8(19)).with("used bytes", raw.u16(20))
        }
        b"BTOV" => {
            kinds.overflow += 1;
            let item = item.with("kind", "overflow").with("value bytes", raw.u32(16));
            item.with("extents", raw.u16(20))
        }
        b"BTFR" => {
            kinds.free_list += 1;
            item.with("kind", "free list")
        }
        _ => {
            kinds.other += 1;
            item.unused("a page of no known kind")
        }
    }
}

fn checksum(raw: &Raw<'_>, salt: u64, page: u32) -> u64 {
    let place = (u64::from(page) + 1).wrapping_mul(PAGE_FACTOR);
    raw.checksum((salt ^ raw.u64(0)).wrapping_add(place), 16, PAGE_SIZE)
}
