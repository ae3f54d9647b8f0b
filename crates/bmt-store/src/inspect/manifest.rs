//! The manifest's two slots, and the newest valid one; `docs/format/slots.md`, `docs/format/manifest.md`.

use super::raw::{Raw, read_page};
use super::{Emit, Item, ItemKind, ItemState};
use crate::manifest::{BadManifest, FILE, KIND, Manifest};
use bmt_io::{Directory, IoError, PAGE_SIZE};

const MAGIC: &[u8] = b"bmt.slot";
const CHECKSUM_SEED: u64 = 0x736c_6f74_0000_0001;
const PAYLOAD_AT: usize = 48;
const PAYLOAD_BYTES_MAX: usize = 3584;

/// What one slot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotRead {
    pub(crate) offset_bytes: u64,
    /// Sequence and payload, or what is wrong.
    pub(crate) content: Result<(u64, Vec<u8>), String>,
}

/// Both slots of the manifest.
pub(crate) fn read_slots(directory: &dyn Directory) -> Result<[SlotRead; 2], IoError> {
    let file = directory.open(FILE)?;
    let read = |index: u32| -> Result<SlotRead, IoError> {
        let offset_bytes = u64::from(index) * PAGE_SIZE as u64;
        let content = match read_page(&*file, offset_bytes)? {
            Some(page) => slot(&page, index),
            None => Err("the file ends before it".to_owned()),
        };
        Ok(SlotRead { offset_bytes, content })
    };
    Ok([read(0)?, read(1)?])
}

fn slot(page: &[u8], index: u32) -> Result<(u64, Vec<u8>), String> {
    let raw = Raw(page);
    if raw.is_zero() {
        return Err("nothing was written".to_owned());
    }
    if !raw.begins_with(MAGIC) {
        return Err("wrong magic".to_owned());
    }
    let (stored, computed) = (raw.u64(8), raw.checksum(CHECKSUM_SEED, 16, PAGE_SIZE));
    if stored != computed {
        return Err(format!("checksum {stored:#018x} is stored, the bytes have {computed:#018x}"));
    }
    if (raw.u32(16), raw.u32(20)) != (1, 0) {
        return Err(format!("slot version {} with features {:#x}", raw.u32(16), raw.u32(20)));
    }
    if raw.u32(24) != KIND || raw.u32(28) != index {
        return Err(format!("kind {:#x} of slot {} stands here", raw.u32(24), raw.u32(28)));
    }
    let len_bytes = usize::try_from(raw.u32(40)).unwrap_or(usize::MAX);
    let payload = match len_bytes <= PAYLOAD_BYTES_MAX {
        true => page.get(PAYLOAD_AT..PAYLOAD_AT + len_bytes),
        false => None,
    };
    let payload = payload.ok_or_else(|| format!("its length is {len_bytes}"))?;
    Ok((raw.u64(32), payload.to_vec()))
}

/// Tells of both slots; the newest valid manifest.
pub(super) fn inspect(
    directory: &dyn Directory,
    names: &[String],
    emit: Emit<'_>,
) -> Option<Manifest> {
    let item = |offset_bytes, kind| Item::new(FILE, offset_bytes, kind);
    if !names.iter().any(|name| name == FILE) {
        emit(item(0, ItemKind::Manifest).damaged("there is no such file"));
        return None;
    }
    let slots = match read_slots(directory) {
        Ok(slots) => slots,
        Err(error) => {
            emit(item(0, ItemKind::Manifest).unreadable(&error));
            return None;
        }
    };
    for slot in &slots {
        let found = item(slot.offset_bytes, ItemKind::ManifestSlot);
        emit(match &slot.content {
            Ok((sequence, payload)) => {
                let found = found.with("generation", *sequence);
                found.with("bytes", payload.len() as u64)
            }
            Err(reason) => found.damaged(reason),
        });
    }
    let valid = slots.iter().filter_map(|slot| Some((slot, slot.content.as_ref().ok()?)));
    let Some((slot, (generation, payload))) = valid.max_by_key(|(_, content)| content.0) else {
        emit(item(0, ItemKind::Manifest).damaged("neither slot is valid"));
        return None;
    };
    let found = item(slot.offset_bytes, ItemKind::Manifest).with("generation", *generation);
    match Manifest::decode(payload) {
        Ok(manifest) => {
            emit(described(found, &manifest));
            Some(manifest)
        }
        Err(bad) => {
            emit(found.in_state(state_of(&bad)));
            None
        }
    }
}

fn state_of(bad: &BadManifest) -> ItemState {
    match bad {
        BadManifest::Version(found) => ItemState::Unsupported(format!("format version {found}")),
        BadManifest::Features(found) => ItemState::Unsupported(format!("features {found:#x}")),
        BadManifest::Malformed(rule) => ItemState::Damaged(format!("it does not hold that {rule}")),
    }
}

fn described(item: Item, manifest: &Manifest) -> Item {
    let item = item.with("scheme", manifest.scheme).with("log through", manifest.log_through);
    let Some(state) = &manifest.state else {
        return item.with("made", "no");
    };
    let (pages, target) = (state.tree.counts(), &state.table.target);
    let item = item
        .with("position", state.position.sequence)
        .with("pages through", state.pages_through)
        .with("root", state.root)
        .with("keys", state.key_count)
        .with("weight limit", state.weight_max)
        .with("undo head", state.window.head)
        .with("undo bytes", state.window.bytes)
        .with("store generation", state.tree.generation())
        .with("store pages", state.tree.page_count())
        .with("store entries", pages.entries)
        .with("store free pages", pages.free_pages)
        .with("table", target.table)
        .with("table batch", target.batch);
    match &state.table.source {
        Some(source) => item.with("table taken over", source.table),
        None => item,
    }
}
